"""Who watched what, and what the site counts of itself."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from videosite.store.tables.base import ExpiryAttribute, IntegerAttribute, Table


class ViewsByDeadline(GlobalSecondaryIndex["View"]):
    """Sparse: the totals that the rows of their videos do not show yet."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class View(Table):
    """A view that was counted, so that it is counted once: of one viewer, on one day. Or a video's total."""

    class Meta:
        name = "views"
        table_name = ""

    video_id = IntegerAttribute(hash_key=True)
    seen = UnicodeAttribute(range_key=True)
    """"{day}#{viewer}", see `library.views`, or "total"."""
    expires_at_s = ExpiryAttribute(null=True)
    """Of a viewer's."""
    views = IntegerAttribute(null=True)
    """Of the total, as the next two."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = ViewsByDeadline()


class WatchedByTime(GlobalSecondaryIndex["Watched"]):
    """A user's history by when they watched."""

    class Meta:
        index_name = "by_time"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)


class WatchedByVideo(GlobalSecondaryIndex["Watched"]):
    """Everybody who watched a video, for the day it is deleted."""

    class Meta:
        index_name = "by_video"
        projection = KeysOnlyProjection()

    video_id = IntegerAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)


class Watched(Table):
    """How far a user watched a video."""

    class Meta:
        name = "history"
        table_name = ""

    user_id = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)
    position_s = NumberAttribute()
    watched_at_s = NumberAttribute()
    moment = UnicodeAttribute()
    """`watched_at_s` in milliseconds and the video, so that texts sort by time and no two are the same."""

    by_time = WatchedByTime()
    by_video = WatchedByVideo()


class Statistic(Table):
    """How much of something there was in an hour ("h2026-11-30T15") or on a day ("d2026-11-30"), UTC."""

    class Meta:
        name = "statistics"
        table_name = ""

    metric = UnicodeAttribute(hash_key=True)
    """One of `store.statistics.METRICS`."""
    bucket = UnicodeAttribute(range_key=True)
    amount = NumberAttribute(default=0)
    expires_at_s = ExpiryAttribute(null=True)
    """Of hours; days stay."""
