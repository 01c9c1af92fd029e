"""All DynamoDB tables, as PynamoDB models. Nothing else in the project talks to DynamoDB.

| table         | key                                  | holds                                              |
|---------------|--------------------------------------|----------------------------------------------------|
| videos        | video_id                             | what people see; points to generations             |
| jobs          | video_id, item ("job#00001")         | a transcode: job, progress, availability; subtitles |
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

from videosite.store.tables.accounts import Session, User
from videosite.store.tables.base import (
    Table,
    entry,
    forget_connections,
    shared_connection,
    transaction,
)
from videosite.store.tables.jobs import (
    Availability,
    Job,
    Progress,
    Round,
    Subtitle,
    Task,
    availability_item,
    job_item,
    progress_item,
    subtitle_item,
)
from videosite.store.tables.realtime import (
    Announcement,
    Message,
    Presence,
    ReadMarks,
    SocketConnection,
    SocketCount,
    Subscription,
    Ticket,
)
from videosite.store.tables.videos import Video
from videosite.store.tables.webhooks import Delivery, Webhook

ALL_TABLES: tuple[type[Table], ...] = (
    Video, Job, Task, User, Session, Ticket, SocketConnection, Subscription, Presence, Message,
    Webhook, Delivery,
)  # fmt: skip

__all__ = [
    "ALL_TABLES",
    "Announcement",
    "Availability",
    "Delivery",
    "Job",
    "Message",
    "Presence",
    "Progress",
    "ReadMarks",
    "Round",
    "Session",
    "SocketConnection",
    "SocketCount",
    "Subscription",
    "Subtitle",
    "Table",
    "Task",
    "Ticket",
    "User",
    "Video",
    "Webhook",
    "availability_item",
    "entry",
    "forget_connections",
    "job_item",
    "progress_item",
    "shared_connection",
    "subtitle_item",
    "transaction",
]
