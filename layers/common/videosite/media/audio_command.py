"""Command lines for sound: pieces of all audio renditions at once, and the measuring of their loudness.

Both work in two steps in one FFmpeg. First each track is brought to one channel layout, as PCM to a null
output; a loopback decoder (`-dec`) hands it to the second step, which puts it on the grid and encodes it.
FFmpeg starts a filter graph anew when a track changes its layout or rate, as TV recordings do; the grid's
counting of samples must not start anew with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain

from videosite.media.command import head, input_limits, seek
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
    silent: bool = False,
) -> list[str]:
    """One FFmpeg for audio segments [first, end): a fragment of `segment_frames` AAC frames for each.

    Pieces overlap: the encoder runs before and after its piece, and what it makes there is dropped
    packet by packet before it is muxed, so every fragment that comes out is a segment of the grid.
    `fds` maps rendition names to the write ends of their pipes; `gains_db` to what to change their
    loudness by. `silent`: do not read the source at all.
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
    argv = [*head(ffmpeg), *([] if silent else _source(plan, entry_s, url, headers, allow_file))]
    argv += _tracks(plan, renditions, entry_s, finish - entry, silent)
    argv += _shaped(renditions, grid, gains_db or {})
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
    ffmpeg: str, plan: Plan, url: str, headers: str = "", allow_file: bool = False
) -> list[str]:
    """One FFmpeg that measures what would be encoded of each audio rendition, from start to end.

    Its stderr ends with an EBU R128 summary per rendition; `loudness.parse_summaries` reads them.
    """
    audio = _audio_of(plan)
    samples = audio.frames * AAC_FRAME_SAMPLES
    argv = [ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-v", "info"]
    argv += _source(plan, Fraction(0), url, headers, allow_file)
    argv += _tracks(plan, audio.renditions, Fraction(0), samples, silent=False)
    argv += _shaped(audio.renditions, f"atrim=end_sample={samples}", {}, measured=True)
    for rendition in audio.renditions:
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
        *input_limits(url, headers, allow_file), "-vn", "-sn", "-dn", "-copyts", "-max_error_rate", "1",
        "-filter_complex_threads", "1",
        *seek(plan, entry_s, AUDIO_MARGIN_S), "-i", url,
    ]  # fmt: skip


def _tracks(
    plan: Plan, renditions: Sequence[AudioRendition], entry_s: Fraction, samples: int, silent: bool
) -> list[str]:
    """First step: each track from `entry_s` after the origin, with time 0 there, in one channel layout.

    The sample at its end is for tracks that have none: without a frame there is no second step.
    """
    shift = f"round({plan.origin_ticks}*{plan.time_base}/TB)-round({entry_s}/TB)"
    exit_s = samples // SAMPLE_RATE + AUDIO_EXIT_S
    argv = []
    for number, group in enumerate(_by_track(renditions)):
        layout = LAYOUTS[max(rendition.channels for rendition in group)]
        graph = (
            f"anullsrc=sample_rate={SAMPLE_RATE},atrim=end_sample=1,"
            if silent
            else f"[0:a:{group[0].stream_index}]asetpts=PTS-{shift},atrim=start=0:end={exit_s},"
        )
        # An upmix of mono leaves it as it is, and cannot fail whatever the layout.
        graph += "pan=mono|c0=c0," if group[0].source_channels == 1 else ""
        graph += f"aformat=sample_fmts=fltp:channel_layouts={layout},apad=pad_len=1[t{number}]"
        argv += ["-filter_complex", graph, "-map", f"[t{number}]", "-c:a", "pcm_f32le", "-f", "null", "-"]
    return argv


def _shaped(
    renditions: Sequence[AudioRendition], grid: str, gains_db: Mapping[str, float], measured: bool = False
) -> list[str]:
    """Second step: tracks at 48 kHz with gaps as silence, on the `grid`, an output per rendition.

    Samples are counted from the entry: a `first_pts` other than 0 is scaled wrongly when rates differ
    (measured). What measures is one graph: each graph has a thread of its own, and summaries of several
    would be written into each other.
    """
    decoders: list[list[str]] = []
    graphs: list[str] = []
    for number, group in enumerate(_by_track(renditions)):
        layout = LAYOUTS[max(rendition.channels for rendition in group)]
        ends = "".join(f"[{rendition.name}.]" for rendition in group)
        graph = (
            f"[dec:{number}]aresample={SAMPLE_RATE}:async=1:first_pts=0,{grid},"
            f"aformat=sample_fmts=fltp:channel_layouts={layout},asplit={len(group)}{ends}"
        )
        for rendition in group:
            filters = [f"aformat=channel_layouts={LAYOUTS[rendition.channels]}"]
            gain_db = gains_db.get(rendition.name, 0.0) + _upmix_gain_db(rendition)
            filters += [f"volume={gain_db:.4f}dB"] if gain_db else []
            filters += [f"ebur128@{rendition.name}=peak=true:framelog=quiet"] if measured else []
            graph += f";[{rendition.name}.]{','.join(filters)}[{rendition.name}]"
        decoders.append(["-dec", f"{number}:0"])
        graphs.append(graph)
    if measured:
        return [*chain.from_iterable(decoders), "-filter_complex", ";".join(graphs)]
    each = zip(decoders, graphs, strict=True)
    return [word for decoder, graph in each for word in (*decoder, "-filter_complex", graph)]


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
