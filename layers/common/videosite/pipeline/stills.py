"""The poster and its smaller copies: one frame of the source, the best of several."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from videosite.log import logger
from videosite.media.image_command import candidate_argv, parse_candidate, stills_argv
from videosite.media.images import (
    ENOUGH_CANDIDATES,
    GOOD_ENTROPY,
    STILLS,
    candidate_frames,
    image_key,
)
from videosite.media.plan import Plan
from videosite.pipeline import jobs, sidecars
from videosite.pipeline.binaries import find_binary
from videosite.pipeline.faults import check_storage
from videosite.pipeline.pictures import make_pictures
from videosite.pipeline.source import if_match
from videosite.pipeline.watch import Watch
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job, Task, entry

JPEG_TYPE = "image/jpeg"
SHORT_CACHE = "public, max-age=300"
"""Pictures are replaced in place; addresses carry `?v=`, so that caches see it."""
SEARCH_S = 40.0
"""The search for a better frame ends after this, with the best until then."""


@dataclass(frozen=True)
class Candidate:
    """A frame found at grid frame `frame`, or at the key frame before it."""

    entropy: float
    frame: int
    key_only: bool


class _Search:
    """Looks at frames of one source."""

    def __init__(self, job: Job, plan: Plan, url: str, watch: Watch) -> None:
        self._plan = plan
        self._url = url
        self._headers = if_match(job)
        self._watch = watch
        self._until_s = time.monotonic() + SEARCH_S

    def best(self) -> Candidate | None:
        """Among key frames, which cost next to nothing. Where there is one only, or all are dark or flat,
        half as many of the very frames compete too. None if no frame of the source can be decoded."""
        frames = candidate_frames(self._plan)
        found = self._look(frames, key_only=True)
        if len(found) < ENOUGH_CANDIDATES or max(found, key=_entropy).entropy < GOOD_ENTROPY:
            found += self._look(frames[::2], key_only=False)
        if not found:
            found = self._look([0], key_only=False)
        return max(found, key=_entropy, default=None)

    def _look(self, frames: Sequence[int], key_only: bool) -> list[Candidate]:
        """The different ones among the frames that could be decoded."""
        found: dict[str, Candidate] = {}
        for frame in frames:
            if time.monotonic() > self._until_s:
                break
            ffmpeg = find_binary("ffmpeg")
            argv = candidate_argv(ffmpeg, self._plan, frame, key_only, self._url, headers=self._headers)
            made = make_pictures(lambda _, argv=argv: argv, [], self._watch)  # type: ignore[misc]
            check_storage(made.stderr_tail)
            if seen := parse_candidate(made.lines):
                found.setdefault(seen[0], Candidate(seen[1], frame, key_only))
        return list(found.values())


def _entropy(candidate: Candidate) -> float:
    return candidate.entropy


def make_stills(job: Job, plan: Plan, task: Task, url: str, watch: Watch) -> tuple[int, int]:
    """Store the poster and its copies; (1, bytes). A video of which no frame can be shown has
    none.

    Raises:
        RetryableError: `storage_unreadable`.
    """
    search = _Search(job, plan, url, watch)
    chosen = search.best()
    if chosen is None:
        logger.warning("no poster", extra={"video_id": job.video_id})
        return task.end, 0
    made = make_pictures(
        lambda fds: stills_argv(
            find_binary("ffmpeg"), plan, chosen.frame, chosen.key_only, url, fds, headers=if_match(job)
        ),
        list(STILLS),
        watch,
    )
    check_storage(made.stderr_tail)
    sizes = store_pictures(
        job, watch, {f"{name}.jpg": data for name, data in made.pictures.items()}, JPEG_TYPE
    )
    logger.info("stills", extra={"video_id": job.video_id, "frame": chosen.frame, "sizes": sizes})
    return task.end, sum(sizes.values())


def store_pictures(job: Job, watch: Watch, pictures: dict[str, bytes], content_type: str) -> dict[str, int]:
    """Store what is not empty and say so in the job; returns {file: bytes}.

    Raises:
        LostLeaseError: the job was cancelled, retried or deleted.
    """
    watch.check_job()
    sizes = {file: len(data) for file, data in pictures.items() if data}
    for file in sizes:
        key = image_key(job.video_id, file)
        objects.put(get_settings().media_bucket, key, pictures[file], content_type, SHORT_CACHE)
    if sizes:
        jobs.update(job, [entry(Job.images, file).set(size) for file, size in sizes.items()])
        sidecars.mark(job.video_id)
    return sizes
