"""What each user has used of their quota."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from videosite.store.tables.base import IntegerAttribute, Table


class Usage(Table):
    """What a user uses: period `now`, and one per calendar month (UTC): `2026-11`."""

    class Meta:
        name = "usage"
        table_name = ""

    user_id = UnicodeAttribute(hash_key=True)
    period = UnicodeAttribute(range_key=True)
    storage_bytes = IntegerAttribute(default=0)
    """Of `now`: announced sizes of the sources of all videos there are."""
    stored_at_s = NumberAttribute(default=0)
    """Of `now`: when that changed."""
    running: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Of `now`: transcodes under way, "{video_id}#{generation}"."""
    transcoded_s = NumberAttribute(default=0)
    """Of a month: seconds of video whose transcode was begun."""
