"""What goes over the wire: the request and response bodies, as OpenAPI describes them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

VIDEO_ID = 1_420_070_400_001
_TIME = "2026-03-01T10:30:00Z"

Visibility = Literal["private", "unlisted", "public"]
Ladder = Literal["standard", "h264-only", "av1-only", "fast"]
"""The ladders of `media/ladders.toml`."""
Role = Literal["viewer", "creator", "moderator", "admin"]
Status = Literal["pending", "processing", "completed", "failed", "cancelled", "deleting"]
Email = Annotated[str, Field(max_length=300, examples=["ada@example.org"])]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


# --- accounts ---------------------------------------------------------------------------------------


class Login(BaseModel):
    email: Email
    password: str = Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])


class Refresh(BaseModel):
    refresh_token: str = Field(min_length=1, max_length=1024, examples=["kq3vT0bC2mYw8Zr1N0aXc4Jm2Lp"])


class Tokens(BaseModel):
    """`access_token` goes into `Authorization: Bearer …` for `expires_in` seconds; `refresh_token` buys one
    new pair."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsImtpZCI6IjRhMzI1NzU5MzUwNiJ9.eyJpc3…"])
    refresh_token: str = Field(examples=["kq3vT0bC2mYw8Zr1N0aXc4Jm2Lp"])
    expires_in: int = Field(examples=[900])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105


class NewUser(BaseModel):
    email: Email
    password: str = Field(min_length=8, max_length=1024, examples=["correct horse battery staple"])
    role: Role = "viewer"


class User(BaseModel):
    model_config = _example(
        user_id="q8Zr1N0aXc4Jm2Lp", email="ada@example.org", role="creator", created_at=_TIME
    )

    user_id: str
    email: str
    role: Role
    created_at: datetime


# --- videos -----------------------------------------------------------------------------------------


class Failure(BaseModel):
    """Why something did not work: a stable code and a sentence."""

    code: str = Field(examples=["no_video"])
    message: str = Field(examples=["The file has no video, only sound."])


class Playback(BaseModel):
    """Addresses for players. They work until `token_expires_at`; ask for the video again before."""

    hls: str
    dash: str
    token_expires_at: datetime


class Thumbnails(BaseModel):
    """JPEGs of the poster's frame, at most so many pixels on the long side, never enlarged."""

    small: str = Field(description="320")
    medium: str = Field(description="640")
    large: str = Field(description="960")


_IMAGE = f"https://videos.example.org/m/MTgw….9dfa…/thumbnails/video_{VIDEO_ID}_"


class Video(BaseModel):
    model_config = _example(
        video_id=VIDEO_ID,
        title="A day at the sea",
        description="",
        visibility="public",
        status="processing",
        progress=45,
        owner_id="q8Zr1N0aXc4Jm2Lp",
        created_at=_TIME,
        updated_at=_TIME,
        duration_s=60.0,
        playback={
            "hls": f"https://videos.example.org/m/MTgw….kq3v…/videos/{VIDEO_ID}/0af1…/master.m3u8",
            "dash": f"https://videos.example.org/m/MTgw….kq3v…/videos/{VIDEO_ID}/0af1…/manifest.mpd",
            "token_expires_at": _TIME,
        },
        poster_url=f"{_IMAGE}poster.jpg?v=1",
        thumbnails={size: f"{_IMAGE}{size}.jpg?v=1" for size in ("small", "medium", "large")},
        storyboard_url=f"{_IMAGE}storyboard.vtt?v=1",
        preview_url=f"{_IMAGE}preview.webp?v=1",
        error=None,
    )

    video_id: int
    title: str
    description: str
    visibility: Visibility
    status: Status
    progress: int = Field(ge=0, le=100, description="Percent of the transcode")
    owner_id: str
    created_at: datetime
    updated_at: datetime
    duration_s: float | None
    playback: Playback | None = Field(description="There as soon as the first seconds can be played")
    poster_url: str | None = Field(description="JPEG, at most 1,280 pixels on its long side")
    thumbnails: Thumbnails | None
    storyboard_url: str | None = Field(description="WebVTT of pictures for the seek bar (`#xywh=`)")
    preview_url: str | None = Field(description="Animated WebP of about 4 s, without sound")
    error: Failure | None


class VideoPage(BaseModel):
    videos: list[Video]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end")


class NewVideo(BaseModel):
    title: str | None = Field(None, max_length=1000, description="Without it, the file's name is used")
    filename: str = Field(max_length=1024, examples=["sea.mp4"])
    size_bytes: int = Field(ge=0, description="Exact size of the file", examples=[734003200])
    visibility: Visibility = "private"
    ladder: Ladder = Field("standard", description="Which renditions are made")
    normalize: bool = Field(
        False,
        description="Bring each audio track to −16 LUFS, true peaks below −1 dBTP. The first play then waits "
        "for the sound to be measured",
    )


