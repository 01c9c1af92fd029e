"""Subtitles out of real files, on the video's time."""

from pathlib import Path

import pytest

from tests.media.runner import FFMPEG, ffmpeg, plan_of, run_raw
from videosite.media.plan import Plan
from videosite.media.subtitle_command import subtitles_argv
from videosite.media.webvtt import Cue, parse

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello <i>there</i> & you

2
00:00:03,000 --> 00:00:09,000
<font color="red">Two
lines</font>
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment, Encoding
Style: Default,Arial,20,&H00FFFFFF,0,2,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\pos(10,10)\\i1}styled{\\i0}\\Nline
Dialogue: 0,0:00:02.60,0:00:02.90,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
"""
SRT_CUES = [Cue(1000, 2500, "Hello <i>there</i> &amp; you"), Cue(3000, 6000, "Two\nlines")]
ASS_CUES = [Cue(1000, 2500, "<i>styled</i>\nline")]


def make_subtitled(path: Path, *codecs: str, output: tuple[str, ...] = ()) -> Path:
    """Six seconds of video with a track per codec."""
    (path.parent / "a.srt").write_text(SRT)
    (path.parent / "a.ass").write_text(ASS)
    inputs, maps, kinds = [], ["-map", "0"], []
    for number, codec in enumerate(codecs):
        inputs += ["-i", str(path.parent / ("a.ass" if codec == "ass" else "a.srt"))]
        maps += ["-map", str(number + 1)]
        kinds += [f"-c:s:{number}", codec]
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=6", *inputs, *maps,
        "-c:v", "libx264", "-preset", "ultrafast", "-t", "12", *kinds, *output, str(path),
    )  # fmt: skip
    return path


def extract(path: Path, plan: Plan) -> list[list[Cue]]:
    names = [track.name for track in plan.subtitles]
    found = run_raw(lambda fds: subtitles_argv(FFMPEG, plan, str(path), fds, allow_file=True), names)
    return [parse(found[name].decode(), plan.origin_s, plan.duration_s) for name in names]


@pytest.mark.parametrize(
    ("suffix", "codecs", "output"),
    [
        ("mkv", ("subrip", "ass", "webvtt"), ()),
        ("mkv", ("subrip", "ass", "webvtt"), ("-output_ts_offset", "5.25")),
        ("mp4", ("mov_text", "mov_text"), ()),
        ("webm", ("webvtt",), ("-c:v", "libvpx", "-output_ts_offset", "2")),
    ],
)
def test_cues_are_where_they_were_and_end_with_the_video(
    suffix: str, codecs: tuple[str, ...], output: tuple[str, ...], tmp_path: Path
) -> None:
    source = make_subtitled(tmp_path / f"a.{suffix}", *codecs, output=output)
    plan = plan_of(source)
    assert len(plan.subtitles) == len(codecs)
    wanted = [ASS_CUES if codec == "ass" else SRT_CUES for codec in codecs]
    assert extract(source, plan) == wanted


def test_a_broken_track_leaves_the_others_whole(tmp_path: Path) -> None:
    output = ("-bsf:s:0", "noise=amount=1")
    source = make_subtitled(tmp_path / "a.mkv", "subrip", "subrip", output=output)
    assert extract(source, plan_of(source))[1] == SRT_CUES
