"""Frames in = frames out, in the right order, over every joint, for every kind of source."""

import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media.clips import bunny, make_clip, number_of
from tests.media.runner import FFMPEG, Track, decode_video, decodes_cleanly, encode_video, ffmpeg, plan_of
from videosite.media.boxes import timescale
from videosite.media.plan import Plan


def cfr(rate: str, suffix: str = "mp4", **options: object) -> Callable[[Path], Path]:
    return lambda folder: make_clip(folder / f"clip.{suffix}", rate=rate, **options)  # type: ignore[arg-type]


def started_late(suffix: str) -> Callable[[Path], Path]:
    return cfr("25", suffix, output=("-output_ts_offset", "5.25"))


def rotated(folder: Path) -> Path:
    upright = make_clip(folder / "upright.mp4")
    turned = folder / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", str(upright), "-c", "copy", str(turned))
    return turned


def edited(folder: Path) -> Path:
    """An mp4 whose edit list cuts into a GOP: its first frames are decoded and not shown."""
    whole = make_clip(folder / "whole.mp4", frames=140)
    cut = folder / "cut.mp4"
    ffmpeg("-ss", "0.4", "-i", str(whole), "-c", "copy", str(cut))
    return cut


def hdr(transfer: str) -> Callable[[Path], Path]:
    """Ten bits in BT.2020, black and white at 0 and 100 cd/m²."""
    x265 = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    if transfer == "smpte2084":
        x265 += f":master-display={MASTERING}:max-cll=1000,400"
    return cfr(
        "25", frames=60, audio=False,
        filters="zscale=tin=709:min=709:pin=709:rin=tv:npl=100:"
        f"t={transfer}:m=2020_ncl:p=2020,format=yuv420p10le",
        video=("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265),
    )  # fmt: skip


MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
INTERLACED = ("-c:v", "libx264", "-preset", "ultrafast", "-flags", "+ildct+ilme", "-x264-params", "tff=1")
SOURCES: dict[str, Callable[[Path], Path]] = {
    "25": cfr("25"),
    "29.97": cfr("30000/1001", frames=150),
    "23.976": cfr("24000/1001"),
    "59.94": cfr("60000/1001", frames=300),
    "mkv": cfr("24000/1001", "mkv"),
    "long B-frame pyramids": cfr(
        "25", video=("-c:v", "libx264", "-preset", "ultrafast", "-bf", "8", "-b_strategy", "0", "-g", "97")
    ),
    "no audio": cfr("25", audio=False),
    "mkv from 5.25 s": started_late("mkv"),
    "TS from 5.25 s": started_late("ts"),
    "webm VP9": cfr(
        "25", "webm", frames=110, audio=False,
        video=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "60"),
    ),
    "fragmented mp4": cfr("25", output=("-movflags", "frag_keyframe+empty_moov")),
    "one frame": cfr("25", frames=1, audio=False),
    "whole segments": cfr("25", frames=100),
    "one frame over": cfr("25", frames=101),
    "interlaced": cfr("25", "ts", filters="setfield=tff", video=INTERLACED),
    "HDR10": hdr("smpte2084"),
    "HLG": hdr("arib-std-b67"),
}  # fmt: skip


@pytest.mark.parametrize("codec", ["h264", "av1"])
@pytest.mark.parametrize("kind", SOURCES)
def test_every_frame_comes_out_once_and_in_order(kind: str, codec: str, tmp_path: Path) -> None:
    clip = SOURCES[kind](tmp_path)
    plan = plan_of(clip)
    names = plan.renditions_of(codec)
    tracks = encode_video(clip, plan, names=names)
    assert_on_the_grid(plan, tracks)
    frames = decode_video(tracks[names[0]].data, tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(plan.frames))
    assert decodes_cleanly(tracks[names[0]].data) == plan.frames


def assert_on_the_grid(plan: Plan, tracks: dict[str, Track]) -> None:
    """One init per rendition; every fragment at its time with its frames."""
    for name, track in tracks.items():
        assert len(set(track.inits)) == 1
        assert timescale(track.inits[0]) == plan.timescale
        found = [(fragment.tfdt, fragment.samples) for fragment in track.fragments]
        assert found == [plan.expected(name, number) for number in range(plan.segments)]


@pytest.mark.parametrize(
    ("kind", "frames"),
    [("25", 130), ("29.97", 150), ("23.976", 130), ("59.94", 300), ("mkv", 130), ("one frame", 1)],
)
def test_a_constant_rate_source_keeps_its_frames(kind: str, frames: int, tmp_path: Path) -> None:
    assert plan_of(SOURCES[kind](tmp_path)).frames == frames


def test_rotation_is_applied_and_planned_for(tmp_path: Path) -> None:
    clip = rotated(tmp_path)
    plan = plan_of(clip)
    assert (plan.width, plan.height) == (180, 320)
    tracks = encode_video(clip, plan)
    assert_on_the_grid(plan, tracks)
    frame = decode_video(tracks[plan.renditions[0].name].data, tmp_path)[0]
    assert (frame.width, frame.height) == (plan.renditions[0].width, plan.renditions[0].height)
    assert frame.height > frame.width


