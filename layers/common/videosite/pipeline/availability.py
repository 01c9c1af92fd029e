"""Which segments are ready: small, only growing, and all that a growing playlist needs."""

from collections.abc import Mapping

from videosite.store.tables import Availability, Job, availability_item, entry
from videosite.store.transactions import applied


def ready_prefix(runs: Mapping[str, int]) -> int:
    """Number of segments ready from 0 without a gap.

    `runs` maps the first segment of a run (as a string) to the segments ready from there. Runs may
    overlap: after a crash, a later worker can stop short of what an earlier one reported.

    >>> ready_prefix({"0": 2, "2": 3, "9": 1})
    5
    """
    ready = 0
    for first, count in sorted((int(first), count) for first, count in runs.items()):
        if first > ready:
            break
        ready = max(ready, first + count)
    return ready


def report_ready(job: Job, group: str, first: int, count: int) -> None:
    """Say that `count` segments from `first` can be fetched; a smaller count than known is ignored."""
    path = entry(getattr(Availability, group), str(first))
    applied(
        lambda: Availability(job.video_id, availability_item(job.generation)).update(
            actions=[path.set(count)], condition=path.does_not_exist() | (path < count)
        )
    )


def report_codec(job: Job, rendition: str, codec: str) -> None:
    """Record a rendition's exact RFC 6381 codec string, from its init segment."""
    path = entry(Availability.codecs, rendition)
    applied(
        lambda: Availability(job.video_id, availability_item(job.generation)).update(
            actions=[path.set(codec)], condition=path.does_not_exist()
        )
    )
