"""Command lines for sound: pieces of all audio renditions at once, and the measuring of their loudness.

A graph per track, so that one that is late, damaged or gone holds up no other: the track from the grid's
entry, at 48 kHz, its gaps as silence, cut by counted samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from videosite.media.command import head, seek, source_limits
from videosite.media.plan import Plan
from videosite.media.sound import AAC_FRAME_SAMPLES, SAMPLE_RATE, STEREO, AudioPlan, AudioRendition

AUDIO_PREROLL_FRAMES = 376
"""AAC frames (8 s) encoded before a piece and dropped. Eight are enough for the overlap of windows, but the
encoder's rate control needs seconds to settle: the error after a joint, against −47.0 dB of a whole
encode, is −43.2 dB with 8 frames, −44.2 with 188, −46.5 with 376 (−66.1, −72.9 and −72.7 of −73.2 on
Big Buck Bunny)."""
AUDIO_POSTROLL_FRAMES = 8
"""AAC frames encoded after a piece and dropped: without them its last frame differs from a whole encode's."""
AUDIO_MARGIN_S = 10.0
"""How far before its pre-roll a piece seeks. A late seek would show as silence, not as a wrong time."""
AUDIO_ENTRY_S = Fraction(1, 25)
"""A piece enters its source at a multiple of this: a whole number of samples at 48 kHz and at every usual
rate, so that resampling gives the very samples a whole encode has."""
AUDIO_EXIT_S = 1
"""How much further than it is needed a track is read; the exact end is cut on the grid."""
Way = Literal["direct", "looped", "silent"]
"""`looped`: for tracks that change their channels or rate, as TV recordings do. FFmpeg starts a graph anew
there, and the counting of samples with it. So a first graph brings the track to one layout, as PCM to a null
output, and a loopback decoder (`-dec`) hands it to the graph that counts. Not for all: FFmpeg 9.0.2 hangs in
it when one of several tracks starts minutes after the others (measured).
`silent`: without reading the source."""
LAYOUTS = {2: "stereo", 6: "5.1"}
MONO_GAIN_DB = 3.0103
"""FFmpeg makes stereo of mono 3 dB quieter; players give mono to both speakers as it is."""


def audio_piece_argv(
    ffmpeg: str,
    plan: Plan,
    first: int,
    end: int,
    url: str,
    fds: Mapping[str, int],
    headers: str = "",
    allow_file: bool = False,
    gains_db: Mapping[str, float] | None = None,
    way: Way = "direct",
) -> list[str]:
    """One FFmpeg for audio segments [first, end): a fragment of `segment_frames` AAC frames for each.

    Pieces overlap: the encoder runs before and after its piece, and what it makes there is dropped
    packet by packet before it is muxed, so every fragment that comes out is a segment of the grid.
    `fds` maps rendition names to the write ends of their pipes; `gains_db` to what to change their
    loudness by.
    """
    audio = _audio_of(plan)
    start, stop = first * audio.segment_frames, min(end * audio.segment_frames, audio.frames)
    begin = max(0, start - AUDIO_PREROLL_FRAMES) * AAC_FRAME_SAMPLES
    finish = (stop if stop == audio.frames else stop + AUDIO_POSTROLL_FRAMES) * AAC_FRAME_SAMPLES
    entry_s = Fraction(begin, SAMPLE_RATE) // AUDIO_ENTRY_S * AUDIO_ENTRY_S
    entry = int(entry_s * SAMPLE_RATE)
    # The encoder puts 1,024 priming samples in front, so its input starts one frame late.
    grid = (
        f"apad,atrim=start_sample={begin + AAC_FRAME_SAMPLES - entry}:end_sample={finish - entry},"
        f"asetpts=N+{begin + AAC_FRAME_SAMPLES}"
    )
    renditions = [rendition for rendition in audio.renditions if rendition.name in fds]
    argv = [*head(ffmpeg), *([] if way == "silent" else _source(plan, entry_s, url, headers, allow_file))]
    argv += _graphs(renditions, _entries(plan, renditions, entry_s, finish - entry, way), way, grid, gains_db)
    outside = f"lt(pts\\,{start * AAC_FRAME_SAMPLES})+gte(pts\\,{stop * AAC_FRAME_SAMPLES})"
    for rendition in renditions:
        argv += [
            "-map", f"[{rendition.name}]",
            "-c:a", "aac", "-b:a", f"{rendition.bitrate_kbps}k", "-bsf:a", f"noise=drop={outside}",
            "-map_metadata", "-1", "-map_chapters", "-1",
            "-avoid_negative_ts", "disabled", "-f", "mp4",
            "-movflags", "+cmaf+frag_discont+delay_moov", "-frag_duration", str(_frag_duration_us(audio)),
            "-fragment_index", str(first + 1),
            f"pipe:{fds[rendition.name]}",
        ]  # fmt: skip
    return argv


