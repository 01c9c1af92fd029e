"""What operators look at: queues, dead letters, statistics, quotas."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, example


class Depth(BaseModel):
    """SQS's own estimates."""

    model_config = example(name="bulk", waiting=120, in_flight=8, delayed=0)

    name: str
    waiting: int
    in_flight: int
    delayed: int


class Queues(BaseModel):
    queues: list[Depth]
    dead_letters: list[Depth]


class Letter(BaseModel):
    model_config = example(
        message_id="5fea7756-0ea4-451a-a703-a558b933e274",
        body={"video_id": VIDEO_ID, "generation": 1, "run": 1, "codec": "h264"},
        sent_at=TIME,
        receives=5,
    )

    message_id: str
    body: Any = Field(description="The message, parsed where it is JSON")
    sent_at: datetime
    receives: int = Field(description="How often it was handed out, looking at it included")


class Letters(BaseModel):
    letters: list[Letter]


class LettersHandled(BaseModel):
    count: int = Field(examples=[1])


Metric = Literal[
    "uploads", "uploaded_bytes", "transcodes", "transcoded_s", "transcodes_failed", "published_bytes",
    "plays", "views", "source_downloads", "source_download_bytes", "videos_deleted", "deleted_bytes",
]  # fmt: skip
"""`store.statistics.METRICS`."""


class Amount(BaseModel):
    starts_at: datetime
    amount: float


class Statistics(BaseModel):
    model_config = example(
        step="day", series={"uploads": [{"starts_at": "2026-03-01T00:00:00Z", "amount": 12}]}
    )

    step: Literal["hour", "day"]
    series: dict[Metric, list[Amount]] = Field(description="Metric → each hour or day in UTC, oldest first")


class Use(BaseModel):
    used: float = Field(examples=[1200])
    limit: float = Field(description="0: no limit", examples=[6000])


class Usage(BaseModel):
    """`minutes` are those of this calendar month (UTC)."""

    storage_bytes: Use
    minutes: Use
    parallel_jobs: Use
