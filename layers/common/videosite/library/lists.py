"""Lists of videos: filtered, sorted, in pages. Each page costs the same however many videos there are.

What a list is read by is an index: one per order for everybody's videos of a visibility and for a user's,
and one each for a status, a category, a language. Tags and words have the index of terms. What else is
filtered by is looked at while reading, at most `MOST_READ` rows per page: a page may be short and still have
a next one.
"""

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any, Literal

from pynamodb.exceptions import QueryError

from videosite import ids
from videosite.errors import BadInputError
from videosite.library import names, terms
from videosite.library.terms import Search
from videosite.store import cursors
from videosite.store.tables import Video

VISIBILITIES = ("private", "unlisted", "public")
WATCHABLE = ("processing", "completed")
"""Statuses that the public list shows, besides that of what was published before."""
MOST_READ = 1000
READ_AT_ONCE = 200
OWNED_AT_ONCE = 20
FETCHED_AT_ONCE = 25

Sort = Literal["newest", "oldest", "title", "duration", "views"]
"""`title` from A, `duration` and `views` with the most first."""

_KEYS = {
    "newest": "video_id",
    "oldest": "video_id",
    "title": "title_key",
    "duration": "duration_s",
    "views": "views",
}
_ASKED = ("owner_id", "status", "visibility", "category", "language")
_SUFFIXES = {"title": "_title", "duration": "_duration", "views": "_views"}
_FORWARD = ("oldest", "title")
_TERM = "term"


@dataclass(frozen=True)
class Wanted:
    """Which videos, in which order. None: any."""

    public_only: bool = False
    """Of all, what anybody may watch."""
    owner_id: str | None = None
    status: str | None = None
    visibility: str | None = None
    category: str | None = None
    language: str | None = None
    tag: str | None = None
    codec: str | None = None
    """h264 | av1, among others perhaps. What is not planned yet has none."""
    text: str | None = None
    """Words, all of which must be in title, tags or description."""
    since_s: float | None = None
    until_s: float | None = None
    """Made in [since_s, until_s), Unix seconds."""
    sort: Sort = "newest"

    def matches(self, video: Video) -> bool:
        """Whether a video is one of them, by what the indexes have of it."""
        first, end = self.span
        return (
            video.status != "deleting"
            and (not self.public_only or _is_watchable(video))
            and all(getattr(self, name) in (None, getattr(video, name)) for name in _ASKED)
            and (self.tag is None or self.tag in (video.tags or ()))
            and self.codec in (None, *(video.video_codecs or ()))
            and first <= video.video_id < end
        )

    @property
    def span(self) -> tuple[int, int]:
        """The ids [first, end) of videos that were made in time."""
        first = 0 if self.since_s is None else ids.video_id(int(self.since_s * 1000), 0)
        end = 2**53 if self.until_s is None else ids.video_id(int(self.until_s * 1000), 0)
        return max(0, first), max(0, min(end, 2**53))

    @property
    def digest(self) -> str:
        """Tells one list from another."""
        return hashlib.blake2b(repr(self).encode(), digest_size=6).hexdigest()

    @property
    def filters(self) -> bool:
        """Whether anything is asked for besides whose."""
        return self != Wanted(self.public_only, self.owner_id, sort=self.sort)


@dataclass(frozen=True)
class Page:
    """`next_cursor`: pass it to get what follows; None at the end."""

    videos: list[Video]
    next_cursor: str | None


@dataclass(frozen=True)
class _Partition:
    """A part of an index that is in order."""

    index: str
    key: str

    @property
    def hash_name(self) -> str:
        index: Any = getattr(Video, self.index)
        return str(index._hash_key_attribute().attr_name)


def find(wanted: Wanted, limit: int, cursor: str | None = None) -> Page:
    """A page of videos.

    Raises:
        BadInputError: `bad_cursor`; `bad_sort`, what is searched for comes newest first.
    """
    after = decode_cursor(cursor, wanted)
    first, end = wanted.span
    if first >= end:
        return Page([], None)
    if wanted.text is not None or (wanted.tag is not None and wanted.sort == "newest"):
        return _search(wanted, limit, after)
    try:
        return _read_indexes(wanted, limit, after)
    except QueryError as error:
        # A place that no row of this list can be at.
        if after and error.cause_response_code == "ValidationException":
            raise cursors.bad_cursor() from error
        raise


def owns_any(owner_id: str) -> bool:
    """Whether somebody has a video: a page may be empty and have a next one."""
    wanted, cursor = Wanted(owner_id=owner_id), None
    while True:
        page = find(wanted, OWNED_AT_ONCE, cursor)
        cursor = page.next_cursor
        if page.videos or cursor is None:
            return bool(page.videos)


def _is_watchable(video: Video) -> bool:
    return video.visibility == "public" and (video.status in WATCHABLE or video.published_generation > 0)


# --- by indexes -------------------------------------------------------------------------------------


def _partitions(wanted: Wanted) -> list[_Partition]:
    """Where to read: the narrowest index there is for the order."""
    suffix = _SUFFIXES.get(wanted.sort, "")
    if wanted.owner_id is not None:
        return [_Partition(f"by_owner{suffix}", wanted.owner_id)]
    visibility = "public" if wanted.public_only else wanted.visibility
    visibilities = (visibility,) if visibility else VISIBILITIES
    if not suffix:
        if wanted.status and not visibility:
            return [_Partition("by_status", wanted.status)]
        for name in ("category", "language"):
            if value := getattr(wanted, name):
                return [_Partition(f"by_{name}", f"{each}#{value}") for each in visibilities]
    return [_Partition(f"by_visibility{suffix}", each) for each in visibilities]


