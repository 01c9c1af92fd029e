"""All DynamoDB tables, as PynamoDB models. Nothing else in the project talks to DynamoDB.

| table         | key                                  | holds                                              |
|---------------|--------------------------------------|----------------------------------------------------|
| videos        | video_id                             | what people see; points to generations             |
| jobs          | video_id, item ("job#00001")         | transcodes: job, progress …; subtitles; sidecar    |
| terms         | term, video_id                       | tags and words of videos, by list                  |
| tasks         | job ("123#1"), task_id               | one range of work                                  |
| users         | user_id                              | accounts; `email#…` rows reserve addresses         |
| sessions      | session_id                           | who is signed in where; refresh tokens, by hash    |
| roles         | role                                 | roles that admins made                             |
| links         | link_id                              | one-use keys sent by mail, by hash                 |
| limits        | bucket                               | how much of a limit somebody has used              |
| answers       | answer_id                            | answers to requests with an Idempotency-Key        |
| audit         | month, entry_id                      | who did what                                       |
| tickets       | ticket_id                            | one-use keys to open a socket, by hash             |
| connections   | connection_id                        | one open socket                                    |
| subscriptions | channel_shard ("video#1#0"), connection_id | who hears what                               |
| presence      | item                                 | sockets per user and address, and their numbers    |
| messages      | channel, seq                         | stored messages, counters, dedupe items, read marks |
| webhooks      | owner_id, webhook_id                 | addresses that events are posted to                |
| deliveries    | webhook_id, message_id               | one event on its way to one webhook                |
| usage         | user_id, period                      | what is used of a quota                            |
| views         | video_id, seen                       | counted views of two days                          |
| history       | user_id, video_id                    | how far people watched                             |
| statistics    | metric, bucket                       | counters per hour and day                          |

Times are Unix seconds (`_s`) as numbers. Table names are `VIDEOSITE_TABLE_PREFIX` + `Meta.name`.
"""

from videosite.store.tables.accounts import Link, Role, Session, User
from videosite.store.tables.audit import AuditEntry
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
    Sidecar,
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
from videosite.store.tables.requests import Answer, Limit
from videosite.store.tables.usage import Usage
from videosite.store.tables.videos import Term, Video
from videosite.store.tables.viewing import Statistic, View, Watched
from videosite.store.tables.webhooks import Delivery, Webhook

ALL_TABLES: tuple[type[Table], ...] = (
    Video, Job, Task, User, Session, Ticket, SocketConnection, Subscription, Presence, Message,
    Webhook, Delivery, Link, Role, Limit, Answer, AuditEntry, Term, Usage, View, Watched, Statistic,
)  # fmt: skip

__all__ = [
    "ALL_TABLES",
    "Announcement",
    "Answer",
    "AuditEntry",
    "Availability",
    "Delivery",
    "Job",
    "Limit",
    "Link",
    "Message",
    "Presence",
    "Progress",
    "ReadMarks",
    "Role",
    "Round",
    "Session",
    "Sidecar",
    "SocketConnection",
    "SocketCount",
    "Statistic",
    "Subscription",
    "Subtitle",
    "Table",
    "Task",
    "Term",
    "Ticket",
    "Usage",
    "User",
    "Video",
    "View",
    "Watched",
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
