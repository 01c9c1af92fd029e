"""What people see of a video."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from videosite.store.tables.base import IntegerAttribute, Table


class VideosByOwner(GlobalSecondaryIndex["Video"]):
    """A user's videos, newest first (ids grow with time)."""

    class Meta:
        index_name = "by_owner"
        projection = AllProjection()

    owner_id = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByVisibility(GlobalSecondaryIndex["Video"]):
    """All videos of one visibility, newest first. The admin list merges the three."""

    class Meta:
        index_name = "by_visibility"
        projection = AllProjection()

    visibility = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByDeadline(GlobalSecondaryIndex["Video"]):
    """Sparse: videos whose upload has not arrived, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class Video(Table):
    """What people see. `status` changes only in the transaction that changes the job."""

    class Meta:
        name = "videos"
        table_name = ""

    video_id = IntegerAttribute(hash_key=True)
    owner_id = UnicodeAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    visibility = UnicodeAttribute(default="private")
    """public | unlisted | private"""
    status = UnicodeAttribute(default="pending")
    """pending | processing | completed | failed | cancelled | deleting"""
    active_generation = IntegerAttribute(default=0)
    """The newest job; 0 before the first."""
    published_generation = IntegerAttribute(default=0)
    """The job whose media is played; 0 while none is."""
    source_key = UnicodeAttribute()
    """Key of the upload in the uploads bucket: uploads/{video_id}/source.{ext}."""
    source_size_bytes = IntegerAttribute(default=0)
    """What the client said it will upload."""
    ladder = UnicodeAttribute(default="standard")
    """Which of `media/ladders.toml` its next job uses."""
    normalize = BooleanAttribute(default=False)
    """Whether its next job brings the sound to −16 LUFS."""
    upload_id = UnicodeAttribute(null=True)
    """S3 multipart upload id while one is open."""
    thumbnail_kind = UnicodeAttribute(null=True)
    """upload | frame: what the pictures are that were chosen for it; None: the automatic ones."""
    thumbnail_version = UnicodeAttribute(null=True)
    """Part of their keys."""
    thumbnail_at_s = NumberAttribute(null=True)
    """Where a chosen frame is."""
    thumbnail_wish = UnicodeAttribute(null=True)
    """Version of the pictures that are being made of a frame."""
    thumbnail_error = UnicodeAttribute(null=True)
    """Code of why the last wish came to nothing."""
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()

    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_owner = VideosByOwner()
    by_visibility = VideosByVisibility()
    by_deadline = VideosByDeadline()
