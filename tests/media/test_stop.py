"""A worker that runs out of time."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.media.clips import make_clip, number_of
from tests.media.runner import FFMPEG, decode_video, encode_video, plan_of
from videosite.media.boxes import Fragment, FragmentParser, Init
from videosite.media.command import video_range_argv
from videosite.media.plan import Plan

SMALL = "320x180"
NOISE = "noise=alls=12:allf=t"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_encoded_before_a_stop_is_good(number: signal.Signals, tmp_path: Path) -> None:
    """Whole fragments are kept, the rest is encoded anew, and no joint can be told."""
    clip = make_clip(tmp_path / "clip.mp4", frames=200, size=SMALL, filters=NOISE, audio=False)
    plan = plan_of(clip)
    name = plan.renditions[0].name
    items = run_and_stop(clip, plan, name, number)
    fragments = [item for item in items if isinstance(item, Fragment)]
    wanted = [plan.expected(name, segment) for segment in range(plan.segments)]
    good = sum((f.tfdt, f.samples) == one for f, one in zip(fragments, wanted, strict=False))
    assert 1 <= good < plan.segments
    rest = encode_video(clip, plan, [(good, plan.segments)])[name]
    assert rest.inits[0] == next(item.data for item in items if isinstance(item, Init))
    rest.fragments = fragments[:good] + rest.fragments
    assert [(f.tfdt, f.samples) for f in rest.fragments] == wanted
    assert [number_of(frame) for frame in decode_video(rest.data, tmp_path)] == list(range(200))


def run_and_stop(clip: Path, plan: Plan, name: str, number: signal.Signals) -> list[Init | Fragment]:
    """Send a signal after the first fragment; a full pipe keeps FFmpeg from having ended by then."""
    read_end, write_end = os.pipe()
    fds = {name: write_end}
    argv = video_range_argv(FFMPEG, plan, 0, plan.segments, str(clip), fds, 0.5, allow_file=True)
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, pass_fds=(write_end,), **quiet)  # type: ignore[call-overload]
    os.close(write_end)
    parser, found = FragmentParser(), list[Init | Fragment]()
    with os.fdopen(read_end, "rb", buffering=0) as pipe:
        while data := pipe.read(4096):
            found += parser.feed(data)
            if process.poll() is None and any(isinstance(item, Fragment) for item in found):
                process.send_signal(number)
    process.wait(10)
    return found