class Part(BaseModel):
    """PUT the bytes of part `number` to `url`; the answer's ETag header goes into "complete"."""

    number: int
    url: str


class FormUpload(BaseModel):
    """POST `fields` and then `file` as multipart/form-data to `url`."""

    kind: Literal["post"] = "post"
    key: str
    url: str
    fields: dict[str, str]


class PartsUpload(BaseModel):
    """PUT each part of `part_size_bytes` (the last one shorter) to its address. The first addresses are
    here, the others come from `upload/parts`."""

    kind: Literal["multipart"] = "multipart"
    key: str
    upload_id: str
    part_size_bytes: int
    part_count: int
    parts: list[Part]


class VideoCreated(BaseModel):
    video: Video
    upload: Annotated[FormUpload | PartsUpload, Field(discriminator="kind")]


class PartNumbers(BaseModel):
    numbers: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        min_length=1, max_length=100, examples=[[101, 102, 103]]
    )


class PartPage(BaseModel):
    parts: list[Part]


class UploadedPart(BaseModel):
    number: int = Field(ge=1, le=10_000)
    etag: str = Field(max_length=128, examples=['"d41d8cd98f00b204e9800998ecf8427e"'])


class UploadCompleted(BaseModel):
    parts: list[UploadedPart] = Field([], max_length=10_000, description="Empty for a form upload")


# --- transcode --------------------------------------------------------------------------------------


class Vmaf(BaseModel):
    """Of a few segments spread over the video, against the source at the rendition's size."""

    mean: float = Field(examples=[94.2])
    worst: float = Field(description="Of the worst segment", examples=[91.7])
    worst_at_s: float = Field(description="Where the worst segment begins", examples=[42.0])
    samples: int = Field(description="Segments measured", examples=[5])
    planned: int = Field(description="Segments to be measured", examples=[5])
    floor: int = Field(description="What the mean should not be under", examples=[76])
    below_floor: bool = Field(description="The mean is under the floor, or the worst by more than 15")


class RenditionStatus(BaseModel):
    name: str = Field(examples=["h264-720p"])
    codec: str = Field(examples=["h264"])
    resolution: str = Field(examples=["1280x720"])
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100)
    attempts: int = Field(description="1, and one for each retry that found it unfinished")
    error: Failure | None
    speed: float | None = Field(description="Times realtime, over all workers", examples=[3.2])
    eta_s: float | None
    vmaf: float | None = Field(
        description="Mean of the sampled segments, measured after the codec is published", examples=[94.6]
    )
    vmaf_detail: Vmaf | None = None
    bitrate_kbps: int | None = Field(description="On average", examples=[1875])
    peak_kbps: int | None = Field(description="Of the largest segment", examples=[2750])
    size_bytes: int | None
    cost_usd: float | None


class Loudness(BaseModel):
    """EBU R128, of what the source has; the stereo rendition of a 5.1 track is measured as a mix."""

    integrated_lufs: float = Field(examples=[-23.1])
    true_peak_dbtp: float = Field(examples=[-2.4])
    range_lu: float = Field(examples=[7.5])
    gain_db: float = Field(description="What was added to it; 0 unless normalising was asked for")


class AudioStatus(BaseModel):
    name: str = Field(examples=["aac-stereo"])
    language: str = Field(description='RFC 5646, or "und"', examples=["de"])
    label: str = Field(examples=["Deutsch"])
    channels: int = Field(examples=[2])
    size_bytes: int | None
    loudness: Loudness | None = Field(description="Null until measured, and for silence")


class SubtitleStatus(BaseModel):
    name: str = Field(examples=["subtitles-1"])
    language: str = Field(examples=["en"])
    label: str = Field(examples=["English"])
    forced: bool
    size_bytes: int


class Cost(BaseModel):
    """Of all attempts, failed ones too, once a codec is published or the transcode has ended. Dollars:
    Lambda's price for `gb_s`."""

    cpu_s: float = Field(description="CPU seconds of FFmpeg")
    gb_s: float = Field(description="Gigabytes of memory times seconds of the workers")
    usd: float
    usd_per_minute: float = Field(description="Dollars per minute of video", examples=[0.0021])


class TranscodeStatus(BaseModel):
    video_id: int = Field(examples=[VIDEO_ID])
    status: Status
    progress: int = Field(ge=0, le=100)
    message: str = Field(examples=["Transcoding"])
    error: Failure | None
    generation: int
    renditions: list[RenditionStatus]
    audio: list[AudioStatus] = Field(description="The default track first")
    subtitles: list[SubtitleStatus] = Field(description="Those of the file that are text")
    cost: Cost | None
    updated_at: datetime


# --- sockets and notifications ----------------------------------------------------------------------


class Ticket(BaseModel):
    """Opens one socket within `expires_in` seconds. The socket lasts as long as the access token that the
    ticket was bought with, and a minute."""

    ticket: str = Field(examples=["8Jt1lq0nYw5Zr1N0aXc4Jm2Lpkq3vT0bC2mYw8Zr1N0"])
    expires_in: int = Field(examples=[60])