def test_an_edit_list_hides_what_it_hides(tmp_path: Path) -> None:
    clip = edited(tmp_path)
    plan = plan_of(clip)
    tracks = encode_video(clip, plan)
    assert_on_the_grid(plan, tracks)
    numbers = [number_of(frame) for frame in decode_video(tracks[plan.renditions[0].name].data, tmp_path)]
    assert numbers == list(range(numbers[0], numbers[0] + plan.frames))


def test_a_variable_rate_is_put_on_the_grid(tmp_path: Path) -> None:
    """Every third frame dropped after the first second: shown times stay, gaps repeat the last frame."""
    clip = make_clip(
        tmp_path / "vfr.mp4", rate="30", frames=150, filters="select='lt(n,30)+mod(n,3)'",
        output=("-fps_mode", "vfr"), video=("-c:v", "libx264", "-preset", "ultrafast"), audio=False,
    )  # fmt: skip
    plan = plan_of(clip)
    tracks = encode_video(clip, plan)
    assert_on_the_grid(plan, tracks)
    assert plan.rate == 30
    numbers = [number_of(frame) for frame in decode_video(tracks[plan.renditions[0].name].data, tmp_path)]
    assert numbers[:30] == list(range(30))
    assert numbers == sorted(numbers)
    assert all(abs(number - index) <= 1 for index, number in enumerate(numbers))


def test_the_real_clip(tmp_path: Path) -> None:
    plan = plan_of(bunny())
    assert (plan.frames, plan.rate) == (132, Fraction(25))
    assert_on_the_grid(plan, encode_video(bunny(), plan, names=["h264-360p"]))
    # All renditions at once, where they are cheapest: the last range is shorter than a segment.
    last = plan.segments - 1
    names = [rendition.name for rendition in plan.renditions]
    for name, track in encode_video(bunny(), plan, [(last, last + 1)], names).items():
        assert [(one.tfdt, one.samples) for one in track.fragments] == [plan.expected(name, last)]
        assert len(decode_video(track.data, tmp_path)) == 32


def test_ranges_give_what_one_process_gives(tmp_path: Path) -> None:
    """Same frames, decoded, whether cut into ranges or not: a range never sees its neighbours."""
    clip = make_clip(tmp_path / "clip.mp4")
    plan = plan_of(clip)
    name = plan.renditions[0].name
    one = encode_video(clip, plan, [(0, plan.segments)])[name]
    many = encode_video(clip, plan, [(n, n + 1) for n in range(plan.segments)])[name]
    assert [fragment.samples for fragment in one.fragments] == [
        fragment.samples for fragment in many.fragments
    ]
    assert one.inits[0] == many.inits[0]
    assert [number_of(f) for f in decode_video(many.data, tmp_path)] == list(range(130))


@pytest.mark.parametrize("codec", ["h264", "av1"])
def test_a_range_encoded_again_is_the_same_to_the_byte(codec: str, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    plan = plan_of(clip)
    name = plan.renditions_of(codec)[0]
    first, again = (encode_video(clip, plan, [(1, 3)], [name])[name].data for _ in range(2))
    assert first == again


DV = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-flags", "+ildct+ilme")


@pytest.mark.parametrize(
    ("suffix", "size", "encoder"),
    [("ts", "320x180", INTERLACED), ("avi", "720x576", DV), ("dv", "720x576", DV)],
)
def test_interlaced_pictures_come_out_without_combs(
    suffix: str, size: str, encoder: tuple[str, ...], tmp_path: Path
) -> None:
    """DV in AVI says nothing of it, but for each frame."""
    moving = tmp_path / f"moving.{suffix}"
    field = "top" if suffix == "ts" else "bottom"
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s={size}:r=50:d=2.4,scroll=h=0.02",
        "-vf", f"tinterlace=interleave_{field},setfield={field[0]}ff",
        *encoder, str(moving),
    )  # fmt: skip
    assert combed_frames(moving) > 30
    plan = plan_of(moving)
    assert (plan.rate, plan.frames) == (Fraction(25), 60)
    name = plan.renditions[0].name
    track = encode_video(moving, plan, names=[name])[name]
    (tmp_path / "out.mp4").write_bytes(track.data)
    assert combed_frames(tmp_path / "out.mp4") == 0


def combed_frames(path: Path) -> int:
    """Frames FFmpeg's idet takes for interlaced, of those it decides about."""
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-i", str(path), "-vf", "idet", "-f", "null", "-"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # Said twice, the first time of a filter that saw nothing.
    top, bottom = re.findall(r"Multi frame detection: TFF: *(\d+) BFF: *(\d+)", done.stderr)[-1]
    return int(top) + int(bottom)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_becomes_sdr_that_says_so(transfer: str, tmp_path: Path) -> None:
    clip = hdr(transfer)(tmp_path)
    plan = plan_of(clip)
    assert plan.hdr_transfer == transfer
    for codec in ("h264", "av1"):
        name = plan.renditions_of(codec)[0]
        track = encode_video(clip, plan, [(0, 1)], [name])[name]
        frame = decode_video(track.data, tmp_path)[31]
        assert (frame.format.name, frame.color_trc, frame.colorspace) == ("yuv420p", 1, 1)
        assert "MASTERING" not in str(list(frame.side_data.keys()))
        luma = frame.to_ndarray(format="gray")
        assert luma.max() > 150  # white stays bright
        assert luma.min() < 30
