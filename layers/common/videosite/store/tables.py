"""All DynamoDB tables, as PynamoDB models. Nothing else in the project talks to DynamoDB.

| table         | key                                  | holds                                              |
|---------------|--------------------------------------|----------------------------------------------------|
| videos        | video_id                             | what people see; points to generations             |
| jobs          | video_id, item ("job#00001")         | one transcode: job, progress and availability items |
| tasks         | job ("123#1"), task_id               | one range of work                                  |
| users         | user_id                              | accounts; `email#…` rows reserve addresses         |
| sessions      | session_id                           | refresh tokens, by hash                            |
| tickets       | ticket_id                            | one-use keys to open a socket, by hash             |
| connections   | connection_id                        | one open socket                                    |
| subscriptions | channel_shard ("video#1#0"), connection_id | who hears what                               |
| presence      | item                                 | sockets per user and address, and their numbers    |
| messages      | channel, seq                         | stored messages, counters, dedupe items, read marks |
| webhooks      | owner_id, webhook_id                 | addresses that events are posted to                |
| deliveries    | webhook_id, message_id               | one event on its way to one webhook                |

Times are Unix seconds (`_s`) as numbers. Table names are `VIDEOSITE_TABLE_PREFIX` + `Meta.name`.
"""

from __future__ import annotations

import contextlib
import json
from functools import lru_cache
from typing import Any

from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.connection import Connection
from pynamodb.constants import NUMBER
from pynamodb.expressions.operand import Path
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from videosite.settings import get_settings


class IntegerAttribute(Attribute[int]):
    """A whole number. PynamoDB's NumberAttribute is typed float."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return json.dumps(int(value))

    def deserialize(self, value: str) -> int:
        return int(value)


def entry(attribute: MapAttribute[str, Any], key: str) -> Path:
    """The path of one key inside a map attribute, for conditions and updates."""
    path: Any = attribute[key]
    assert isinstance(path, Path)
    return path


class Table(Model):
    """Base of all tables: resolves the table's name from settings on first use, not at import."""

    class Meta:
        name = ""
        table_name = ""

    @classmethod
    def _get_connection(cls) -> Any:
        if cls._connection is None:
            cls.Meta.table_name = get_settings().table_prefix + cls.Meta.name
            table = super()._get_connection()
            with contextlib.suppress(ValueError):  # another model of the same table was first
                shared_connection().add_meta_table(table.get_meta_table())
            table.connection = shared_connection()
        return super()._get_connection()


@lru_cache(maxsize=1)
def shared_connection() -> Connection:
    """One client for all tables and transactions; making one takes 50-90 ms of CPU (measured)."""
    return Connection()


def forget_connections() -> None:
    """Connect anew on next use. For tests, which change where the tables are."""
    shared_connection.cache_clear()
    for model in ALL_MODELS:
        model._connection = None


def transaction() -> TransactWrite:
    """A DynamoDB transaction (at most 100 items); used as a context manager, committed on exit."""
    return TransactWrite(connection=shared_connection())


# --- videos -----------------------------------------------------------------------------------------


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
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()

    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_owner = VideosByOwner()
    by_visibility = VideosByVisibility()
    by_deadline = VideosByDeadline()


# --- jobs: one job, progress and availability item per (video, generation) ---------------------------


