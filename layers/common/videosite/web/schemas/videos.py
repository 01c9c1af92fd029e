"""Videos and their uploads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, Failure, Status, example

Visibility = Literal["private", "unlisted", "public"]
Ladder = Literal["standard", "h264-only", "av1-only", "fast"]
"""The ladders of `media/ladders.toml`."""


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
    model_config = example(
        video_id=VIDEO_ID,
        title="A day at the sea",
        description="",
        visibility="public",
        status="processing",
        progress=45,
        owner_id="q8Zr1N0aXc4Jm2Lp",
        created_at=TIME,
        updated_at=TIME,
        duration_s=60.0,
        playback={
            "hls": f"https://videos.example.org/m/MTgw….kq3v…/videos/{VIDEO_ID}/0af1…/master.m3u8",
            "dash": f"https://videos.example.org/m/MTgw….kq3v…/videos/{VIDEO_ID}/0af1…/manifest.mpd",
            "token_expires_at": TIME,
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
