"""The recipe's version stands for the command lines: when they change, somebody looks at it."""

import hashlib
import json
from fractions import Fraction

from tests.unit.media.factories import make_source
from videosite.media.audio_command import audio_piece_argv
from videosite.media.command import video_range_argv
from videosite.media.plan import make_plan
from videosite.media.tracks import AudioTrack
from videosite.pipeline.work import RECIPE_VERSION

URL = "http://storage.example/source"  # over https they name a file of this machine
NTSC = Fraction(30_000, 1001)
PINNED = (5, "2afcad")
"""(RECIPE_VERSION, digest of the command lines below)."""
ADVICE = """
The command lines that encode have changed. A job that was begun by the version people run now, and goes on
with this one, mixes segments of both. If the same plan now gives other bytes (encoder options, filters,
muxer options), raise RECIPE_VERSION in videosite/pipeline/work.py: such jobs are then begun anew. If the
bytes stay the same (a limit, a network option), leave it. Then pin both here: PINNED = {}"""


def command_lines() -> list[list[str]]:
    """Video of each codec and audio, of a first, a middle and the last range: of a plain source, and of one
    that is interlaced, HDR, not square and has 5.1."""
    surround = (AudioTrack(0, "ac3", 6, 48_000, "en"),)
    sources = (
        make_source(),
        make_source(
            average_rate=NTSC, base_rate=NTSC, time_base=Fraction(1, 30_000), start_ticks=157_500,
            matrix="bt709", untagged=False, hdr_transfer="smpte2084", width=1440, height=1080, audio=surround,
        ),
    )  # fmt: skip
    found = []
    for plan in (make_plan(source, normalize=True) for source in sources):
        for group in plan.groups:
            fds = {name: 10 + number for number, name in enumerate(plan.renditions_of(group))}
            spans = plan.ranges(group)
            for first, end in (spans[0], (3, 7), spans[-1]):
                if group == "audio":
                    gains = dict.fromkeys(fds, 1.5)
                    found.append(audio_piece_argv("ffmpeg", plan, first, end, URL, fds, gains_db=gains))
                else:
                    found.append(video_range_argv("ffmpeg", plan, first, end, URL, fds, 0.5))
    return found


def test_the_version_of_the_recipe_is_that_of_its_command_lines() -> None:
    digest = hashlib.sha256(json.dumps(command_lines()).encode()).hexdigest()[:6]
    now = (RECIPE_VERSION, digest)
    assert now == PINNED, ADVICE.format(now)
