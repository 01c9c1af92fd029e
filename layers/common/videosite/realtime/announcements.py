"""What operators tell people, now or later: who is there, and who comes while it is valid."""

import hashlib
from typing import Any, Literal

from videosite import ids
from videosite.errors import BadInputError, NotFoundError
from videosite.realtime import channels, messages
from videosite.realtime.messages import Level, SystemMessage
from videosite.realtime.notifications import NotificationService
from videosite.store.tables import Announcement
from videosite.store.transactions import applied

Audience = Literal["all", "admins", "user"]

KEY = "announcements"
VALID_S = 24 * 3600
"""Without an end of its own."""
LONGEST_S = 90 * 24 * 3600
"""From now to the end of an announcement."""
KEPT_S = 7 * 24 * 3600
"""In the admins' list, after its end."""


def announce(
    text: str,
    level: Level,
    audience: Audience,
    user_id: str | None,
    starts_at_s: float | None,
    ends_at_s: float | None,
    now_s: float,
    key: str | None = None,
) -> Announcement:
    """Say something from `starts_at_s` (None: now) to `ends_at_s` (None: for a day).

    What starts later is said by housekeeping, within a minute of its time. `key`: with the same one again it
    is said once, and the first is returned.

    Raises:
        BadInputError: `bad_schedule`, `bad_audience`.
        RetryableError: `table_busy`; it is said within a minute all the same.
    """
    starts_at_s = max(now_s, starts_at_s or 0)
    ends_at_s = ends_at_s or starts_at_s + VALID_S
    if not starts_at_s < ends_at_s <= now_s + LONGEST_S:
        raise BadInputError("bad_schedule", "It ends after it starts and after now, within 90 days.")
    if (audience == "user") != (user_id is not None):
        raise BadInputError("bad_audience", "user_id goes with the audience `user`, and only with it.")
    announcement = Announcement(
        KEY,
        _number(key or ids.opaque_id()),
        text=text,
        level=level,
        audience=audience,
        user_id=user_id,
        starts_at_s=starts_at_s,
        ends_at_s=ends_at_s,
        created_at_s=now_s,
        expires_at_s=ends_at_s + KEPT_S,
    )
    if not applied(lambda: announcement.save(condition=Announcement.channel.does_not_exist())):
        announcement = Announcement.get(KEY, announcement.seq, consistent_read=True)
    # What was said long ago is not remembered elsewhere.
    if announcement.starts_at_s <= now_s and not announcement.sent:
        say(announcement, now_s)
    return announcement


def say(announcement: Announcement, now_s: float) -> None:
    """Store it as a message, which takes it to the sockets. May be repeated: it is stored once.

    Raises:
        RetryableError: `table_busy`.
    """
    to = [_channel(announcement)]
    if announcement.audience == "admins":
        to.append(channels.ADMIN_NOTICES)
    NotificationService().notify_system_message(_frame(announcement), to, now_s)
    applied(
        lambda: announcement.update([Announcement.sent.set(True)], condition=Announcement.channel.exists())
    )


def say_due(now_s: float) -> int:
    """Say what has started and was not said; returns how many."""
    due = [one for one in list_all(now_s) if not one.sent and one.starts_at_s <= now_s < one.ends_at_s]
    for announcement in due:
        say(announcement, now_s)
    return len(due)


def list_all(now_s: float) -> list[Announcement]:
    """All of them, to come and past, the newest first."""
    rows = [row for row in Announcement.query(KEY, consistent_read=True) if row.expires_at_s > now_s]
    return sorted(rows, key=lambda row: row.created_at_s, reverse=True)


def withdraw(announcement_id: int) -> None:
    """Say it to nobody any more. Those who heard it keep it in their list.

    Raises:
        NotFoundError: `message_not_found`.
    """
    if not applied(lambda: Announcement(KEY, announcement_id).delete(Announcement.channel.exists())):
        raise NotFoundError("message_not_found", "There is no such system message.")


def valid_frames(now_s: float) -> list[dict[str, Any]]:
    """What sockets of each `channel` are told when they come, the oldest first."""
    return [
        messages.addressed(_frame(one), _channel(one))
        for one in reversed(list_all(now_s))
        if one.starts_at_s <= now_s < one.ends_at_s
    ]


def _number(key: str) -> int:
    """The number of a key, below 2^53 so that JavaScript reads it exactly, and not 0."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 12 or 1


def _channel(announcement: Announcement) -> str:
    if announcement.audience == "user":
        return channels.user_channel(announcement.user_id or "")
    return channels.ADMIN if announcement.audience == "admins" else channels.ALL


def _frame(announcement: Announcement) -> SystemMessage:
    level: Any = announcement.level
    return messages.system_message(
        f"system.{announcement.seq}",
        announcement.text,
        level,
        announcement.starts_at_s,
        announcement.ends_at_s,
    )
