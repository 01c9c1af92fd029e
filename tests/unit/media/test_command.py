"""Command lines: limits before every input, one output per pipe, the grid in the filters."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.media.factories import make_source
from videosite.media.audio_command import audio_piece_argv, loudness_argv
from videosite.media.command import probe_argv, video_range_argv
from videosite.media.image_command import candidate_argv, stills_argv
from videosite.media.images import STILLS
from videosite.media.plan import Plan, make_plan
from videosite.media.subtitle_command import subtitles_argv
from videosite.media.tracks import SubtitleTrack

URL = "https://storage.example/uploads/7/source.mp4?X-Amz-Signature=0a&x=1"
IF_MATCH = 'If-Match: "e"\r\n'
SOUND = {"aac-stereo": 9}
NTSC = Fraction(30_000, 1001)


def ntsc_plan() -> Plan:
    return make_plan(
        make_source(
            average_rate=NTSC,
            base_rate=NTSC,
            time_base=Fraction(1, 30_000),
            start_ticks=157_500,
            frames=None,
            subtitles=(SubtitleTrack(2, "subrip", "en"),),
        )
    )


def commands(plan: Plan, first: int = 3, end: int = 7, headers: str = "") -> dict[str, list[str]]:
    fds = {name: 10 + number for number, name in enumerate(plan.renditions_of("h264"))}
    return {
        "probe": probe_argv("ffprobe", URL, headers),
        "video": video_range_argv("ffmpeg", plan, first, end, URL, fds, 0.5, headers),
        "audio": audio_piece_argv("ffmpeg", plan, first, end, URL, SOUND, headers),
        "loudness": loudness_argv("ffmpeg", plan, 0, URL, headers),
        "subtitles": subtitles_argv("ffmpeg", plan, URL, {"subtitles-1": 9}, headers),
        "candidate": candidate_argv("ffmpeg", plan, first, True, URL, headers),
        "stills": stills_argv("ffmpeg", plan, first, False, URL, dict.fromkeys(STILLS, 9), headers),
    }


def option(argv: list[str], name: str) -> str:
    assert argv.count(name) == 1, name
    return argv[argv.index(name) + 1]


def grid_of(argv: list[str]) -> str:
    """The filter graph that puts sound on the grid: the last one."""
    return argv[len(argv) - argv[::-1].index("-filter_complex")]


@pytest.mark.parametrize("kind", ["probe", "video", "audio", "loudness", "subtitles", "candidate", "stills"])
def test_limits_stand_before_the_only_input(kind: str) -> None:
    argv = commands(ntsc_plan(), headers=IF_MATCH)[kind]
    limits = argv[: argv.index("-i")]
    assert option(argv, "-i") == URL
    assert option(limits, "-protocol_whitelist") == "http,https,tcp,tls"
    formats = option(limits, "-format_whitelist").split(",")
    assert "mov" in formats
    assert not {"hls", "dash", "concat", "image2", "png_pipe", "svg_pipe", "ffmetadata"} & set(formats)
    assert option(limits, "-max_streams") == ("33" if kind == "probe" else "32")
    assert option(limits, "-max_pixels") == ("268435456" if kind == "probe" else "35389440")
    assert option(limits, "-max_alloc") == "536870912"
    assert option(limits, "-probesize") == option(limits, "-analyzeduration") == "10000000"
    assert option(limits, "-max_redirects") == "0"
    assert option(limits, "-headers") == IF_MATCH
    assert "-headers" not in commands(ntsc_plan())[kind]


def test_files_only_when_asked() -> None:
    assert "file" not in option(probe_argv("ffprobe", "clip.mp4"), "-protocol_whitelist").split(",")
    argv = probe_argv("ffprobe", "clip.mp4", allow_file=True)
    assert "file" in option(argv, "-protocol_whitelist").split(",")
    assert "-max_redirects" not in argv


def test_ffprobe_never_reads_packets() -> None:
    assert not {"-show_packets", "-show_frames", "-count_frames", "-count_packets"} & set(
        commands(ntsc_plan())["probe"]
    )


def test_a_video_range() -> None:
    plan = ntsc_plan()
    argv = commands(plan)["video"]
    assert argv[0] == "ffmpeg"
    assert argv.index("-copyts") < argv.index("-ss") < argv.index("-i")
    start = Fraction(157_500, 30_000) + 180 / NTSC - Fraction(1, 2)
    assert option(argv, "-ss") == f"{float(start):.6f}"
    graph = option(argv, "-filter_complex")
    assert graph.startswith(
        "[0:V:0]setpts=PTS-(157500),scale=iw:ih,bwdif=mode=send_frame:deint=interlaced,fps=fps=30000/1001:round=near,trim=start_pts=180:end_pts=420,"
        "format=yuv420p,split=3[s0][s1][s2];[s0]scale=1280:720"
    )
    assert [arg for arg in argv if arg.startswith("pipe:")] == ["pipe:1", "pipe:10", "pipe:11", "pipe:12"]
    assert [argv[n + 1] for n, arg in enumerate(argv) if arg == "-map"] == ["[v0]", "[v1]", "[v2]"]
    one = argv[argv.index("[v0]") : argv.index("pipe:10")]
    for name, value in {
        "-c:v": "libx264", "-preset": "fast", "-crf": "23", "-maxrate": "2800k", "-bufsize": "2800k",
        "-bf": "3", "-sc_threshold": "0", "-threads": "1", "-x264-params": "cpu-independent=1",
        "-forced-idr": "1", "-g": "60", "-keyint_min": "60", "-force_key_frames": "expr:eq(mod(n,60),0)",
        "-flags": "+cgop", "-fps_mode": "passthrough", "-enc_time_base": "1001/30000",
        "-avoid_negative_ts": "disabled", "-muxdelay": "0", "-video_track_timescale": "30000",
        "-movflags": "+default_base_moof+negative_cts_offsets+frag_keyframe+frag_discont+delay_moov",
        "-fragment_index": "4", "-map_metadata": "-1",
    }.items():  # fmt: skip
        assert option(one, name) == value


def test_only_the_first_range_fills_its_start_and_only_the_last_its_end() -> None:
    plan = ntsc_plan()
    ranges = plan.ranges("h264")
    graphs = [option(commands(plan, *ends)["video"], "-filter_complex") for ends in ranges]
    assert [":start_time=0" in graph for graph in graphs] == [True] + [False] * (len(ranges) - 1)
    assert ["tpad=stop=30:stop_mode=clone" in graph for graph in graphs] == [False] * (len(ranges) - 1) + [
        True
    ]


def test_from_the_start_there_is_no_seek() -> None:
    plan = ntsc_plan()
    assert "-ss" not in commands(plan, 0, 1)["video"]
    assert "-ss" not in commands(plan, 0, 1)["audio"]
    fds = dict.fromkeys(plan.renditions_of("h264"), 5)
    assert "-ss" not in video_range_argv("ffmpeg", plan, 3, 7, URL, fds, inf)


def test_only_the_renditions_that_have_a_pipe_are_made() -> None:
    argv = video_range_argv("ffmpeg", ntsc_plan(), 0, 1, URL, {"h264-360p": 5}, 0.5)
    assert argv.count("libx264") == 1
    assert "scale=640:360" in option(argv, "-filter_complex")


def test_an_audio_piece() -> None:
    plan = ntsc_plan()
    argv = commands(plan, 10, 12)["audio"]
    assert option(argv, "-bsf:a") == f"noise=drop=lt(pts\\,{940 * 1024})+gte(pts\\,{1128 * 1024})"
    assert 93 * 1024 / 0.048 < int(option(argv, "-frag_duration")) < 94 * 1024 / 0.048
    assert option(argv, "-b:a") == "128k"
    # 564 AAC frames in, at 12.032 s, on the 40 ms before it, and ten seconds back for the seek.
    assert option(argv, "-ss") == f"{5.25 + 12.0 - 10:.6f}"


@given(st.integers(0, 25), st.integers(1, 4))
def test_audio_counts_its_samples(first: int, length: int) -> None:
    """What is encoded is the piece, what rolls before and after it, and no more than 40 ms besides."""
    plan = make_plan(make_source())
    assert plan.audio
    end = min(first + length, plan.audio.segments)
    graph = grid_of(audio_piece_argv("ffmpeg", plan, first, end, URL, SOUND))
    start_sample, end_sample = (
        int(part) for part in graph.split("start_sample=")[1].split(",")[0].split(":end_sample=")
    )
    begin = int(graph.rsplit("asetpts=N+", 1)[1].split(",")[0])
    assert begin == max(0, first * 94 - 376) * 1024 + 1024
    assert 1024 <= start_sample < 1024 + 48_000 // 25
    after = 0 if end == plan.audio.segments else 8
    assert begin + end_sample - start_sample == (min(end * 94, plan.audio.frames) + after) * 1024


def test_a_plan_without_sound_has_no_pieces() -> None:
    with pytest.raises(ValueError, match="no audio"):
        audio_piece_argv("ffmpeg", make_plan(make_source(audio=())), 0, 1, URL, SOUND)
