"""Storyboard and animated preview, out of finished segments of the smallest rendition.

These begin with a key frame each, are upright, SDR and small: nothing of the source is decoded again.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from videosite.errors import RetryableError
from videosite.log import logger
from videosite.media.image_command import preview_argv, sheet_argv
from videosite.media.images import (
    Sheet,
    Storyboard,
    plan_preview,
    plan_storyboard,
    smallest_rendition,
    storyboard_vtt,
)
from videosite.media.plan import Plan
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.pictures import Made, make_pictures
from videosite.pipeline.publish import media_prefix
from videosite.pipeline.stills import JPEG_TYPE, store_pictures
from videosite.pipeline.watch import Watch
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Task

VTT_TYPE = "text/vtt; charset=utf-8"
PARALLEL_READS = 8


def make_previews(job: Job, plan: Plan, task: Task, _url: str, watch: Watch) -> tuple[int, int]:
    """Store the preview, the storyboard's sheets and then its list; (1, bytes).

    Raises:
        RetryableError: `segments_missing`.
    """
    preview = plan_preview(plan)
    made = make_pictures(
        lambda fds: preview_argv(find_binary("ffmpeg"), preview, fds["input"], fds["preview"]),
        ["preview"],
        watch,
        feed=_segments(job, plan, preview.segments),
    )
    stored = store_pictures(job, watch, {"preview.webp": made.pictures.get("preview", b"")}, "image/webp")
    storyboard = plan_storyboard(plan)
    files = {f"sprite_{number:03d}.jpg": sheet for number, sheet in enumerate(storyboard.sheets)}
    for file, sheet in files.items():
        made = _make_sheet(job, plan, storyboard, sheet, watch)
        stored |= store_pictures(job, watch, {file: made.pictures.get("sheet", b"")}, JPEG_TYPE)
    if files.keys() <= stored.keys():
        urls = [f"video_{job.video_id}_{file}?v={job.generation}" for file in files]
        text = storyboard_vtt(plan, storyboard, urls)
        stored |= store_pictures(job, watch, {"storyboard.vtt": text.encode()}, VTT_TYPE)
    logger.info("previews", extra={"video_id": job.video_id, "tiles": storyboard.tiles, "sizes": stored})
    return task.end, sum(stored.values())


def _make_sheet(job: Job, plan: Plan, storyboard: Storyboard, sheet: Sheet, watch: Watch) -> Made:
    return make_pictures(
        lambda fds: sheet_argv(find_binary("ffmpeg"), storyboard, sheet, fds["input"], fds["sheet"]),
        ["sheet"],
        watch,
        feed=_segments(job, plan, sheet.segments),
    )


def _segments(job: Job, plan: Plan, numbers: Iterable[int]) -> Iterator[bytes]:
    """The init segment and then the numbered ones, of the smallest rendition."""
    folder = f"{media_prefix(job)}{smallest_rendition(plan)}"
    keys = [f"{folder}/init.mp4", *(f"{folder}/seg_{number:05d}.m4s" for number in numbers)]
    with ThreadPoolExecutor(PARALLEL_READS) as pool:
        yield from pool.map(_read, keys)


def _read(key: str) -> bytes:
    data = objects.get(get_settings().media_bucket, key)
    if data is None:
        raise RetryableError("segments_missing", f"{key} is not in storage.")
    return data
