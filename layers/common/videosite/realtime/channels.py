"""Channels: what a message is addressed to, and who may hear it.

| name         | who hears it                                                          |
|--------------|-----------------------------------------------------------------------|
| `user#{id}`  | that user's sockets                                                   |
| `admin`      | sockets that came in by the admin address                             |
| `all`        | every socket                                                          |
| `video#{id}` | sockets that subscribed: its owner's, and of those who may read any   |
| `notice#admins` | no socket: what operators tell admins, for their lists of notifications |

Subscriptions are stored by shard (`all#7`, `video#123#0`), so that a channel everybody is in is no
single partition.
"""

from zlib import crc32

from videosite.accounts.permissions import has_permission, has_permission_now
from videosite.store.tables import Video

ALL = "all"
ADMIN = "admin"
ALL_SHARDS = 16

ADMIN_NOTICES = "notice#admins"
"""Beside `admin`, which has everybody's transcodes too."""

SCOPES = ("user", "admin")
"""The addresses a socket may come in by."""

OTHERS = frozenset({"sockets.admin", "videos.read_any"})
"""Permissions by which a socket hears what is others'."""


def may_use(scope: str, role: str) -> bool:
    """Whether somebody of a role may come in by an address."""
    return scope != "admin" or has_permission_now(role, "sockets.admin")


def user_channel(user_id: str) -> str:
    """Everything that concerns one user."""
    return f"user#{user_id}"


def video_channel(video_id: int) -> str:
    """One video's transcode."""
    return f"video#{video_id}"


def video_of(channel: str) -> int | None:
    """The video a channel is about; None for other channels."""
    kind, _, number = channel.partition("#")
    return int(number) if kind == "video" else None


def user_of(channel: str) -> str | None:
    """The user a channel is about; None for other channels."""
    kind, _, user_id = channel.partition("#")
    return user_id if kind == "user" else None


def home_channels(scope: str, user_id: str) -> tuple[str, ...]:
    """What a socket hears without asking."""
    return (ADMIN, ALL) if scope == "admin" else (user_channel(user_id), ALL)


def transcode_channels(video_id: int, owner_id: str) -> tuple[str, ...]:
    """Where news of a video's transcode goes, the most specific first."""
    return (video_channel(video_id), user_channel(owner_id), ADMIN)


def notice_channels(user_id: str, role: str) -> tuple[str, ...]:
    """Whose stored messages are a user's notifications."""
    own = (user_channel(user_id), ALL)
    return (*own, ADMIN_NOTICES) if has_permission(role, "sockets.admin") else own


def shards(channel: str) -> tuple[str, ...]:
    """All keys under which a channel's subscriptions are stored."""
    return tuple(f"{channel}#{number}" for number in range(_shard_count(channel)))


def shard(channel: str, connection_id: str) -> str:
    """The key under which one connection's subscription is stored; always the same one."""
    return f"{channel}#{crc32(connection_id.encode()) % _shard_count(channel)}"


def _shard_count(channel: str) -> int:
    return ALL_SHARDS if channel == ALL else 1


def may_subscribe(video: Video, user_id: str, role: str) -> bool:
    """Whether a user may hear a video's channel: who may read its transcode status."""
    if video.status == "deleting":
        return False
    return video.owner_id == user_id or may_subscribe_to_any(role)


def may_subscribe_to_any(role: str) -> bool:
    """Whether somebody of a role may hear any video's channel."""
    return has_permission_now(role, "videos.read_any")