def loudness_argv(
    ffmpeg: str, plan: Plan, stream_index: int, url: str, headers: str = "", allow_file: bool = False
) -> list[str]:
    """One FFmpeg that measures what would be encoded of a track's renditions, from start to end.

    Its stderr ends with an EBU R128 summary per rendition; `loudness.parse_summaries` reads them. A track
    at a time, since summaries of several graphs run into each other (measured).
    """
    audio = _audio_of(plan)
    renditions = [rendition for rendition in audio.renditions if rendition.stream_index == stream_index]
    samples = audio.frames * AAC_FRAME_SAMPLES
    argv = [ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-v", "info"]
    argv += _source(plan, Fraction(0), url, headers, allow_file)
    entries = _entries(plan, renditions, Fraction(0), samples, "direct")
    argv += _graphs(renditions, entries, "direct", f"atrim=end_sample={samples}", measured=True)
    for rendition in renditions:
        argv += ["-map", f"[{rendition.name}]", "-f", "null", "-"]
    return argv


def _audio_of(plan: Plan) -> AudioPlan:
    if plan.audio is None:
        raise ValueError("the plan has no audio")
    return plan.audio


def _source(plan: Plan, entry_s: Fraction, url: str, headers: str, allow_file: bool) -> list[str]:
    """The input. A track of nothing but errors is silence, not a reason to end. One thread a filter graph: a
    hundred for eight tracks are enough."""
    return [
        *source_limits(plan, url, headers, allow_file), "-vn", "-sn", "-dn", "-copyts",
        "-max_error_rate", "1", "-filter_complex_threads", "1",
        *seek(plan, entry_s, AUDIO_MARGIN_S), "-i", url,
    ]  # fmt: skip


def _entries(
    plan: Plan, renditions: Sequence[AudioRendition], entry_s: Fraction, samples: int, way: Way
) -> list[str]:
    """Of each track, what begins its graph: it from `entry_s` after the origin, with time 0 there, in one
    channel layout."""
    shift = f"round({plan.origin_ticks}*{plan.time_base}/TB)-round({entry_s}/TB)"
    exit_s = samples // SAMPLE_RATE + AUDIO_EXIT_S
    found = []
    for group in _by_track(renditions):
        graph = (
            f"anullsrc=sample_rate={SAMPLE_RATE},atrim=end_sample=1,"
            if way == "silent"
            else f"{_streams(group[0])}asetpts=PTS-{shift},atrim=start=0:end={exit_s},"
        )
        # An upmix of mono leaves it as it is, and cannot fail whatever the layout.
        graph += "pan=mono|c0=c0," if group[0].source_channels == 1 else ""
        found.append(f"{graph}aformat=sample_fmts=fltp:channel_layouts={_layout(group)}")
    return found


def _streams(rendition: AudioRendition) -> str:
    """The track a graph begins with: a stream, or two that are its channels."""
    left = f"[0:a:{rendition.stream_index}]"
    if rendition.right_index is None:
        return left
    return f"{left}[0:a:{rendition.right_index}]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR,"


def _graphs(
    renditions: Sequence[AudioRendition],
    entries: Sequence[str],
    way: Way,
    grid: str,
    gains_db: Mapping[str, float] | None = None,
    measured: bool = False,
) -> list[str]:
    """The graphs of all tracks, which end in an output per rendition, on the `grid`.

    Samples are counted from the entry: a `first_pts` other than 0 is scaled wrongly when rates differ
    (measured).
    """
    loops, argv = [], []
    for number, (group, entry) in enumerate(zip(_by_track(renditions), entries, strict=True)):
        if way == "looped":
            # The sample at its end is for tracks that have none: without a frame there is no second graph.
            loops += ["-filter_complex", f"{entry},apad=pad_len=1[t{number}]", "-map", f"[t{number}]"]
            loops += ["-c:a", "pcm_f32le", "-f", "null", "-"]
            argv += ["-dec", f"{number}:0"]
        start = f"[dec:{number}]" if way == "looped" else f"{entry},"
        ends = "".join(f"[{rendition.name}.]" for rendition in group)
        graph = (
            f"{start}aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.03:first_pts=0,{grid},"
            f"aformat=sample_fmts=fltp:channel_layouts={_layout(group)},asplit={len(group)}{ends}"
        )
        for rendition in group:
            chain = [f"aformat=channel_layouts={LAYOUTS[rendition.channels]}"]
            gain_db = (gains_db or {}).get(rendition.name, 0.0) + _upmix_gain_db(rendition)
            chain += [f"volume={gain_db:.4f}dB"] if gain_db else []
            chain += [f"ebur128@{rendition.name}=peak=true:framelog=quiet"] if measured else []
            graph += f";[{rendition.name}.]{','.join(chain)}[{rendition.name}]"
        argv += ["-filter_complex", graph]
    return [*loops, *argv]


def _layout(group: Sequence[AudioRendition]) -> str:
    return LAYOUTS[max(rendition.channels for rendition in group)]


def _upmix_gain_db(rendition: AudioRendition) -> float:
    return MONO_GAIN_DB if rendition.source_channels == 1 and rendition.channels == STEREO else 0.0


def _by_track(renditions: Sequence[AudioRendition]) -> list[list[AudioRendition]]:
    """Renditions of one track together, in order."""
    found: dict[int, list[AudioRendition]] = {}
    for rendition in renditions:
        found.setdefault(rendition.stream_index, []).append(rendition)
    return list(found.values())


def _frag_duration_us(audio: AudioPlan) -> int:
    """FFmpeg cuts at the first frame that reaches it: half a frame less than a segment is exact."""
    return int((audio.segment_frames - Fraction(1, 2)) * AAC_FRAME_SAMPLES * 1_000_000 / SAMPLE_RATE)
