"""Sockets and notifications."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, example
from videosite.web.values import Body, Moment


class Ticket(BaseModel):
    """Opens one socket within `expires_in` seconds. The socket lasts as long as the access token that the
    ticket was bought with, and a minute."""

    ticket: str = Field(examples=["8Jt1lq0nYw5Zr1N0aXc4Jm2Lpkq3vT0bC2mYw8Zr1N0"])
    expires_in: int = Field(examples=[60])


class SocketStats(BaseModel):
    model_config = example(
        total_users=2, total_user_connections=3, total_admin_connections=1, total_connections=4
    )

    total_users: int = Field(description="Distinct users on the user address")
    total_user_connections: int
    total_admin_connections: int
    total_connections: int


class ChannelCount(BaseModel):
    channel: str = Field(examples=["user#q8Zr1N0aXc4Jm2Lp"])
    connections: int


class ChannelPage(BaseModel):
    all: int = Field(description="Sockets that hear `all`: every one", examples=[3])
    channels: list[ChannelCount]
    next_cursor: str | None


class Notification(BaseModel):
    """A stored message as it went to the sockets, whose other fields go with its `type`."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "transcode_complete",
                    "id": f"{VIDEO_ID}.1.complete.h264",
                    "video_id": VIDEO_ID,
                    "title": "A day at the sea",
                    "format_type": "h264",
                    "file_size": 73400320,
                    "final": True,
                    "timestamp": TIME,
                    "channel": "user#q8Zr1N0aXc4Jm2Lp",
                    "seq": 7,
                    "read": False,
                }
            ]
        },
    )

    type: Literal["transcode_progress", "transcode_complete", "transcode_failed", "system_message"]
    id: str
    timestamp: datetime
    channel: str
    seq: int
    read: bool


class NotificationPage(BaseModel):
    notifications: list[Notification]
    unread: int = Field(description="Of all, not only of this page")
    next_cursor: str | None


class NotificationIds(Body):
    ids: list[Annotated[str, Field(max_length=200)]] = Field(
        min_length=1, max_length=100, examples=[[f"{VIDEO_ID}.1.complete.h264"]]
    )


class Unread(BaseModel):
    unread: int = Field(examples=[3])


class NewSystemMessage(Body):
    model_config = example(message="Maintenance in ten minutes", level="warning", audience="all")

    message: str = Field(min_length=1, max_length=2000)
    level: Literal["info", "warning", "error"] = "info"
    audience: Literal["all", "admins", "user"] = "all"
    user_id: str | None = Field(None, max_length=100, description="With the audience `user`: who")
    starts_at: Moment | None = Field(None, description="Now if left out")
    expires_at: Moment | None = Field(None, description="A day after the start if left out")


class SystemMessage(BaseModel):
    message_id: int = Field(examples=[VIDEO_ID])
    message: str
    level: Literal["info", "warning", "error"]
    audience: Literal["all", "admins", "user"]
    user_id: str | None
    starts_at: datetime
    expires_at: datetime
    created_at: datetime
    sent: bool


class SystemMessages(BaseModel):
    messages: list[SystemMessage]
