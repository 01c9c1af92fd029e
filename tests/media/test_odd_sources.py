"""Sources that are not a plain constant rate: what is shown when is what the source showed then."""

from collections.abc import Callable
from fractions import Fraction
from math import floor
from pathlib import Path
from struct import pack

import av
import pytest

from tests.media.clips import make_clip, number_of
from tests.media.fields import level_of, make_fields
from tests.media.runner import Track, decode_video, encode_video, ffmpeg, plan_of
from videosite.media.boxes import Fragment
from videosite.media.plan import Plan

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "30")
SMALL = "160x90"
FORMATS = {"mts": "mpegts", "mkv": "matroska"}


def timed(expression: str, suffix: str, rate: str = "30") -> Callable[[Path], Path]:
    """A clip whose frame N is shown at this many milliseconds."""
    return lambda folder: make_clip(
        folder / f"clip.{suffix}", rate=rate, frames=100, size=SMALL, video=X264,
        filters=f"settb=1/1000,setpts='{expression}'",
        output=("-fps_mode", "passthrough", "-enc_time_base", "1/1000"),
    )  # fmt: skip


def plain(suffix: str, rate: str, *output: str, frames: int = 90) -> Callable[[Path], Path]:
    return lambda folder: make_clip(
        folder / f"clip.{suffix}", rate=rate, frames=frames, size=SMALL, video=X264, output=output
    )


def cut(seconds: str, suffix: str) -> Callable[[Path], Path]:
    """A copy from inside a GOP: an edit list in mp4, a late start in mkv."""

    def make(folder: Path) -> Path:
        whole = plain("mp4", "25", frames=120)(folder)
        ffmpeg("-ss", seconds, "-i", str(whole), "-c", "copy", str(folder / f"cut.{suffix}"))
        return folder / f"cut.{suffix}"

    return make


def opened(encoder: str, parameters: str) -> Callable[[Path], Path]:
    """Cut out of a stream whose GOPs lean on the ones before."""

    def make(folder: Path) -> Path:
        encode = (
            "-c:v",
            encoder,
            "-preset",
            "ultrafast",
            f"-{encoder.removeprefix('lib')}-params",
            parameters,
        )
        whole = make_clip(folder / "whole.mp4", rate="25", frames=120, size=SMALL, video=encode)
        ffmpeg("-ss", "1.3", "-i", str(whole), "-c", "copy", str(folder / "cut.mp4"))
        return folder / "cut.mp4"

    return make


SOURCES: dict[str, Callable[[Path], Path]] = {
    "mp4, 20 s gap": timed("round(N*1000/30)+if(gte(N,60),20000,0)", "mp4"),
    "mkv, 20 s gap": timed("round(N*1000/30)+if(gte(N,60),20000,0)", "mkv"),
    "mkv, jitter of 6 ms": timed("round(N*1000/30+6*sin(N*3))+6", "mkv"),
    "mp4, variable": timed("N*40+mod(N*N,7)*4", "mp4"),
    "mkv, variable": timed("N*33+mod(N,5)*5", "mkv"),
    "TS, variable": timed("N*33+mod(N,5)*5", "ts"),
    "mp4, slowing down": timed("N*30+N*N/2", "mp4"),
    "mp4, edit list of one frame": cut("0.04", "mp4"),
    "mp4, edit list": cut("1.5", "mp4"),
    "mkv, cut": cut("1.5", "mkv"),
    "12.5 fps": plain("mkv", "25/2"),
    "100/3 fps": plain("mp4", "100/3"),
    "1 fps": plain("mkv", "1", frames=9),
    "120 fps": plain("mp4", "120"),
    "mkv 59.94": plain("mkv", "60000/1001"),
    "TS 29.97": plain("ts", "30000/1001"),
    "avi": lambda folder: make_clip(
        folder / "clip.avi", frames=90, size=SMALL, video=("-c:v", "mpeg4", "-g", "12")
    ),
    "MPEG-PS": lambda folder: make_clip(
        folder / "clip.mpg",
        frames=50,
        size=SMALL,
        video=("-c:v", "mpeg2video", "-g", "12", "-q:v", "2"),
        output=("-c:a", "mp2"),
    ),
    "MPEG-2 in TS": lambda folder: make_clip(
        folder / "clip.ts",
        frames=90,
        size=SMALL,
        video=("-c:v", "mpeg2video", "-bf", "2", "-g", "12", "-q:v", "2"),
    ),
    "wrapping TS": plain("ts", "25", "-output_ts_offset", "95440", frames=200),
    "open GOP": opened("libx264", "open-gop=1:keyint=30:bframes=3"),
    "open GOP of HEVC": opened("libx265", "open-gop=1:keyint=30:bframes=4:log-level=none"),
    "flv": plain("flv", "25"),
    "4K": lambda folder: make_clip(folder / "clip.mp4", frames=10, size="3840x2160", video=X264),
    "odd size": lambda folder: make_clip(
        folder / "clip.mp4", frames=60, size="161x91", video=(*X264, "-pix_fmt", "yuv444p")
    ),
}  # fmt: skip