class JobsByDeadline(GlobalSecondaryIndex["Job"]):
    """Sparse: jobs that are not finished, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class _JobsTable(Table):
    class Meta:
        name = "jobs"
        table_name = ""

    video_id = IntegerAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


def job_item(generation: int) -> str:
    return f"job#{generation:05d}"


def progress_item(generation: int) -> str:
    return f"progress#{generation:05d}"


def availability_item(generation: int) -> str:
    return f"availability#{generation:05d}"


class Job(_JobsTable):
    """One transcode of one video: the only truth about it."""

    class Meta:
        name = "jobs"
        table_name = ""

    generation = IntegerAttribute()
    run = IntegerAttribute(default=1)
    """Bumped by retry and cancel: every straggler's write is conditional on it and fails."""
    status = UnicodeAttribute(default="accepted")
    """accepted | planned | processing | completed | failed | cancelled"""
    asset_key = UnicodeAttribute()
    owner_id = UnicodeAttribute()
    title = UnicodeAttribute()
    source_key = UnicodeAttribute()
    source_etag = UnicodeAttribute()
    source_size_bytes = IntegerAttribute()
    mended_key = UnicodeAttribute(null=True)
    """A copy of the source whose clock does not jump, if the source's own does."""
    mended_etag = UnicodeAttribute(null=True)
    ladder = UnicodeAttribute(default="standard")
    normalize = BooleanAttribute(default=False)
    plan = JSONAttribute(null=True)
    """`videosite.media.plan.Plan.to_dict()`; written once."""
    ingest_attempts = IntegerAttribute(default=0)
    """Attempts to plan it in this run that did not end in a passing fault."""
    recipe = UnicodeAttribute(null=True)
    """Encoder build and recipe version; another build never continues this job."""
    open_tasks: MapAttribute[str, int] = MapAttribute(default=dict)
    """Tasks not yet done per group: h264 | av1 | audio | image | previews | loudness | subtitles."""
    total_tasks = IntegerAttribute(default=0)
    done_tasks = IntegerAttribute(default=0)
    retries: MapAttribute[str, int] = MapAttribute(default=dict)
    """Group → how many times a retry began it again."""
    published: MapAttribute[str, int] = MapAttribute(default=dict)
    """Codec → bytes including audio, once published."""
    redo: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Ids of tasks done in earlier runs that this run does again, since storage lost their files."""
    publish_anew: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Published codecs among whose files such are."""
    sizes: MapAttribute[str, int] = MapAttribute(default=dict)
    """Rendition → bytes, once published."""
    spent: MapAttribute[str, Any] = MapAttribute(default=dict)
    """Group → {cpu_s, gb_s, usd} of its attempts, once published; "vmaf" grows after that."""
    peaks: MapAttribute[str, int] = MapAttribute(default=dict)
    """Rendition → kbit/s of its largest segment, once published."""
    took_s: MapAttribute[str, float] = MapAttribute(default=dict)
    """Codec → seconds from the start of the tasks to its publication."""
    vmaf: MapAttribute[str, float] = MapAttribute(default=dict)
    """`media.quality.score_key()` of a rendition's segment → its VMAF, as it is measured."""
    loudness: MapAttribute[str, Any] = MapAttribute(default=dict)
    """Audio rendition → `media.loudness.Loudness`, once measured."""
    subtitles: MapAttribute[str, int] = MapAttribute(default=dict)
    """Subtitle track → bytes, of those that have text."""
    has_poster = BooleanAttribute(default=False)
    """Of older jobs, which name no images."""
    images: MapAttribute[str, int] = MapAttribute(default=dict)
    """File, e.g. "poster.jpg" → bytes, of the pictures that are stored."""
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()
    started_at_s = NumberAttribute(null=True)
    """When its tasks were made, later by the time it stood still since."""
    finished_at_s = NumberAttribute(null=True)
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = JobsByDeadline()


class Progress(_JobsTable):
    """Frames encoded so far, per task. Written about once a second by each worker."""

    class Meta:
        name = "jobs"
        table_name = ""

    parts: MapAttribute[str, int] = MapAttribute(default=dict)
    """Task id → grid frames (or AAC frames, or images) done. Each value only grows within a run."""
    run = IntegerAttribute(default=1)
    updated_at_s = NumberAttribute(default=0)


class Availability(_JobsTable):
    """Which segments can be fetched: the only thing a growing playlist needs besides the plan."""

    class Meta:
        name = "jobs"
        table_name = ""

    h264: MapAttribute[str, int] = MapAttribute(default=dict)
    """First segment of a range → segments ready from there. Walk it from "0" for the ready prefix."""
    av1: MapAttribute[str, int] = MapAttribute(default=dict)
    audio: MapAttribute[str, int] = MapAttribute(default=dict)
    codecs: MapAttribute[str, str] = MapAttribute(default=dict)
    """Rendition → its exact RFC 6381 codec string, read from the init segment."""


class Round(_JobsTable):
    """How far housekeeping has come in looking through everything of one kind. `video_id` is 0."""

    class Meta:
        name = "jobs"
        table_name = ""

    after = UnicodeAttribute(null=True)
    """The last one looked at; None at the beginning."""
    not_before_s = NumberAttribute(default=0)


# --- tasks ------------------------------------------------------------------------------------------


