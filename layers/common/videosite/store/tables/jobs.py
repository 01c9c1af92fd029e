"""One job, progress and availability item per (video, generation), and the job's tasks."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from videosite.store.tables.base import IntegerAttribute, Table


class JobsByDeadline(GlobalSecondaryIndex["Job"]):
    """Sparse: jobs that are not finished, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class JobsByStatus(GlobalSecondaryIndex["Job"]):
    """All jobs of one status, by when they were made."""

    class Meta:
        index_name = "by_status"
        projection = IncludeProjection(["owner_id", "video_codecs"])

    status = UnicodeAttribute(hash_key=True)
    made = UnicodeAttribute(range_key=True)


class JobsByOwner(GlobalSecondaryIndex["Job"]):
    """A user's jobs, by when they were made."""

    class Meta:
        index_name = "by_owner"
        projection = IncludeProjection(["status", "video_codecs"])

    owner_id = UnicodeAttribute(hash_key=True)
    made = UnicodeAttribute(range_key=True)


class _JobsTable(Table):
    class Meta:
        name = "jobs"
        table_name = ""

    video_id = IntegerAttribute(hash_key=True)
    item = UnicodeAttribute(range_key=True)


def job_item(generation: int) -> str:
    return f"job#{generation:05d}"


def progress_item(generation: int) -> str:
    return f"progress#{generation:05d}"


def availability_item(generation: int) -> str:
    return f"availability#{generation:05d}"


class Job(_JobsTable):
    """One transcode of one video: the only truth about it."""

    class Meta:
        name = "jobs"
        table_name = ""

    generation = IntegerAttribute()
    run = IntegerAttribute(default=1)
    """Bumped by retry and cancel: every straggler's write is conditional on it and fails."""
    status = UnicodeAttribute(default="accepted")
    """accepted | planned | processing | completed | failed | cancelled"""
    asset_key = UnicodeAttribute()
    next_asset_key = UnicodeAttribute(null=True)
    """While its media are copied to new addresses: where to."""
    old_asset_key = UnicodeAttribute(null=True)
    """After that, until they are gone from the old ones."""
    media_removed = BooleanAttribute(default=False)
    """A newer generation plays instead, and the media of this one are not kept."""
    owner_id = UnicodeAttribute()
    title = UnicodeAttribute()
    source_key = UnicodeAttribute()
    source_etag = UnicodeAttribute()
    source_size_bytes = IntegerAttribute()
    mended_key = UnicodeAttribute(null=True)
    """A copy of the source whose clock does not jump, if the source's own does."""
    mended_etag = UnicodeAttribute(null=True)
    ladder = UnicodeAttribute(default="standard")
    normalize = BooleanAttribute(default=False)
    priority = UnicodeAttribute(default="normal")
    """low | normal | high"""
    waiting = BooleanAttribute(default=False)
    """It is accepted, perhaps for the second time, and waits for one of its owner's other transcodes to
    end."""
    made = UnicodeAttribute(null=True)
    """When it was made, so that texts sort by it, with its video and generation: `pipeline.jobs.made()`."""
    video_codecs: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """h264 | av1, once it was planned."""
    plan = JSONAttribute(null=True)
    """`videosite.media.plan.Plan.to_dict()`; written once."""
    ingest_attempts = IntegerAttribute(default=0)
    """Attempts to plan it in this run that did not end in a passing fault."""
    recipe = UnicodeAttribute(null=True)
    """Encoder build and recipe version; another build never continues this job."""
    open_tasks: MapAttribute[str, int] = MapAttribute(default=dict)
    """Tasks not yet done per group: h264 | av1 | audio | image | previews | loudness | subtitles."""
    total_tasks = IntegerAttribute(default=0)
    done_tasks = IntegerAttribute(default=0)
    retries: MapAttribute[str, int] = MapAttribute(default=dict)
    """Group → how many times a retry began it again."""
    published: MapAttribute[str, int] = MapAttribute(default=dict)
    """Codec → bytes including audio, once published."""
    published_run: MapAttribute[str, int] = MapAttribute(default=dict)
    """Codec → the run that published it last."""
    published_at_s: MapAttribute[str, float] = MapAttribute(default=dict)
    """Codec → when that was."""
    redo: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Ids of tasks done in earlier runs that this run does again, since storage lost their files."""
    publish_anew: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    """Published codecs among whose files such are."""
    sizes: MapAttribute[str, int] = MapAttribute(default=dict)
    """Rendition → bytes, once published."""
    spent: MapAttribute[str, Any] = MapAttribute(default=dict)
    """Group → {cpu_s, gb_s, usd} of its attempts, once published; "vmaf" grows after that."""
    peaks: MapAttribute[str, int] = MapAttribute(default=dict)
    """Rendition → kbit/s of its largest segment, once published."""
    took_s: MapAttribute[str, float] = MapAttribute(default=dict)
    """Codec → seconds from the start of the tasks to its publication."""
    vmaf: MapAttribute[str, float] = MapAttribute(default=dict)
    """`media.quality.score_key()` of a rendition's segment → its VMAF, as it is measured."""
    loudness: MapAttribute[str, Any] = MapAttribute(default=dict)
    """Audio rendition → `media.loudness.Loudness`, once measured."""
    subtitles: MapAttribute[str, int] = MapAttribute(default=dict)
    """Subtitle track → bytes, of those that have text."""
    images: MapAttribute[str, int] = MapAttribute(default=dict)
    """File, e.g. "poster.jpg" → bytes, of the pictures that are stored."""
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()
    started_at_s = NumberAttribute(null=True)
    """When its tasks were made, later by the time it stood still since."""
    finished_at_s = NumberAttribute(null=True)
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_status = JobsByStatus()
    by_owner = JobsByOwner()
    by_deadline = JobsByDeadline()