def shown_numbers(path: Path, plan: Plan) -> list[int]:
    """The number shown at each grid time, from the source's own timestamps: the newest frame whose time,
    rounded to the grid, has come."""
    with av.open(str(path), "r") as source:
        frames = [(frame.pts or 0, number_of(frame)) for frame in source.decode(video=0)]
    times = [((pts - plan.origin_ticks) * plan.time_base, number) for pts, number in frames]
    slots = [(floor(time_s * plan.rate + Fraction(1, 2)), number) for time_s, number in times]
    return [[number for slot, number in slots if slot <= max(n, slots[0][0])][-1] for n in range(plan.frames)]


@pytest.mark.parametrize("kind", SOURCES)
def test_the_grid_shows_what_the_source_showed(kind: str, tmp_path: Path) -> None:
    clip = SOURCES[kind](tmp_path)
    plan = plan_of(clip)
    wanted = shown_numbers(clip, plan)
    for name in smallest(plan):
        track = encode_video(clip, plan, names=[name])[name]
        assert on_the_grid(track) == [plan.expected(name, number) for number in range(plan.segments)], name
        assert len(set(track.inits)) == 1, name
        assert [number_of(frame) for frame in decode_video(track.data, tmp_path)] == wanted, name


def smallest(plan: Plan) -> list[str]:
    """The last rendition of each codec, which has the fewest pixels."""
    names = [plan.renditions_of(codec)[-1] for codec in plan.codecs]
    assert [name.partition("-")[0] for name in names] == ["h264", "av1"]
    return names


def on_the_grid(track: Track) -> list[tuple[int, int]]:
    """(tfdt, samples) of each fragment, which must follow each other without a hole."""
    ends = [0, *(fragment.tfdt + fragment.duration for fragment in track.fragments)]
    assert [fragment.tfdt for fragment in track.fragments] == ends[:-1]
    return [(fragment.tfdt, fragment.samples) for fragment in track.fragments]


def test_the_picture_ends_where_it_ends_though_the_sound_goes_on(tmp_path: Path) -> None:
    for suffix in ("mp4", "mkv"):
        silent = make_clip(tmp_path / f"silent.{suffix}", frames=60, size=SMALL, audio=False)
        longer = tmp_path / f"longer.{suffix}"
        sine = ("-f", "lavfi", "-i", "sine=d=9:r=48000")
        ffmpeg("-i", str(silent), *sine, "-c:v", "copy", "-c:a", "aac", str(longer))
        assert plan_of(longer).frames == 60


def test_pixels_become_square(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "wide.mp4", frames=10, size="180x144", filters="setsar=64/45", audio=False)
    plan = plan_of(clip)
    rung = plan.renditions[0]
    assert (rung.width, rung.height) == (256, 144)
    frame = decode_video(encode_video(clip, plan)[rung.name].data, tmp_path)[0]
    assert (frame.width, frame.height) == (256, 144)


def test_a_source_that_is_not_all_there_gives_fewer_segments(tmp_path: Path) -> None:
    """FFmpeg ends without an error: counts decide. The last picture stands for at most the tail."""
    clip = make_clip(tmp_path / "clip.mkv", frames=200, size=SMALL, audio=False)
    plan = plan_of(clip)
    half = tmp_path / "half.mkv"
    half.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    name = plan.renditions[0].name
    track = encode_video(half, plan, [(0, plan.segments)])[name]
    good = whole(plan, name, track.fragments)
    assert 0 < good < plan.segments
    track.fragments = track.fragments[:good]
    numbers = [number_of(frame) for frame in decode_video(track.data, tmp_path)]
    assert len(numbers) == good * plan.segment_frames
    # At the break a frame may be missing before its neighbours, in whose place the one before it stands.
    assert all(min(n, numbers[-1]) - number in (0, 1, 2) for n, number in enumerate(numbers))
    assert numbers == sorted(numbers)
    assert numbers.count(numbers[-1]) <= 1 + plan.tail_frames


