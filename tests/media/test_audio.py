"""Sound: exact length and place, and joints between pieces that cannot be heard."""

import io
import subprocess
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from tests.media.runner import FFMPEG, Track, encode_audio, ffmpeg, plan_of
from videosite.media.boxes import codec_string, timescale
from videosite.media.plan import Plan
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE

Samples = npt.NDArray[np.float32]
SEGMENT_SAMPLES = 94 * AAC_FRAME_SAMPLES


def make_sound(path: Path, sound: str, *output: str, seconds: int = 24) -> Path:
    """A tiny video with a lavfi sound beside it."""
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}", "-f", "lavfi", "-i", sound,
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", *output, str(path),
    )  # fmt: skip
    return path


def noise(rate: int = 44100, seconds: int = 24) -> str:
    """Pink noise with a sweep in it: harder on the encoder than music."""
    sweep = f"aevalsrc='0.2*sin(2*PI*(200+50*t)*t)':d={seconds}:s={rate}"
    hiss = f"anoisesrc=d={seconds}:c=pink:a=0.2:seed=3:r={rate}"
    return f"{sweep}[s];{hiss}[n];[s][n]amix=2,aformat=channel_layouts=stereo"


def clicks(rate: int = 48000, seconds: int = 24) -> str:
    """One sample at full level on each whole second."""
    return f"aevalsrc='eq(mod(n\\,{rate})\\,0)*0.9':d={seconds}:s={rate}"


def decode(track: Track) -> Samples:
    """Both channels of an encoded track, as it is played: frame by frame from time 0."""
    with av.open(io.BytesIO(track.data), "r") as container:
        frames = list(container.decode(audio=0))
    assert frames[0].pts == 0
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def reference(path: Path) -> Samples:
    """The source's sound at 48 kHz, never encoded."""
    done = subprocess.run(
        [FFMPEG, "-v", "error", "-i", str(path), "-vn", "-af", f"aresample={SAMPLE_RATE}", "-ac", "2",
         "-f", "f32le", "-"],
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    return np.frombuffer(done.stdout, dtype=np.float32).reshape(-1, 2).T


def level_db(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-12))


def assert_on_the_grid(plan: Plan, track: Track) -> None:
    assert plan.audio is not None
    assert len(set(track.inits)) == 1
    assert timescale(track.inits[0]) == SAMPLE_RATE
    assert codec_string(track.inits[0]) == "mp4a.40.2"
    found = [(fragment.tfdt, fragment.samples) for fragment in track.fragments]
    assert found == [plan.expected("aac-stereo", number) for number in range(plan.audio.segments)]


@pytest.mark.parametrize("suffix", ["mov", "mkv"])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_pieces_have_the_grid_and_the_quality_of_one_encode(rate: int, suffix: str, tmp_path: Path) -> None:
    source = make_sound(tmp_path / f"noise.{suffix}", noise(rate), "-c:a", "pcm_s16le")
    plan = plan_of(source)
    assert plan.audio is not None
    end = plan.audio.segments
    whole = encode_audio(source, plan, [(0, end)])
    pieces = encode_audio(source, plan, [(0, 7), (7, end)])
    assert_on_the_grid(plan, whole)
    assert_on_the_grid(plan, pieces)
    assert whole.inits[0] == pieces.inits[0]
    # The piece before the joint is the whole encode's to the byte: what follows it was encoded too.
    assert [f.data for f in pieces.fragments[:7]] == [f.data for f in whole.fragments[:7]]
    if suffix == "mov":
        source_samples, joint = reference(source), 7 * SEGMENT_SAMPLES
        for span in (slice(joint - 1024, joint + 3072), slice(joint, joint + SEGMENT_SAMPLES)):
            errors = [level_db(decode(track)[:, span] - source_samples[:, span]) for track in (whole, pieces)]
            assert errors[0] < -40
            assert errors[1] < errors[0] + 2


def test_a_segment_may_be_a_piece(tmp_path: Path) -> None:
    source = make_sound(tmp_path / "noise.mp4", noise(seconds=7), "-c:a", "aac", seconds=7)
    plan = plan_of(source)
    assert plan.audio is not None
    track = encode_audio(source, plan, [(n, n + 1) for n in range(plan.audio.segments)])
    assert_on_the_grid(plan, track)


@pytest.mark.parametrize(
    ("suffix", "output", "slack"),
    [
        ("mov", ("-c:a", "pcm_s16le"), 0),
        ("mp4", ("-c:a", "aac"), 1),
        ("mkv", ("-c:a", "pcm_s16le"), 24),
        ("mkv", ("-c:a", "pcm_s16le", "-output_ts_offset", "5.25"), 24),
        ("ts", ("-c:a", "aac", "-output_ts_offset", "5.1"), 1),
    ],
)
def test_sound_stays_where_it_was(suffix: str, output: tuple[str, ...], slack: int, tmp_path: Path) -> None:
    """Clicks on whole seconds come out there, in the first piece and after a joint."""
    source = make_sound(tmp_path / f"clicks.{suffix}", clicks(seconds=10), *output, seconds=10)
    plan = plan_of(source)
    assert plan.audio is not None
    samples = decode(encode_audio(source, plan, [(0, 3), (3, plan.audio.segments)]))[0]
    assert len(samples) == plan.audio.frames * AAC_FRAME_SAMPLES
    for second in range(1, 10):
        around = np.abs(samples[second * SAMPLE_RATE - 4800 : second * SAMPLE_RATE + 4800])
        assert abs(int(np.argmax(around)) - 4800) <= slack, second


def test_sound_is_as_long_as_the_picture(tmp_path: Path) -> None:
    """Shorter sound is filled with silence, also in pieces that lie wholly after its end."""
    for seconds in (1, 30):
        source = make_sound(
            tmp_path / f"{seconds}.mp4", f"sine=d={seconds}:r=44100", "-c:a", "aac", seconds=8
        )
        plan = plan_of(source)
        assert plan.audio is not None
        assert plan.audio.frames == 8 * SAMPLE_RATE // AAC_FRAME_SAMPLES
        track = encode_audio(source, plan, [(0, 2), (2, 4)])
        assert_on_the_grid(plan, track)
        last_second_db = level_db(decode(track)[:, 7 * SAMPLE_RATE : 8 * SAMPLE_RATE - 2048])
        assert last_second_db < -80 if seconds == 1 else last_second_db > -30


def test_late_sound_stays_late(tmp_path: Path) -> None:
    picture = make_sound(tmp_path / "a.mp4", "anullsrc=d=1", "-an", seconds=6)
    late = tmp_path / "late.mp4"
    ffmpeg(
        "-i", str(picture), "-itsoffset", "2.5", "-f", "lavfi", "-i", "sine=d=3:r=48000",
        "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", str(late),
    )  # fmt: skip
    plan = plan_of(late)
    samples = decode(encode_audio(late, plan, [(0, 1), (1, 3)]))
    assert level_db(samples[:, : int(2.4 * SAMPLE_RATE)]) < -80
    assert level_db(samples[:, int(2.6 * SAMPLE_RATE) : 5 * SAMPLE_RATE]) > -30


def test_surround_becomes_stereo(tmp_path: Path) -> None:
    source = make_sound(
        tmp_path / "six.mp4",
        "anoisesrc=d=3:a=0.1:r=48000,aformat=channel_layouts=5.1",
        "-c:a",
        "aac",
        seconds=3,
    )
    plan = plan_of(source)
    assert decode(encode_audio(source, plan)).shape == (2, plan.audio.frames * 1024 if plan.audio else 0)