class Progress(_JobsTable):
    """Frames encoded so far, per task. Written about once a second by each worker."""

    class Meta:
        name = "jobs"
        table_name = ""

    parts: MapAttribute[str, int] = MapAttribute(default=dict)
    """Task id → grid frames (or AAC frames, or images) done. Each value only grows within a run."""
    run = IntegerAttribute(default=1)
    updated_at_s = NumberAttribute(default=0)


class Availability(_JobsTable):
    """Which segments can be fetched: the only thing a growing playlist needs besides the plan."""

    class Meta:
        name = "jobs"
        table_name = ""

    h264: MapAttribute[str, int] = MapAttribute(default=dict)
    """First segment of a range → segments ready from there. Walk it from "0" for the ready prefix."""
    av1: MapAttribute[str, int] = MapAttribute(default=dict)
    audio: MapAttribute[str, int] = MapAttribute(default=dict)
    codecs: MapAttribute[str, str] = MapAttribute(default=dict)
    """Rendition → its exact RFC 6381 codec string, read from the init segment."""


def subtitle_item(language: str) -> str:
    return f"subtitle#{language}"


class Subtitle(_JobsTable):
    """A subtitle track that was uploaded for the video, of whatever generation."""

    class Meta:
        name = "jobs"
        table_name = ""

    language = UnicodeAttribute()
    label = UnicodeAttribute()
    format = UnicodeAttribute()
    """Of the original: srt | vtt | ass | ssa | sbv | ttml"""
    encoding = UnicodeAttribute()
    default = BooleanAttribute(default=False)
    shift_ms = IntegerAttribute(default=0)
    """How much later than in the original its cues are shown."""
    cues = IntegerAttribute()
    size_bytes = IntegerAttribute()
    """Of the original."""
    etag = UnicodeAttribute()
    """Of the WebVTT that is played, and part of its address."""
    revision = UnicodeAttribute()
    """New with every write."""
    busy_until_s = NumberAttribute(null=True)
    """While its files are written, so that they are of one and the same upload."""
    created_at_s = NumberAttribute()
    updated_at_s = NumberAttribute()


class Sidecar(_JobsTable):
    """That the object beside a video's media is written, or to be written again: `pipeline.sidecars`."""

    class Meta:
        name = "jobs"
        table_name = ""

    digest = UnicodeAttribute(null=True)
    """Of what was written last."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)
    """While it is to be written: when that was asked for last."""


class Round(_JobsTable):
    """How far housekeeping has come in looking through everything of one kind. `video_id` is 0."""

    class Meta:
        name = "jobs"
        table_name = ""

    after = UnicodeAttribute(null=True)
    """The last one looked at; None at the beginning."""
    not_before_s = NumberAttribute(default=0)


class TasksByDeadline(GlobalSecondaryIndex["Task"]):
    """Sparse: queued and running tasks, by when housekeeping should look at them."""

    class Meta:
        index_name = "by_deadline"
        projection = KeysOnlyProjection()

    watch = UnicodeAttribute(hash_key=True)
    look_at_s = NumberAttribute(range_key=True)


class Task(Table):
    """One range of work: segments [first, end) of one group, encoded by one worker."""

    class Meta:
        name = "tasks"
        table_name = ""

    job = UnicodeAttribute(hash_key=True)
    """"{video_id}#{generation}"."""
    task_id = UnicodeAttribute(range_key=True)
    """"{group}#{first:06d}", e.g. "h264#000012": deterministic, so a repeated put is the same task."""
    group = UnicodeAttribute()
    """h264 | av1 | audio | image | previews | loudness | subtitles"""
    first = IntegerAttribute()
    end = IntegerAttribute()
    """Segments [first, end); a split lowers `end` and puts a child at the new end."""
    run = IntegerAttribute()
    status = UnicodeAttribute(default="pending")
    """pending | queued | running | done | failed"""
    urgent = BooleanAttribute(default=False)
    attempt = IntegerAttribute(default=0)
    """Of this run. One that storage or the tables ended is none."""
    claims = IntegerAttribute(default=0)
    """How often it was begun at all."""
    unavailable_since_s = NumberAttribute(null=True)
    """When the first of the faults of storage and tables came that it waits for the end of."""
    lease_owner = UnicodeAttribute(null=True)
    lease_until_s = NumberAttribute(null=True)
    started_at_s = NumberAttribute(null=True)
    """When its newest attempt began; `ended_at_s`: when that ended, None of one under way or killed."""
    ended_at_s = NumberAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    cpu_s = NumberAttribute(null=True)
    """Of all its attempts, as is `gb_s`; None before the first has ended."""
    wall_s = NumberAttribute(null=True)
    """Of the attempt that finished it."""
    size_bytes = IntegerAttribute(null=True)
    gb_s = NumberAttribute(null=True)
    """Gigabytes of the worker's memory times its seconds: what Lambda bills."""
    watch = UnicodeAttribute(null=True)
    look_at_s = NumberAttribute(null=True)

    by_deadline = TasksByDeadline()