def whole(plan: Plan, name: str, fragments: list[Fragment]) -> int:
    """How many fragments, from the first, are segments of the plan."""
    good = 0
    for number, fragment in enumerate(fragments):
        if (fragment.tfdt, fragment.samples) != plan.expected(name, number):
            break
        good += 1
    return good


def test_a_program_stream_keeps_its_last_frames(tmp_path: Path) -> None:
    """Its last packet holds several frames, timed by the first: ffprobe sees the end too early."""
    assert plan_of(SOURCES["MPEG-PS"](tmp_path)).frames == 50


def test_an_avi_with_b_frames_starts_with_its_first_frame(tmp_path: Path) -> None:
    """It has no presentation times: FFmpeg's first is as late as its decoder holds pictures back."""
    clip = plain("avi", "25")(tmp_path)
    assert all_numbers(clip, tmp_path) == list(range(90))


@pytest.mark.parametrize("encoder", [("-c:v", "mpeg4", "-bf", "2"), ("-c:v", "mpeg2video", "-bf", "2")])
def test_an_avi_with_b_frames_of_mpeg(encoder: tuple[str, ...], tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", frames=90, size=SMALL, video=(*encoder, "-g", "30", "-q:v", "2"))
    assert all_numbers(clip, tmp_path) == list(range(90))


def test_an_mpeg_1_stream_counts_fields(tmp_path: Path) -> None:
    video = ("-c:v", "mpeg1video", "-bf", "2", "-g", "12", "-q:v", "2")
    clip = make_clip(tmp_path / "clip.mpg", frames=90, size=SMALL, video=video, output=("-c:a", "mp2"))
    assert plan_of(clip).rate == 25
    # The last packet of an MPEG-PS holds several frames under one time, so that the end is not seen.
    assert all_numbers(clip, tmp_path) in (list(range(90)), list(range(89)))


@pytest.mark.parametrize("sizes", [("160x90", "320x180"), ("320x180", "160x90")])
def test_a_picture_that_changes_its_size_on_the_way(sizes: tuple[str, str], tmp_path: Path) -> None:
    """As in recordings of calls: WebM gives each part as it came."""
    whole = []
    for number, size in enumerate(sizes):
        video = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M")
        part = tmp_path / f"{number}.webm"
        make_clip(part, frames=70, size=size, video=video, audio=False, first=number * 70)
        whole.append(f"file '{part}'\n")
    (tmp_path / "list.txt").write_text("".join(whole))
    clip = tmp_path / "call.webm"
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(tmp_path / "list.txt"), "-c", "copy", str(clip))
    assert all_numbers(clip, tmp_path) == list(range(140))


def all_numbers(clip: Path, tmp_path: Path) -> list[int]:
    """The numbers of the frames of the smallest rendition, which both codecs must agree on."""
    plan = plan_of(clip)
    found = []
    for name in smallest(plan):
        track = encode_video(clip, plan, names=[name])[name]
        assert on_the_grid(track) == [plan.expected(name, number) for number in range(plan.segments)]
        found.append([number_of(frame) for frame in decode_video(track.data, tmp_path)])
    assert all(numbers == found[0] for numbers in found)
    return found[0]


def joined(folder: Path, *parts: Path) -> Path:
    """TS files put end to end."""
    path = folder / "joined.ts"
    ffmpeg("-i", f"concat:{'|'.join(map(str, parts))}", "-c", "copy", str(path))
    return path


def tagged(matrix: str, *flags: str) -> tuple[str, ...]:
    tags = ("-colorspace", matrix, "-color_primaries", matrix, "-color_trc", matrix)
    return (*X264, *tags, *flags)