class SocketStats(BaseModel):
    model_config = _example(
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
    all: int = Field(description="Sockets that hear `all`: every one")
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
                    "timestamp": _TIME,
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


class NotificationIds(BaseModel):
    ids: list[Annotated[str, Field(max_length=200)]] = Field(min_length=1, max_length=100)


class Unread(BaseModel):
    unread: int


class NewSystemMessage(BaseModel):
    model_config = _example(message="Maintenance in ten minutes", level="warning", audience="all")

    message: str = Field(min_length=1, max_length=2000)
    level: Literal["info", "warning", "error"] = "info"
    audience: Literal["all", "admins", "user"] = "all"
    user_id: str | None = Field(None, max_length=100, description="With the audience `user`: who")
    starts_at: AwareDatetime | None = Field(None, description="Now if left out")
    expires_at: AwareDatetime | None = Field(None, description="A day after the start if left out")


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


# --- webhooks ---------------------------------------------------------------------------------------

WebhookEvent = Literal["transcode_complete", "transcode_failed", "transcode_cancelled", "system_message"]
"""As `webhooks.events.TYPES`."""
_WEBHOOK_URL = "https://hooks.example.org/videosite"


class NewWebhook(BaseModel):
    url: str = Field(
        min_length=1,
        max_length=2000,
        description="Begins with https:// and leads to a public address",
        examples=[_WEBHOOK_URL],
    )
    events: list[WebhookEvent] | None = Field(
        None, min_length=1, max_length=20, description="Which kinds; all if left out"
    )
    description: str = Field("", max_length=200)


class WebhookChange(BaseModel):
    """What is left out stays."""

    url: str | None = Field(None, min_length=1, max_length=2000, examples=[_WEBHOOK_URL])
    events: list[WebhookEvent] | None = Field(None, max_length=20, description="An empty list: all")
    description: str | None = Field(None, max_length=200)
    enabled: bool | None = None


class Webhook(BaseModel):
    webhook_id: str = Field(examples=["wh_q8Zr1N0aXc4Jm2Lp"])
    scope: Literal["own", "global"]
    url: str = Field(examples=[_WEBHOOK_URL])
    description: str
    events: list[WebhookEvent] | None = Field(description="Null: all")
    enabled: bool
    disabled_reason: Literal["failing", "gone"] | None = Field(
        description="Why it was switched off by us: it accepted nothing for three days, or answered 410"
    )
    failing_since: datetime | None = Field(description="The first failure since the last success")
    secret_rotated_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class Webhooks(BaseModel):
    webhooks: list[Webhook]


class WebhookSecret(BaseModel):
    secret: str = Field(
        description="Shown only here. For any Standard Webhooks library",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0000000000A="],
    )


class WebhookWithSecret(Webhook, WebhookSecret):
    pass


class DeliveryAttempt(BaseModel):
    at: datetime
    status: int | None = Field(description="HTTP status of the answer")
    error: str | None = Field(
        description="Why there was none: `bad_url`, `blocked_address`, `timeout`, `tls_failed`, "
        "`connection_failed`, `bad_answer`"
    )
    took_ms: int
    answer: str = Field(description="The beginning of the answer's body")


class Delivery(BaseModel):
    message_id: str = Field(description="The `webhook-id` it is posted under", examples=["msg_69a412f8…"])
    type: Literal[WebhookEvent, "webhook_test"]
    status: Literal["pending", "delivered", "failed"]
    reason: str | None = Field(
        description="Why it failed: `attempts_exhausted`, `webhook_disabled`, `webhook_removed`, "
        "`owner_removed`, `forbidden`"
    )
    attempts: list[DeliveryAttempt] = Field(description="The last ten")
    next_attempt_at: datetime | None
    created_at: datetime


class DeliveryWithBody(Delivery):
    body: str = Field(description="JSON, exactly as it is posted and signed")


class DeliveryPage(BaseModel):
    deliveries: list[Delivery]
    next_cursor: str | None


class ReplayFailed(BaseModel):
    since: AwareDatetime = Field(examples=[_TIME])


class Replayed(BaseModel):
    replayed: int
    more: bool


# --- the rest ---------------------------------------------------------------------------------------


class EventsTaken(BaseModel):
    taken: int = Field(description="Created uploads among the events", examples=[1])


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    stage: str = Field(examples=["prod"])


class FieldProblem(BaseModel):
    field: str = Field(examples=["body.title"])
    message: str


class Problem(BaseModel):
    """RFC 9457."""

    model_config = _example(
        type="urn:videosite:problem:video_not_found",
        title="Not Found",
        status=404,
        detail="There is no such video.",
        code="video_not_found",
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; decide by it")
    errors: list[FieldProblem] | None = None
