"""How a transcode stands."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from videosite.web.schemas.common import TIME, VIDEO_ID, Failure, Status, example
from videosite.web.schemas.videos import Ladder
from videosite.web.values import Body

Priority = Literal["low", "normal", "high"]


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
    codec_tag: str | None = Field(
        None, description="RFC 6381, once its first segment is there", examples=["avc1.64001F"]
    )
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
    ladder: str = Field(examples=["standard"])
    priority: Priority
    waiting: bool = Field(description="As many of the owner's transcodes run as may; it begins when one ends")
    updated_at: datetime


class Retranscode(Body):
    """What is left out stays as it was."""

    model_config = example(ladder="h264-only")

    ladder: Ladder | None = None
    normalize: bool | None = None


class PriorityChange(Body):
    model_config = example(priority="high")

    priority: Priority = Field(
        description="`high` overtakes what waits for its turn; `low` takes a quarter of the places"
    )


class Job(BaseModel):
    model_config = example(
        video_id=VIDEO_ID,
        generation=1,
        run=1,
        title="A day at the sea",
        owner_id="q8Zr1N0aXc4Jm2Lp",
        status="processing",
        waiting=False,
        progress=45,
        codecs=["av1", "h264"],
        ladder="standard",
        priority="normal",
        tasks_done=12,
        tasks_total=40,
        duration_s=60.0,
        cost_usd=None,
        error=None,
        created_at=TIME,
        updated_at=TIME,
        finished_at=None,
    )

    video_id: int
    generation: int
    run: int
    title: str
    owner_id: str
    status: Status
    waiting: bool
    progress: int = Field(ge=0, le=100)
    codecs: list[str] = Field(description="Empty until it is planned")
    ladder: str
    priority: Priority
    tasks_done: int
    tasks_total: int
    duration_s: float | None
    cost_usd: float | None
    error: Failure | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class JobPage(BaseModel):
    jobs: list[Job]
    next_cursor: str | None


class JobSummary(BaseModel):
    model_config = example(waiting=1, processing=3, completed=40, failed=2, cancelled=0, since=TIME)

    waiting: int = Field(description="For another of the owner's transcodes to end")
    processing: int = Field(description="Under way, without those that wait")
    completed: int = Field(description="Of those made since then, as are the next two")
    failed: int
    cancelled: int
    since: datetime


class JobTask(BaseModel):
    """A range of work that one worker does."""

    task_id: str = Field(examples=["h264#000012"])
    group: str = Field(
        description="h264, av1, audio, image, previews, loudness, subtitles", examples=["h264"]
    )
    first: int = Field(description="Segments [first, end)")
    end: int = Field(examples=[4])
    status: Literal["pending", "queued", "running", "done", "failed"]
    attempt: int = Field(description="Of this run of the transcode", examples=[1])
    claims: int = Field(description="How often a worker began it, in all runs", examples=[1])
    error: Failure | None = Field(description="Of its newest attempt that went wrong")
    started_at_ms: int | None = Field(
        description="When its newest attempt began, Unix milliseconds", examples=[1_772_361_000_000]
    )
    ended_at_ms: int | None = Field(
        description="Null while it goes on, or when its worker was killed", examples=[1_772_361_012_500]
    )
    cpu_s: float | None = Field(description="Of all its attempts, as is the cost", examples=[11.2])
    cost_usd: float | None = Field(examples=[0.0002])
    size_bytes: int | None


class JobWithTasks(BaseModel):
    job: Job
    started_at: datetime | None = Field(
        description="When its tasks were made; later by the time that it stood still since"
    )
    tasks: list[JobTask]