@pytest.mark.parametrize("change", ["colours", "interlacing"])
def test_pictures_that_change_their_tags_on_the_way_have_one_init(change: str, tmp_path: Path) -> None:
    """As in recordings put end to end. Segments of one rendition share its init."""
    later = tagged("smpte170m") if change == "colours" else tagged("bt709", "-flags", "+ildct+ilme")
    parts = [
        make_clip(tmp_path / f"{number}.ts", frames=150, size="160x96", video=video, first=number * 150)
        for number, video in enumerate((tagged("bt709"), later))
    ]
    clip = joined(tmp_path, *parts)
    plan = plan_of(clip)
    for name in smallest(plan):
        # The first range, and one of the second part alone.
        ranges = [(0, 1), (plan.segments - 1, plan.segments)]
        assert len(set(encode_video(clip, plan, ranges, [name])[name].inits)) == 1, name


RED = ("-f", "lavfi", "-i", "color=red:s=1280x720:r=25:d=1,format=rgb24")
RED_SD = ("-f", "lavfi", "-i", "color=red:s=640x480:r=25:d=1,format=rgb24")
COLOURS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "RGB": ((*RED, "-c:v", "libx264rgb", "-crf", "0"), 63, "bt709"),
    "QuickTime Animation": ((*RED, "-c:v", "qtrle"), 63, "bt709"),
    "HD that says nothing": (
        (*RED, "-vf", "scale=out_color_matrix=bt709,format=yuv420p,setparams=colorspace=unknown", *X264),
        63, "bt709",
    ),
    "SD that says nothing": (
        (*RED_SD, "-vf", "scale=out_color_matrix=bt601,format=yuv420p,setparams=colorspace=unknown", *X264),
        81, "smpte170m",
    ),
    "full range": (
        (*RED, "-vf", "scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p", *X264),
        63, "bt709",
    ),
    "PAL": (
        (*RED_SD, "-vf", "scale=out_color_matrix=bt601,format=yuv420p,setparams=colorspace=bt470bg", *X264),
        81, "bt470bg",
    ),
    "UHD colours": (
        (*RED, "-vf", "scale=out_color_matrix=bt2020,format=yuv420p,setparams=colorspace=bt2020nc", *X264),
        63, "bt709",
    ),
}  # fmt: skip
"""How a red picture is made, its luma in a rendition, the rendition's matrix."""


@pytest.mark.parametrize("kind", COLOURS)
def test_red_is_red_and_says_in_which_colours(kind: str, tmp_path: Path) -> None:
    arguments, luma, matrix = COLOURS[kind]
    clip = tmp_path / "red.mov"
    ffmpeg(*arguments, str(clip))
    plan = plan_of(clip)
    assert plan.matrix == matrix
    frame = decode_video(
        encode_video(clip, plan, names=smallest(plan)[:1])[smallest(plan)[0]].data, tmp_path
    )[0]
    assert abs(int(frame.to_ndarray()[20, 20]) - luma) <= 1
    assert frame.color_range == 1
    assert frame.colorspace == {"bt709": 1, "bt470bg": 5, "smpte170m": 6}[matrix]


WIDE = {
    "smpte432": ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
    "bt2020": ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
}
"""Primaries, and the linear light that they are in BT.709's (ITU-R BT.2087; the same for Display P3)."""


GAMMA = 2.4
"""Of screens (ITU-R BT.1886): what a code shows as light."""


@pytest.mark.parametrize("primaries", WIDE)
def test_wide_colours_stay_as_strong_as_they_were(primaries: str, tmp_path: Path) -> None:
    """Screen recordings of Macs and ProRes are in Display P3, which players of BT.709 show too pale."""
    shown = (200, 90, 90)
    clip = tmp_path / "wide.mov"
    matrix = "bt2020" if primaries == "bt2020" else "bt709"
    made = (
        f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p,setparams=color_primaries={primaries}"
    )
    filled = (
        "-f",
        "lavfi",
        "-i",
        "color=0x{:02x}{:02x}{:02x}:s=1280x720:r=25:d=1,format=gbrp".format(*shown),
    )
    ffmpeg(*filled, "-vf", made, *X264, "-crf", "1", str(clip))
    plan = plan_of(clip)
    assert plan.wide_primaries == primaries
    frame = decode_video(
        encode_video(clip, plan, names=smallest(plan)[:1])[smallest(plan)[0]].data, tmp_path
    )[0]
    lights = [(code / 255) ** GAMMA for code in shown]
    red, green, blue = (
        sum(a * b for a, b in zip(row, lights, strict=True)) ** (1 / GAMMA) for row in WIDE[primaries]
    )
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    wanted = (16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748)
    planes = frame.reformat(format="yuv444p").to_ndarray()
    found = [int(plane[90, 90]) for plane in planes]
    assert all(abs(a - b) <= 2 for a, b in zip(found, wanted, strict=True)), (found, wanted)


