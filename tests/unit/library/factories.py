"""Videos at every stage of their transcode."""

from fractions import Fraction

from tests.unit.pipeline.conftest import make_job, make_video
from videosite.media.ladder import make_ladder
from videosite.media.plan import Plan
from videosite.media.sound import AudioPlan, AudioRendition
from videosite.store.tables import Availability, Job, Video, availability_item

CODECS = {"h264-720p": "avc1.64001F", "h264-480p": "avc1.64001E", "h264-360p": "avc1.64001E"}
AUDIO_CODEC = {"aac-stereo": "mp4a.40.2"}


def make_plan(seconds: int = 10, sound: bool = True) -> Plan:
    """A plan of a 1280×720, 25 fps video in segments of 2 s."""
    frames = 25 * seconds
    track = AudioRendition("aac-stereo", 0, "und", "Track 1", 128, 2)
    audio = AudioPlan(-(-seconds * 48_000 // 1024), 94, (0,), (track,))
    return Plan(
        rate=Fraction(25),
        time_base=Fraction(1, 12_800),
        origin_ticks=0,
        frames=frames,
        segment_frames=50,
        range_starts=(0, 1, 3),
        renditions=make_ladder(1280, 720, 25.0, "h264-only"),
        audio=audio if sound else None,
        seek_margin_s=0.5,
        tail_frames=30,
        width=1280,
        height=720,
        hdr_transfer="",
        wide_primaries="",
    )


def make_transcode(
    video_id: int = 7,
    h264: dict[str, int] | None = None,
    audio: dict[str, int] | None = None,
    sound: bool = True,
    visibility: str = "private",
    **job_values: object,
) -> tuple[Video, Job]:
    """A video that is being transcoded, with the segments given as runs."""
    video = make_video(video_id, visibility=visibility)
    plan = make_plan(sound=sound)
    job = make_job(video, **{"plan": plan.to_dict(), "asset_key": f"{video_id:032x}", **job_values})
    codecs = {rendition.name: "avc1.64001F" for rendition in plan.renditions} | (AUDIO_CODEC if sound else {})
    Availability(video_id, availability_item(1), h264=h264 or {}, audio=audio or {}, codecs=codecs).save()
    video.refresh()
    return video, job


def complete(video: Video, job: Job) -> None:
    """End a transcode well."""
    plan = make_plan()
    job.update(
        actions=[
            Job.status.set("completed"),
            Job.published.set({"h264": 1000}),
            Job.open_tasks.set({"image": 0}),
            Job.images.set({"poster.jpg": 1000}),
        ]
    )
    Availability(video.video_id, availability_item(1)).update(
        actions=[Availability.h264.set({"0": plan.segments}), Availability.audio.set({"0": 5})]
    )
    video.update(actions=[Video.status.set("completed"), Video.published_generation.set(1)])