class TasksByDeadline(GlobalSecondaryIndex["Task"]):
    """Sparse: queued and running tasks, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class Task(Table):
    """One range of work: segments [first, end) of one group, encoded by one worker."""

    class Meta:
        name = "tasks"
        table_name = ""

    job = UnicodeAttribute(hash_key=True)
    """"{video_id}#{generation}"."""
    task_id = UnicodeAttribute(range_key=True)
    """"{group}#{first:06d}", e.g. "h264#000012": deterministic, so a repeated put is the same task."""
    group = UnicodeAttribute()
    """h264 | av1 | audio | image | previews | loudness | subtitles"""
    first = IntegerAttribute()
    end = IntegerAttribute()
    """Segments [first, end); a split lowers `end` and puts a child at the new end."""
    run = IntegerAttribute()
    status = UnicodeAttribute(default="pending")
    """pending | queued | running | done | failed"""
    urgent = BooleanAttribute(default=False)
    attempt = IntegerAttribute(default=0)
    """Of this run."""
    claims = IntegerAttribute(default=0)
    """How often it was begun at all."""
    lease_owner = UnicodeAttribute(null=True)
    lease_until_s = NumberAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    cpu_s = NumberAttribute(null=True)
    """Of all its attempts, as is `gb_s`; None before the first has ended."""
    wall_s = NumberAttribute(null=True)
    """Of the attempt that finished it."""
    size_bytes = IntegerAttribute(null=True)
    gb_s = NumberAttribute(null=True)
    """Gigabytes of the worker's memory times its seconds: what Lambda bills."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = TasksByDeadline()


# --- accounts ---------------------------------------------------------------------------------------


class User(Table):
    """An account. A second row with key `email#{address}` reserves the address and points here."""

    class Meta:
        name = "users"
        table_name = ""

    user_id = UnicodeAttribute(hash_key=True)
    email = UnicodeAttribute()
    role = UnicodeAttribute(default="viewer")
    """viewer | creator | moderator | admin"""
    password_hash = UnicodeAttribute(null=True)
    target_id = UnicodeAttribute(null=True)
    """On an `email#` row: the user it belongs to."""
    created_at_s = NumberAttribute()


class Session(Table):
    """A refresh token, stored by the SHA-256 of its secret."""

    class Meta:
        name = "sessions"
        table_name = ""

    session_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    expires_at_s = NumberAttribute()


# --- realtime ---------------------------------------------------------------------------------------


class Ticket(Table):
    """Opens one socket, within a minute. Stored by the SHA-256 of its secret."""

    class Meta:
        name = "tickets"
        table_name = ""

    ticket_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    until_s = NumberAttribute()
    """When the access token ends that it was given for."""
    used_by = UnicodeAttribute(null=True)
    """The connection it was used by."""
    expires_at_s = NumberAttribute()


class ConnectionsByDeadline(GlobalSecondaryIndex["SocketConnection"]):
    """Open sockets, by when housekeeping should look at them. `watch` is cut into shards."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class SocketConnection(Table):
    """One open WebSocket."""

    class Meta:
        name = "connections"
        table_name = ""

    connection_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    scope = UnicodeAttribute()
    """user | admin: the address it came in by"""
    channels = UnicodeSetAttribute(null=True)
    """`channel_shard`s it is subscribed to, so that closing needs no search."""
    connected_at_s = NumberAttribute()
    ends_at_s = NumberAttribute(default=0)
    """The end of its token, with grace: from then on it hears nothing and is not listened to."""
    minute = IntegerAttribute(default=0)
    """The minute (Unix time / 60) of its newest message."""
    said = IntegerAttribute(default=0)
    """Messages in that minute."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)
    expires_at_s = NumberAttribute()
    """Time-to-live's, long after housekeeping's turn."""

    by_deadline = ConnectionsByDeadline()


class Subscription(Table):
    """One connection's interest in one channel, in one of the channel's shards."""

    class Meta:
        name = "subscriptions"
        table_name = ""

    channel_shard = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    expires_at_s = NumberAttribute()


class _PresenceTable(Table):
    class Meta:
        name = "presence"
        table_name = ""

    item = UnicodeAttribute(hash_key=True)


class Presence(_PresenceTable):
    """The open sockets of one user by one address: item `{scope}#{user_id}`. Gone with the last of them."""

    class Meta:
        name = "presence"
        table_name = ""

    sockets = UnicodeSetAttribute(null=True)
    """Connection ids."""


class SocketCount(_PresenceTable):
    """One shard of the number of sockets: item `count#{shard}`."""

    class Meta:
        name = "presence"
        table_name = ""

    users = IntegerAttribute(default=0)
    """Distinct users on the user address."""
    user_connections = IntegerAttribute(default=0)
    admin_connections = IntegerAttribute(default=0)


class _MessagesTable(Table):
    class Meta:
        name = "messages"
        table_name = ""

    channel = UnicodeAttribute(hash_key=True)
    seq = IntegerAttribute(range_key=True)