def test_a_song_with_one_picture_is_as_long_as_the_song(tmp_path: Path) -> None:
    clip = tmp_path / "song.mp4"
    picture = ("-f", "lavfi", "-i", "color=blue:s=160x90:r=25:d=0.04")
    ffmpeg(*picture, "-f", "lavfi", "-i", "sine=d=40:r=48000", *X264, "-c:a", "aac", str(clip))
    plan = plan_of(clip)
    assert abs(plan.duration_s - 40) < 1
    for name in smallest(plan):
        track = encode_video(clip, plan, names=[name])[name]
        assert on_the_grid(track) == [plan.expected(name, number) for number in range(plan.segments)], name


def test_a_talk_goes_on_after_its_last_slide(tmp_path: Path) -> None:
    """Matroska may claim a constant rate all the same."""
    slides = timed("N*30+N*N/2", "mp4")(tmp_path)
    clip = tmp_path / "talk.mp4"
    sine = ("-f", "lavfi", "-i", "sine=d=30:r=48000")
    ffmpeg("-i", str(slides), *sine, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", str(clip))
    plan = plan_of(clip)
    assert abs(plan.duration_s - 30) < 1
    numbers = all_numbers(clip, tmp_path)
    assert numbers == sorted(numbers)
    assert numbers[-1] == 99
    assert len(numbers) == plan.frames


def test_what_the_container_cuts_off_is_not_shown(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "clip.mp4", frames=10, size="320x240", audio=False)
    data = bytearray(whole.read_bytes())
    # Clean aperture (ISO/IEC 14496-12): fractions of width, height, offsets. The index is behind the media.
    aperture = pack(">I4s8I", 40, b"clap", 320, 1, 180, 1, 0, 1, 0, 1)
    end = data.find(b"avcC") - 4
    end += int.from_bytes(data[end : end + 4])
    data[end:end] = aperture
    for name in (b"avc1", b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        start = data.find(name) - 4
        size = int.from_bytes(data[start : start + 4]) + len(aperture)
        data[start : start + 4] = size.to_bytes(4)
    whole.write_bytes(data)
    plan = plan_of(whole)
    assert (plan.width, plan.height) == (320, 180)


def test_of_several_videos_the_default_one_is_shown(tmp_path: Path) -> None:
    """As players do. The other may be an angle, or a preview."""
    for name, first in (("first.mp4", 0), ("second.mp4", 1000)):
        make_clip(tmp_path / name, frames=100, size=SMALL, first=first, audio=False)
    source = tmp_path / "both.mkv"
    ffmpeg(
        "-i", str(tmp_path / "first.mp4"), "-i", str(tmp_path / "second.mp4"), "-map", "0", "-map", "1",
        "-c", "copy", "-disposition:v:0", "0", "-disposition:v:1", "default", str(source),
    )  # fmt: skip
    plan = plan_of(source)
    frames = decode_video(encode_video(source, plan)[plan.renditions[0].name].data, tmp_path)
    assert [number_of(frame) for frame in frames] == list(range(1000, 1100))


@pytest.mark.parametrize("suffix", ["mts", "mkv"])
def test_fields_that_are_pictures_of_their_own_are_two_to_a_frame(suffix: str, tmp_path: Path) -> None:
    """The H.264 of camcorders (AVCHD): FFmpeg calls 25 frames a second 50."""
    source = tmp_path / f"clip.{suffix}"
    make_fields(tmp_path / "clip.ts", frames=100)
    ffmpeg("-i", str(tmp_path / "clip.ts"), "-c", "copy", "-f", FORMATS[suffix], str(source))
    plan = plan_of(source)
    assert plan.rate == 25
    assert plan.frames == 100
    frames = decode_video(encode_video(source, plan)[plan.renditions[0].name].data, tmp_path)
    means = [round(float(frame.to_ndarray(format="gray").mean())) for frame in frames]
    # PyAV's grey has the full range.
    assert all(abs(mean - (level_of(n) - 16) * 255 / 219) <= 3 for n, mean in enumerate(means)), means
