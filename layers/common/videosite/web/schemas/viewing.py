"""Views, positions and history."""

from datetime import datetime

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, example
from videosite.web.schemas.videos import Video
from videosite.web.values import Body


class Play(BaseModel):
    """Hand `play_token` back after `count_after_s` seconds of play, and the view counts."""

    play_token: str = Field(examples=["1764500000.kq3vT0bC2mYw8Zr1N0…"])
    count_after_s: float = Field(examples=[10.0])


class Played(Body):
    play_token: str = Field(max_length=100, examples=["1764500000.kq3vT0bC2mYw8Zr1N0…"])


class ViewCounted(BaseModel):
    counted: bool = Field(description="False for a repeat of the same day, the owner and machines")


class NewPosition(Body):
    position_s: float = Field(ge=0, le=1_000_000, examples=[42.5])


class Position(BaseModel):
    model_config = example(video_id=VIDEO_ID, position_s=42.5, watched_at=TIME)

    video_id: int
    position_s: float
    watched_at: datetime | None = Field(description="Null: never")


class HistoryEntry(BaseModel):
    video: Video
    position_s: float = Field(examples=[42.5])
    watched_at: datetime


class HistoryPage(BaseModel):
    entries: list[HistoryEntry] = Field(description="Newest first, without videos one may not see any more")
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end")
