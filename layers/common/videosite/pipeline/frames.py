"""A frame of the video that its owner chose → poster and thumbnails.

Not one of a job's tasks: it may be asked for at any time, and no failure of it is the video's. The video's
row names the wish that counts; an older one finds another name there and stores nothing.
"""

import time
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action

from videosite.errors import NotFoundError, RetryableError
from videosite.log import logger
from videosite.media.image_command import stills_argv
from videosite.media.images import STILLS, custom_file, image_key
from videosite.media.plan import Plan
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.child import Child
from videosite.pipeline.faults import check_storage
from videosite.pipeline.pictures import make_pictures
from videosite.pipeline.source import if_match, is_there, source_url
from videosite.pipeline.transcode import Delivery
from videosite.pipeline.work import SOURCE_URL_S
from videosite.settings import get_settings, require
from videosite.store import objects, queues
from videosite.store.tables import Job, Video
from videosite.store.transactions import applied

JPEG_TYPE = "image/jpeg"
MAX_ATTEMPTS = 3
RETRY_S = 5


@dataclass(frozen=True)
class _Alone:
    """Somebody waits for it, and no lease has to be kept."""

    urgent: bool = True

    def stays(self, child: Child, at_most_s: float) -> bool:
        return child.wait(at_most_s)


def ask_for_frame(job: Job, frame: int, wish: str) -> None:
    """Have pictures made of a grid frame, under the version `wish`."""
    body = {"video_id": job.video_id, "generation": job.generation, "frame": frame, "wish": wish}
    queues.send(require("urgent_queue_url"), body)


def make_frame(body: dict[str, Any], delivery: Delivery) -> None:
    """Do what a message asks: {"video_id", "generation", "frame", "wish"}. Repeating changes nothing.

    Raises:
        RetryableError: it did not work this time; after the third time the wish is given up.
    """
    wish = body["wish"]
    try:
        video = jobs.load_video(body["video_id"])
    except NotFoundError:
        return
    job = jobs.load(body["video_id"], body["generation"])
    if video.thumbnail_wish != wish or job is None or job.plan is None:
        return
    if delivery.receives > MAX_ATTEMPTS:
        _end(video, wish, [Video.thumbnail_error.set("frame_failed")])
        return
    try:
        pictures = _make(job, Plan.from_dict(job.plan), body["frame"]) if is_there(job) else {}
    except Exception:
        delivery.hide(RETRY_S)
        raise
    if not pictures:
        _end(video, wish, [Video.thumbnail_error.set("source_gone")])
        return
    store_chosen(job.video_id, wish, pictures)
    _end(
        video,
        wish,
        [
            Video.thumbnail_kind.set("frame"),
            Video.thumbnail_version.set(wish),
            Video.thumbnail_error.remove(),
        ],
    )
    logger.info("frame", extra={"video_id": job.video_id, "frame": body["frame"]})


def store_chosen(video_id: int, version: str, pictures: dict[str, bytes]) -> None:
    """Store a version of the pictures, under keys that nobody else writes."""
    for name, data in pictures.items():
        key = image_key(video_id, custom_file(version, name))
        objects.put(get_settings().media_bucket, key, data, JPEG_TYPE)


def _make(job: Job, plan: Plan, frame: int) -> dict[str, bytes]:
    """The very frame; if a seek ends behind it, or it cannot be decoded, the key frame before it."""
    for key_only in (False, True):
        made = make_pictures(
            lambda fds, key_only=key_only: stills_argv(  # type: ignore[misc]
                find_binary("ffmpeg"),
                plan,
                frame,
                key_only,
                source_url(job, SOURCE_URL_S),
                fds,
                headers=if_match(job),
            ),
            list(STILLS),
            _Alone(),
        )
        check_storage(made.stderr_tail)
        if all(made.pictures.get(name) for name in STILLS):
            return made.pictures
    raise RetryableError("frame_failed", "No picture could be made of this frame.")


def _end(video: Video, wish: str, actions: list[Action]) -> None:
    """Say what came of a wish, unless another one is there."""
    applied(
        lambda: video.update(
            actions=[*actions, Video.thumbnail_wish.remove(), Video.updated_at_s.set(time.time())],
            condition=Video.thumbnail_wish == wish,
        )
    )
    sidecars.mark(video.video_id)
