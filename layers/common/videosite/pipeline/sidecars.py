"""The sidecar: a small object beside a video's media, from which its rows can be made again by
`library.rebuild`.

    videos/{video_id}/sidecar.json
    {"version": 1, "video": {…}, "owner": {"user_id", "email", "display_name"},
     "jobs": [{…, "plan": {…}}], "availability": [{…}], "subtitles": [{…}]}

The rows as they are, without what only serves work under way: leases, tasks, progress, deadlines. Whoever
changes one of these rows marks the video; housekeeping writes the objects of marked videos once a minute,
however often each was changed, and compares all of them with their rows once a day. Nobody is given an
address of it: tokens of media open one generation's folder.
"""

import hashlib
import json
import time
from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import JSONAttribute
from pynamodb.exceptions import PynamoDBException

from videosite.log import logger
from videosite.store.tables import Availability, Job, Sidecar, Subtitle, Table, User, Video

VERSION = 1
"""Raised when what is written cannot be read by those who know the older one."""
WATCH = "sidecar"
ITEM = "sidecar"
FILE = "sidecar.json"
MEDIA_TYPE = "application/json"
ONLY_FOR_WORK = frozenset(
    {
        "watch", "look_at_s", "terms", "deleting_since_s", "thumbnail_wish", "waiting", "ingest_attempts",
        "redo", "revision",
    }
)  # fmt: skip
"""Attributes that say nothing once the rows beside them are gone."""


def key(video_id: int) -> str:
    """Where a video's sidecar is in the media bucket."""
    return f"videos/{video_id}/{FILE}"


def mark(video_id: int, now_s: float | None = None) -> None:
    """Have a video's sidecar written soon. Called after the change, so that it is not written before it.

    Never in the way of what was changed: where it fails, the day's round writes the sidecar.
    """
    now_s = time.time() if now_s is None else now_s
    try:
        Sidecar(video_id, ITEM).update(actions=[Sidecar.watch.set(WATCH), Sidecar.look_at_s.set(now_s)])
    except PynamoDBException:
        logger.exception("sidecar not marked", extra={"video_id": video_id})


def describe(video: Video, owner: User | None) -> dict[str, Any]:
    """What a video's sidecar says now."""
    return {
        "version": VERSION,
        "video": to_plain(video),
        "owner": {
            "user_id": video.owner_id,
            "email": owner.email if owner else None,
            "display_name": owner.display_name if owner else None,
        },
        "jobs": _rows(Job, "job#", video.video_id),
        "availability": _rows(Availability, "availability#", video.video_id),
        "subtitles": _rows(Subtitle, "subtitle#", video.video_id),
    }


def _rows(
    model: type[Job] | type[Availability] | type[Subtitle], prefix: str, video_id: int
) -> list[dict[str, Any]]:
    # Not begins_with: see `library.playback.find_asset`.
    rows: Iterable[Table] = model.query(
        video_id, model.item.between(prefix, f"{prefix}~"), consistent_read=True
    )
    return [to_plain(row) for row in rows]


def encode(document: dict[str, Any]) -> bytes:
    """The same bytes for the same document."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    """What tells one content from the next."""
    return hashlib.sha256(data).hexdigest()[:32]


def to_plain(row: Table, leave_out: frozenset[str] = ONLY_FOR_WORK) -> dict[str, Any]:
    """A row as JSON: sets are sorted lists, JSON inside is no text."""
    values: dict[str, Any] = row.to_simple_dict(force=True)
    plain: dict[str, Any] = {}
    for name, attribute in row.get_attributes().items():
        if name in leave_out or values.get(attribute.attr_name) is None:
            continue
        value = values[attribute.attr_name]
        if isinstance(attribute, JSONAttribute):
            value = json.loads(value)
        elif attribute.attr_type in ("SS", "NS"):
            value = sorted(value)
        plain[name] = value
    return plain


def from_plain[Row: Table](model: type[Row], plain: dict[str, Any]) -> Row:
    """A row of a table from its JSON, not stored. What the model does not know is left out: a newer version
    wrote it.

    Raises:
        ValueError, TypeError, KeyError: it is no such row.
    """
    row = model()
    values = {}
    for name, attribute in model.get_attributes().items():
        if name in plain:
            value = plain[name]
            values[name] = json.dumps(value) if isinstance(attribute, JSONAttribute) else value
    row.from_simple_dict(values)
    return row