def _read_indexes(wanted: Wanted, limit: int, after: dict[str, Any]) -> Page:
    partitions = _partitions(wanted)
    size = READ_AT_ONCE if wanted.filters or wanted.public_only else limit + 1
    rows = heapq.merge(
        *(_rows(partition, wanted, after.get(partition.key), size) for partition in partitions),
        key=lambda found: found[:2],
        reverse=wanted.sort not in _FORWARD,
    )
    taken: list[int] = []
    for read, (key, video_id, partition, row) in enumerate(rows):
        if len(taken) == limit or read == MOST_READ:
            return Page(_fetch(taken, wanted), encode_cursor(after, wanted))
        after[partition.key] = [key, video_id]
        if wanted.matches(row):
            taken.append(video_id)
    return Page(_fetch(taken, wanted), None)


def _rows(
    partition: _Partition, wanted: Wanted, after: list[Any] | None, size: int
) -> Iterator[tuple[Any, int, _Partition, Video]]:
    name = _KEYS[wanted.sort]
    first, end = wanted.span
    index: Any = getattr(Video, partition.index)
    found = index.query(
        partition.key,
        Video.video_id.between(first, end) if name == "video_id" else None,
        last_evaluated_key=_start_key(partition, name, after) if after else None,
        scan_index_forward=wanted.sort in _FORWARD,
        page_size=size,
    )
    for row in found:
        yield getattr(row, name), row.video_id, partition, row


def _start_key(partition: _Partition, name: str, after: list[Any]) -> dict[str, dict[str, str]]:
    key, video_id = after
    return {
        partition.hash_name: {"S": partition.key},
        name: {"S" if name == "title_key" else "N": str(key)},
        "video_id": {"N": str(video_id)},
    }


def _fetch(video_ids: list[int], wanted: Wanted) -> list[Video]:
    """Whole rows, in order, without what has changed meanwhile so that it is not one of them."""
    found: Mapping[int, Video] = {
        row.video_id: row for row in Video.batch_get(video_ids, consistent_read=True)
    }
    return [found[each] for each in video_ids if each in found and wanted.matches(found[each])]


# --- by terms ---------------------------------------------------------------------------------------


def _search(wanted: Wanted, limit: int, after: dict[str, Any]) -> Page:
    if wanted.sort != "newest":
        raise BadInputError("bad_sort", "What is searched for comes newest first; leave sort out.")
    where = "public" if wanted.public_only else "all"
    where = terms.owner_list(wanted.owner_id) if wanted.owner_id else where
    asked = terms.words(wanted.text or "")
    keys = [terms.word_term(where, word) for word in asked[: terms.MAX_ASKED]]
    if wanted.tag is not None:
        keys.append(terms.tag_term(where, wanted.tag))
    if not keys:
        return Page([], None)
    first, end = wanted.span
    search = Search(keys, min(int(after.get(_TERM, end)), end) - 1)
    taken: list[Video] = []
    for found in batched(search, FETCHED_AT_ONCE):
        for video in _fetch([each for each in found if each >= first], wanted):
            if not set(asked) <= set(terms.words_of(video)):
                continue
            if len(taken) == limit:
                return Page(taken, encode_cursor({_TERM: taken[-1].video_id}, wanted))
            taken.append(video)
        if found[-1] < first:
            return Page(taken, None)
    return Page(taken, None if search.done else encode_cursor({_TERM: search.top + 1}, wanted))


# --- cursors ----------------------------------------------------------------------------------------


def encode_cursor(after: Mapping[str, Any], wanted: Wanted) -> str:
    """Where the next page starts; of no use for another list."""
    return cursors.encode([2, wanted.digest, after])


def decode_cursor(cursor: str | None, wanted: Wanted) -> dict[str, Any]:
    """How far the list was read; nothing without a cursor.

    Raises:
        BadInputError: `bad_cursor`, also for one of another list.
    """
    if cursor is None:
        return {}
    try:
        version, digest, after = cursors.decode(cursor)
        if (version, digest) != (2, wanted.digest):
            raise ValueError
        return {str(key): _place(key, value, wanted) for key, value in after.items()}
    except (ValueError, TypeError, AttributeError):
        raise cursors.bad_cursor() from None


def _place(key: str, value: Any, wanted: Wanted) -> Any:
    if key == _TERM:
        return _video_id(value)
    sort_key, video_id = value
    first, end = wanted.span
    if wanted.sort == "title":
        fits = type(sort_key) is str and 0 < len(sort_key) <= names.TITLE_KEY_CHARS
    elif _KEYS[wanted.sort] == "video_id":
        fits = sort_key == video_id and first <= video_id <= end
    else:
        fits = type(sort_key) in (int, float) and 0 <= sort_key < 2**53
    if not fits:
        raise ValueError
    return [sort_key, _video_id(video_id)]


def _video_id(value: Any) -> int:
    if type(value) is not int or not 0 < value <= 2**53:
        raise ValueError
    return value
