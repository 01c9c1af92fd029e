"""Videos and their uploads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, Failure, Status, example
from videosite.web.values import Body

Visibility = Literal["private", "unlisted", "public"]
Ladder = Literal["standard", "h264-only", "av1-only", "fast"]
"""The ladders of `media/ladders.toml`."""


Category = Literal[
    "animals", "arts", "comedy", "education", "entertainment", "film", "food", "gaming", "howto", "kids",
    "music", "news", "people", "politics", "science", "sports", "technology", "travel", "vehicles", "other",
]  # fmt: skip
"""`library.names.CATEGORIES`."""
Title = Annotated[str, Field(max_length=1000, examples=["A day at the sea"])]
Description = Annotated[str, Field(max_length=10_000, examples=["Waves, sand and gulls."])]
Tags = Annotated[
    list[Annotated[str, Field(max_length=200)]],
    Field(
        max_length=100, description="At most 20 of 50 characters, kept in lower case", examples=[["beach"]]
    ),
]
Language = Annotated[str, Field(max_length=50, description="BCP 47", examples=["en", "pt-BR", "zh-Hans"])]


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
        tags=["beach", "summer"],
        category="travel",
        language="en",
        visibility="public",
        share_slug=None,
        views=1204,
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
    tags: list[str]
    category: Category | None
    language: str | None = Field(description="BCP 47")
    visibility: Visibility
    share_slug: str | None = Field(
        description="Of unlisted ones: who has it sees the video at `videos/shared/{slug}`"
    )
    views: int
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


class NewVideo(Body):
    title: str | None = Field(None, max_length=1000, description="Without it, the file's name is used")
    filename: str = Field(max_length=1024, examples=["sea.mp4"])
    size_bytes: int = Field(ge=0, description="Exact size of the file", examples=[734003200])
    description: Description = ""
    tags: Tags = Field(default_factory=list)
    category: Category | None = None
    language: Language | None = None
    visibility: Visibility = "private"
    ladder: Ladder = Field("standard", description="Which renditions are made")
    normalize: bool = Field(
        False,
        description="Bring each audio track to −16 LUFS, true peaks below −1 dBTP. The first play then waits "
        "for the sound to be measured",
    )


class VideoChange(Body):
    """What is left out stays. An empty category or language is taken away."""

    model_config = example(title="A day at the sea", tags=["beach"], visibility="unlisted")

    title: Title | None = None
    description: Description | None = None
    tags: Tags | None = None
    category: Category | Literal[""] | None = Field(None, description="Empty: none any more")
    language: Language | Literal[""] | None = Field(None, description="Empty: none any more")
    visibility: Visibility | None = Field(
        None,
        description="Narrower than before, all addresses to play it die within minutes, once a transcode "
        "under way has ended. Those of pictures and of uploaded subtitles work for up to seven days, those "
        "to save the source for an hour. An unlisted video gets a new `share_slug` each time",
    )


class Download(BaseModel):
    model_config = example(
        url="https://storage.example.org/uploads/…/source.mp4?X-Amz-Signature=…", expires_at=TIME
    )

    url: str
    expires_at: datetime


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


class PartNumbers(Body):
    numbers: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(
        min_length=1, max_length=100, examples=[[101, 102, 103]]
    )


class PartPage(BaseModel):
    parts: list[Part]


class UploadedPart(Body):
    number: int = Field(ge=1, le=10_000)
    etag: str = Field(max_length=128, examples=['"d41d8cd98f00b204e9800998ecf8427e"'])


class UploadCompleted(Body):
    parts: list[UploadedPart] = Field(
        [], max_length=10_000, description="Empty for a form, and for the parts that storage has"
    )


class StoredPart(BaseModel):
    number: int = Field(examples=[1])
    etag: str = Field(examples=["d41d8cd98f00b204e9800998ecf8427e"])
    size_bytes: int = Field(examples=[8388608])


class UploadState(BaseModel):
    """How to go on with an upload: send what is missing, then "complete" without naming parts."""

    upload: Annotated[FormUpload | PartsUpload, Field(discriminator="kind")]
    stored: list[StoredPart] = Field(
        description="Parts that are there whole; `upload.parts` are the next missing ones"
    )
