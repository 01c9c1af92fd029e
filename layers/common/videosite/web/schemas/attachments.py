"""What hangs on a video or a user besides: subtitles, chosen pictures, avatars."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, Failure, example
from videosite.web.schemas.videos import Thumbnails
from videosite.web.values import Body

SubtitleFormat = Literal["srt", "vtt", "ass", "ssa", "sbv", "ttml"]

_IMAGE = f"https://videos.example.org/m/MTgw….9dfa…/thumbnails/video_{VIDEO_ID}_custom-0199a3"


class Subtitle(BaseModel):
    model_config = example(
        language="zh-Hant",
        label="繁體中文",
        default=True,
        format="srt",
        encoding="big5",
        shift_ms=-250,
        cues=812,
        size_bytes=48211,
        etag="0f3a5c7e9b1d2f4a",
        url=f"https://videos.example.org/m/MTgw….kq3v…/subtitles/video_{VIDEO_ID}_zh-Hant.vtt?v=0f3a5c7e9b1d2f4a",
        url_expires_at=TIME,
        created_at=TIME,
        updated_at=TIME,
    )

    language: str = Field(description="RFC 5646")
    label: str = Field(description="What players show")
    default: bool = Field(description="Shown unasked. At most one track of a video is")
    format: SubtitleFormat = Field(description="Of what was uploaded")
    encoding: str = Field(description="Found out, or named. If the guess was wrong, PATCH it")
    shift_ms: int = Field(description="How much later than in the file its cues are shown")
    cues: int
    size_bytes: int = Field(description="Of what was uploaded")
    etag: str = Field(description="Of the WebVTT")
    url: str = Field(description="The WebVTT, for seven days")
    url_expires_at: datetime
    created_at: datetime
    updated_at: datetime


class SubtitleList(BaseModel):
    subtitles: list[Subtitle] = Field(description="Uploaded ones, by language")


class SubtitleChange(Body):
    """What is left out stays."""

    model_config = example(default=True, shift_ms=-250)

    label: str | None = Field(None, max_length=200)
    default: bool | None = None
    shift_ms: int | None = Field(None, ge=-3_600_000, le=3_600_000, description="From the file's own times")
    encoding: str | None = Field(None, max_length=40, description="Read the file anew, in this encoding")


class Thumbnail(BaseModel):
    model_config = example(
        kind="frame",
        at_s=12.5,
        pending=False,
        error=None,
        poster_url=f"{_IMAGE}-poster.jpg",
        thumbnails={size: f"{_IMAGE}-{size}.jpg" for size in ("small", "medium", "large")},
    )

    kind: Literal["automatic", "upload", "frame"] = Field(description="What is shown")
    at_s: float | None = Field(description="The frame that was chosen last")
    pending: bool = Field(description="Pictures of the chosen frame are being made")
    error: Failure | None = Field(description="Why the chosen frame came to nothing")
    poster_url: str | None
    thumbnails: Thumbnails | None


class FrameChoice(Body):
    at_s: float = Field(ge=0, le=1_000_000, description="Seconds from the video's start", examples=[12.5])


class Avatar(BaseModel):
    model_config = example(
        avatar_url="https://videos.example.org/m/MTgw….77ab…/avatars/q8Zr1N0aXc4Jm2Lp/0199a3.jpg"
    )

    avatar_url: str | None = Field(description="JPEG, 256 × 256")