class Message(_MessagesTable):
    """A stored message (seq ≥ 1), a channel's counter (seq 0) or a dedupe item (channel `event#{id}`)."""

    class Meta:
        name = "messages"
        table_name = ""

    kind = UnicodeAttribute()
    """message | counter | event"""
    last_seq = IntegerAttribute(null=True)
    """On a counter: the newest seq given out."""
    event_id = UnicodeAttribute(null=True)
    positions: MapAttribute[str, int] = MapAttribute(default=dict)
    """On a dedupe item: channel → seq of the event's message there."""
    body = JSONAttribute(null=True)
    """On a message: the frame sent to clients."""
    expires_at_s = NumberAttribute(null=True)


class ReadMarks(_MessagesTable):
    """What one user has read: channel `read#{user_id}`, seq 0."""

    class Meta:
        name = "messages"
        table_name = ""

    marks = JSONAttribute(default=dict)
    """Channel → {"upto", "also"}, see `videosite.realtime.marks`."""
    version = IntegerAttribute(default=0)
    """Grows with each change, which is conditional on it."""


class Announcement(_MessagesTable):
    """A system message with its schedule: channel `announcements`, seq its id."""

    class Meta:
        name = "messages"
        table_name = ""

    kind = UnicodeAttribute(default="announcement")
    text = UnicodeAttribute()
    level = UnicodeAttribute()
    """info | warning | error"""
    audience = UnicodeAttribute()
    """all | admins | user"""
    user_id = UnicodeAttribute(null=True)
    """With audience user: who."""
    starts_at_s = NumberAttribute()
    ends_at_s = NumberAttribute()
    sent = BooleanAttribute(default=False)
    """Whether it was stored as a message, at its start."""
    created_at_s = NumberAttribute()
    expires_at_s = NumberAttribute()


# --- webhooks ---------------------------------------------------------------------------------------


class Webhook(Table):
    """An address that events are posted to. Its secret is not stored: see `videosite.webhooks.signing`."""

    class Meta:
        name = "webhooks"
        table_name = ""

    owner_id = UnicodeAttribute(hash_key=True)
    """A user, whose own events it gets; or `global`: everybody's, for admins."""
    webhook_id = UnicodeAttribute(range_key=True)
    url = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    events = UnicodeSetAttribute(null=True)
    """Types of events it gets; None: all."""
    enabled = BooleanAttribute(default=True)
    disabled_reason = UnicodeAttribute(null=True)
    """Why it was switched off by us: failing | gone."""
    failing_since_s = NumberAttribute(null=True)
    """The first attempt that failed since the last that did not."""
    secret_version = IntegerAttribute(default=1)
    rotated_at_s = NumberAttribute(null=True)
    """When the secret was rotated last; the one before it signs too for a day."""
    created_by = UnicodeAttribute()
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()


class DeliveriesByDeadline(GlobalSecondaryIndex["Delivery"]):
    """Sparse: deliveries under way, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class Delivery(Table):
    """One event on its way to one webhook, with what came of each attempt."""

    class Meta:
        name = "deliveries"
        table_name = ""

    webhook_id = UnicodeAttribute(hash_key=True)
    message_id = UnicodeAttribute(range_key=True)
    """The event's, which sorts by time."""
    owner_id = UnicodeAttribute()
    type = UnicodeAttribute()
    body = UnicodeAttribute()
    """JSON, as it is sent and signed."""
    status = UnicodeAttribute(default="pending")
    """pending | delivered | failed"""
    reason = UnicodeAttribute(null=True)
    """Why it failed: attempts_exhausted | webhook_removed | webhook_disabled | owner_removed."""
    tries = IntegerAttribute(default=0)
    """Attempts so far. Every change of the row is conditional on it."""
    first_try = IntegerAttribute(default=0)
    """`tries` when it was asked for last: retries are counted from there."""
    attempts = JSONAttribute(default=list)
    """The newest attempts: {"at_s", "status", "error", "took_ms", "answer"}."""
    next_attempt_at_s = NumberAttribute(null=True)
    created_at_s = NumberAttribute()
    expires_at_s = NumberAttribute()
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = DeliveriesByDeadline()


ALL_TABLES: tuple[type[Table], ...] = (
    Video, Job, Task, User, Session, Ticket, SocketConnection, Subscription, Presence, Message,
    Webhook, Delivery,
)  # fmt: skip
ALL_MODELS: tuple[type[Table], ...] = (
    *ALL_TABLES, Progress, Availability, Round, SocketCount, ReadMarks, Announcement,
)  # fmt: skip
"""With the models that share another one's table."""
