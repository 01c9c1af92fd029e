"""What people see of a video."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from videosite.store.tables.base import IntegerAttribute, Table

FILTERED_BY = (
    "owner_id", "visibility", "status", "category", "language", "tags", "video_codecs",
    "published_generation",
)  # fmt: skip
"""What lists leave videos out by while reading. Rows are fetched whole afterwards: a view that is counted is
not written to every index."""


def filtered_by(key: str) -> IncludeProjection:
    """The projection of an index that has `key` for its hash key."""
    return IncludeProjection([name for name in FILTERED_BY if name != key])


class VideosByOwner(GlobalSecondaryIndex["Video"]):
    """A user's videos, by age (ids grow with time)."""

    class Meta:
        index_name = "by_owner"
        projection = filtered_by("owner_id")

    owner_id = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByOwnerAndTitle(GlobalSecondaryIndex["Video"]):
    """A user's videos, by title."""

    class Meta:
        index_name = "by_owner_title"
        projection = filtered_by("owner_id")

    owner_id = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class VideosByOwnerAndDuration(GlobalSecondaryIndex["Video"]):
    """A user's videos, by duration once planned."""

    class Meta:
        index_name = "by_owner_duration"
        projection = filtered_by("owner_id")

    owner_id = UnicodeAttribute(hash_key=True)
    duration_s = NumberAttribute(range_key=True)


class VideosByOwnerAndViews(GlobalSecondaryIndex["Video"]):
    """A user's videos, by views."""

    class Meta:
        index_name = "by_owner_views"
        projection = filtered_by("owner_id")

    owner_id = UnicodeAttribute(hash_key=True)
    views = IntegerAttribute(range_key=True)


class VideosByVisibility(GlobalSecondaryIndex["Video"]):
    """All videos of one visibility; the staff's lists merge the three, by age (ids grow with time)."""

    class Meta:
        index_name = "by_visibility"
        projection = filtered_by("visibility")

    visibility = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByVisibilityAndTitle(GlobalSecondaryIndex["Video"]):
    """All videos of one visibility; the staff's lists merge the three, by title."""

    class Meta:
        index_name = "by_visibility_title"
        projection = filtered_by("visibility")

    visibility = UnicodeAttribute(hash_key=True)
    title_key = UnicodeAttribute(range_key=True)


class VideosByVisibilityAndDuration(GlobalSecondaryIndex["Video"]):
    """All videos of one visibility, by duration once planned; lists of the staff merge the three."""

    class Meta:
        index_name = "by_visibility_duration"
        projection = filtered_by("visibility")

    visibility = UnicodeAttribute(hash_key=True)
    duration_s = NumberAttribute(range_key=True)


class VideosByVisibilityAndViews(GlobalSecondaryIndex["Video"]):
    """All videos of one visibility; the staff's lists merge the three, by views."""

    class Meta:
        index_name = "by_visibility_views"
        projection = filtered_by("visibility")

    visibility = UnicodeAttribute(hash_key=True)
    views = IntegerAttribute(range_key=True)


class VideosByStatus(GlobalSecondaryIndex["Video"]):
    """All videos of one status, for the staff."""

    class Meta:
        index_name = "by_status"
        projection = filtered_by("status")

    status = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByCategory(GlobalSecondaryIndex["Video"]):
    """Videos of one visibility and category."""

    class Meta:
        index_name = "by_category"
        projection = filtered_by("category_key")

    category_key = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByLanguage(GlobalSecondaryIndex["Video"]):
    """Videos of one visibility and language."""

    class Meta:
        index_name = "by_language"
        projection = filtered_by("language_key")

    language_key = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)


class VideosByShare(GlobalSecondaryIndex["Video"]):
    """Sparse: unlisted videos, by the secret part of the address they are shared by."""

    class Meta:
        index_name = "by_share"
        projection = KeysOnlyProjection()

    share_slug = UnicodeAttribute(hash_key=True)


class VideosByDeadline(GlobalSecondaryIndex["Video"]):
    """Sparse: videos that wait for something, by when housekeeping should look at them."""

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
    title_key = UnicodeAttribute(null=True)
    """What titles are sorted by: `library.names.title_key()`."""
    description = UnicodeAttribute(default="")
    tags: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    category = UnicodeAttribute(null=True)
    """One of `library.names.CATEGORIES`."""
    language = UnicodeAttribute(null=True)
    """BCP 47."""
    category_key = UnicodeAttribute(null=True)
    """"{visibility}#{category}", as `language_key`: what the lists of one are read by."""
    language_key = UnicodeAttribute(null=True)
    terms: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Every term that the index of terms may hold of it; a few more while it is changed."""
    visibility = UnicodeAttribute(default="private")
    """public | unlisted | private"""
    share_slug = UnicodeAttribute(null=True)
    """While it is unlisted: 128 random bits, by which those find it who were given them."""
    rekey_since_s = NumberAttribute(null=True)
    """When its visibility narrowed; until its media have new addresses."""
    views = IntegerAttribute(default=0)
    """A minute behind: see `library.views`."""
    duration_s = NumberAttribute(null=True)
    """Once it was planned."""
    video_codecs: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """h264 | av1 of its newest plan."""
    deleting_since_s = NumberAttribute(null=True)
    in_cdn = BooleanAttribute(null=True)
    """It is being deleted, and the CDN was not told yet to drop what there was of its media."""
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
    by_owner_title = VideosByOwnerAndTitle()
    by_owner_duration = VideosByOwnerAndDuration()
    by_owner_views = VideosByOwnerAndViews()
    by_visibility = VideosByVisibility()
    by_visibility_title = VideosByVisibilityAndTitle()
    by_visibility_duration = VideosByVisibilityAndDuration()
    by_visibility_views = VideosByVisibilityAndViews()
    by_status = VideosByStatus()
    by_category = VideosByCategory()
    by_language = VideosByLanguage()
    by_share = VideosByShare()
    by_deadline = VideosByDeadline()


class Term(Table):
    """One tag or word of one video, in one list: `public#tag#cats`, `owner#ada#word#cat`."""

    class Meta:
        name = "terms"
        table_name = ""

    term = UnicodeAttribute(hash_key=True)
    video_id = IntegerAttribute(range_key=True)
