"""Sources and ffprobe documents, ordinary unless told otherwise."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from videosite.media.probe import Source
from videosite.media.rates import MAX_RATE, STANDARD_RATES
from videosite.media.tracks import AudioTrack

TRACK = AudioTrack(0, "aac", 2, 48_000, "und")


def make_source(**values: Any) -> Source:
    """A minute of 1280×720 at 25 fps in an mp4, with sound."""
    return Source(
        **{
            "container": "mov,mp4,m4a,3gp,3g2,mj2",
            "codec": "h264",
            "width": 1280,
            "height": 720,
            "time_base": Fraction(1, 12_800),
            "start_ticks": 0,
            "average_rate": Fraction(25),
            "base_rate": Fraction(25),
            "duration_s": Fraction(60),
            "duration_is_exact": True,
            "frames": None,
            "matrix": "bt709",
            "untagged": False,
            "hdr_transfer": "",
            "wide_primaries": "",
            "audio": (TRACK,),
            **values,
        }
    )


def make_video_stream(**values: Any) -> dict[str, Any]:
    """ffprobe's words for the video of `make_document`."""
    return {
        "codec_type": "video",
        "codec_name": "h264",
        "width": 1280,
        "height": 720,
        "sample_aspect_ratio": "1:1",
        "avg_frame_rate": "25/1",
        "r_frame_rate": "25/1",
        "time_base": "1/12800",
        "start_pts": 0,
        "duration": "60.000000",
        "nb_frames": "1500",
        "disposition": {"default": 1, "attached_pic": 0},
        **values,
    }


AUDIO_STREAM = {
    "codec_type": "audio",
    "codec_name": "aac",
    "channels": 2,
    "sample_rate": "44100",
    "tags": {"language": "eng"},
}


def make_document(*streams: dict[str, Any], **container: Any) -> dict[str, Any]:
    """What ffprobe says of an mp4 with these streams; a video and a sound unless told otherwise."""
    return {
        "streams": list(streams) or [make_video_stream(), AUDIO_STREAM],
        "format": {
            "format_name": "mov,mp4,m4a,3gp,3g2,mj2",
            "start_time": "0.000000",
            "duration": "60.000000",
            "size": "9000000",
            **container,
        },
    }


RATES = st.one_of(
    st.sampled_from(STANDARD_RATES),
    st.fractions(Fraction(1, 20), 1000, max_denominator=1001),
    st.sampled_from([Fraction(1_000_000), Fraction(0), MAX_RATE * 2]),
)

SOURCES = st.builds(
    make_source,
    width=st.integers(2, 4096),
    height=st.integers(2, 2304),
    average_rate=RATES,
    base_rate=RATES,
    duration_s=st.fractions(1, 12 * 3600, max_denominator=1000),
    duration_is_exact=st.booleans(),
    frames=st.none() | st.integers(1, 100_000),
    start_ticks=st.integers(-100_000, 10_000_000),
    audio=st.sampled_from([(), (TRACK,)]),
    container=st.sampled_from(["mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts"]),
)
