"""Command lines of ffprobe and FFmpeg, as lists; never a shell.

Measured with FFmpeg 9.0.2 and ffprobe 8.1.2; tests/media holds each command to its promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from importlib.resources import files

from videosite.media import decoders
from videosite.media.ladder import Rendition
from videosite.media.plan import Plan
from videosite.media.probe import LARGE_PIXELS, MAX_PIXELS, MAX_STREAMS

FORMATS = "mov,matroska,mpegts,mpegps,mpeg,mpegvideo,avi,dv,rm,flv,asf,mxf,mp3,wav,ogg,flac,aac"
"""Demuxers input may use. Playlists and scripts (HLS, DASH, concat), which could read other files, and
pictures are not among them; `-protocol_whitelist` alone does not stop them (measured)."""
PROTOCOLS = "http,https,tcp,tls"
TAGS = {
    matrix: f"range=tv:color_primaries={matrix}:color_trc={transfer}:colorspace={matrix}:field_mode=prog"
    for matrix, transfer in (("bt709", "bt709"), ("smpte170m", "smpte170m"), ("bt470bg", "smpte170m"))
}
"""What pictures leave the filters as, for each matrix of a plan. Encoders write it into the init segment:
without it ranges of a source whose tags change on the way would have different ones."""
CA_FILE = str(files("botocore") / "cacert.pem")
"""Authorities that a storage's certificate is believed of: the list of AWS's SDK. The builds look in places
Lambda need not have (FFmpeg) or believe anybody (ffprobe)."""
SILENCE_S, PROBE_SILENCE_S = 15, 5
"""How long storage may say nothing, to FFmpeg and to ffprobe, whose whole time is short."""

PROBE_MAX_PIXELS = 16384 * 16384
"""ffprobe may see what is too large, so that it can be said; H.264 and HEVC have no larger ones."""
DEEP = "200000000"
"""Bytes, and microseconds: about what storage gives in two seconds."""


def input_limits(
    url: str,
    headers: str,
    allow_file: bool,
    max_streams: int = MAX_STREAMS,
    silence_s: int = SILENCE_S,
    max_pixels: int = MAX_PIXELS,
) -> list[str]:
    """Limits on input, to stand before `-i`. `headers`: HTTP header lines, each ended by CRLF;
    `allow_file`: for tests and tools, whose sources are local files.
    """
    limits = [
        "-protocol_whitelist", f"{PROTOCOLS},file" if allow_file else PROTOCOLS,
        "-format_whitelist", FORMATS,
        "-codec_whitelist", decoders.ALLOWED,
        "-max_streams", str(max_streams),
        "-max_pixels", str(max_pixels),
        "-max_alloc", str(512 << 20),
        "-probesize", "10000000",
        "-analyzeduration", "10000000",
    ]  # fmt: skip
    if url.startswith("https://"):
        limits += ["-tls_verify", "1", "-ca_file", CA_FILE]
    if url.startswith(("http://", "https://")):
        # FFmpeg refuses options that the protocol it opens does not have.
        # Without `multiple_requests` it asks the server to close, and then, when it seeks in a file it has
        # read to its end, uses that connection all the same: TS files had no duration (ffprobe 8.1.2).
        limits += ["-max_redirects", "0", "-rw_timeout", f"{silence_s}000000", "-multiple_requests", "1"]
        if headers:
            limits += ["-headers", headers]
    return limits


def source_limits(plan: Plan, url: str, headers: str, allow_file: bool) -> list[str]:
    """`input_limits` of a source that is read from somewhere in its middle.

    An MP4 of fragments may end in an index of them, which FFmpeg does not look for by itself: it walks all of
    them, with a request each. Other formats do not know the option.
    """
    index = ["-use_mfra_for", "pts"] if plan.mp4 else []
    return [*input_limits(url, headers, allow_file), *index]


def probe_argv(
    ffprobe: str, url: str, headers: str = "", allow_file: bool = False, deep: bool = False
) -> list[str]:
    """ffprobe of container, streams and programmes. Never packets or frames: that would read all of it.

    `deep`: look far into the file for streams that begin late.
    """
    return [
        *_ffprobe(ffprobe, url, headers, allow_file),
        *(["-probesize", DEEP, "-analyzeduration", DEEP] if deep else ()),
        "-show_format", "-show_streams", "-show_entries", "program_stream=index", "-of", "json", "-i", url,
    ]  # fmt: skip


def packets_argv(
    ffprobe: str, video_index: int, url: str, headers: str = "", allow_file: bool = False
) -> list[str]:
    """ffprobe of all packets of the video, which reads the whole file: a line "pts,duration" in time base
    ticks for each."""
    return [
        *_ffprobe(ffprobe, url, headers, allow_file),
        "-select_streams", f"V:{video_index}", "-show_entries", "packet=pts,duration",
        "-of", "csv=p=0", "-i", url,
    ]  # fmt: skip


def _ffprobe(ffprobe: str, url: str, headers: str, allow_file: bool) -> list[str]:
    """It may see one stream more than are allowed: mkv and TS end there without an error (measured)."""
    limits = input_limits(url, headers, allow_file, MAX_STREAMS + 1, PROBE_SILENCE_S, PROBE_MAX_PIXELS)
    return [ffprobe, "-v", "error", *limits]


def ratio(value: Fraction) -> str:
    """As FFmpeg's rational options want it: always with a denominator."""
    return f"{value.numerator}/{value.denominator}"


def head(ffmpeg: str) -> list[str]:
    """FFmpeg with its progress on stdout."""
    return [ffmpeg, "-nostdin", "-y", "-v", "warning", "-progress", "pipe:1", "-stats_period", "0.5"]


def seek(plan: Plan, at_s: Fraction, margin_s: float) -> list[str]:
    """Seek to `margin_s` before `at_s` after the origin; from the source's start if that is before it."""
    if at_s <= margin_s:
        return []
    target_s = float(plan.origin_s + at_s) - margin_s
    return ["-ss", f"{target_s:.6f}", "-noaccurate_seek", "-seek_timestamp", "1"]


def video_range_argv(
    ffmpeg: str,
    plan: Plan,
    first: int,
    end: int,
    url: str,
    fds: Mapping[str, int],
    margin_s: float,
    headers: str = "",
    allow_file: bool = False,
) -> list[str]:
    """One FFmpeg for segments [first, end) of all renditions of a codec, one pipe each.

    `fds` maps rendition names to the write ends of their pipes. Absolute timestamps are kept, so tfdt
    is the grid's by itself and a bad seek shows as a wrong one. `margin_s`: how far before the range to
    seek; infinity reads from the start.
    """
    start_frame, end_frame = plan.frame_span(first, end)
    renditions = [rendition for rendition in plan.renditions if rendition.name in fds]
    argv = [*head(ffmpeg), *source_limits(plan, url, headers, allow_file), "-copyts"]
    argv += seek(plan, start_frame / plan.rate, margin_s)
    # A picture that changes its size or tags on the way goes through the filters as they are: built anew,
    # `fps` would lose a frame and begin at the grid's start again.
    argv += ["-reinit_filter", "0", "-i", url]
    argv += ["-filter_complex", video_filter(plan, renditions, start_frame, end_frame)]
    for index, rendition in enumerate(renditions):
        argv += [
            "-map", f"[v{index}]", *_encoder(plan, rendition),
            "-fps_mode", "passthrough", "-enc_time_base", ratio(1 / plan.rate),
            "-map_metadata", "-1", "-map_chapters", "-1",
            "-avoid_negative_ts", "disabled", "-muxdelay", "0", "-f", "mp4",
            "-movflags", "+default_base_moof+negative_cts_offsets+frag_keyframe+frag_discont+delay_moov",
            "-video_track_timescale", str(plan.timescale),
            "-fragment_index", str(first + 1),
            f"pipe:{fds[rendition.name]}",
        ]  # fmt: skip
    return argv


def video_filter(plan: Plan, renditions: list[Rendition], start_frame: int, end_frame: int) -> str:
    """Grid frames [start, end) at each rendition's size, as its encoder takes them: outputs [v0], [v1] …"""
    chain = [f"[0:V:{plan.video_index}]setpts=PTS-({plan.origin_ticks})", *as_pictures(plan)]
    # Only the first range may fill a gap at the start; elsewhere that would hide a bad seek.
    chain.append(f"fps=fps={ratio(plan.rate)}:round=near{':start_time=0' if start_frame == 0 else ''}")
    if end_frame >= plan.frames - plan.held_frames:
        chain.append(f"tpad=stop={plan.tail_frames}:stop_mode=clone")
    chain.append(f"trim=start_pts={start_frame}:end_pts={end_frame}")
    chain += to_bt709(plan, *max((rendition.width, rendition.height) for rendition in renditions))
    chain.append("format=yuv420p")
    outputs = "".join(f"[s{index}]" for index in range(len(renditions)))
    scales = ";".join(
        f"[s{index}]scale={rendition.width}:{rendition.height}:flags=bicubic:out_color_matrix={plan.matrix}"
        f":out_range=tv,setsar=1,setparams={TAGS[plan.matrix]}[v{index}]"
        for index, rendition in enumerate(renditions)
    )
    return f"{','.join(chain)},split={len(renditions)}{outputs};{scales}"


def as_pictures(plan: Plan) -> list[str]:
    """One picture of each interlaced frame, which the frame's own flag tells: files leave it out (DV in
    AVI), or begin otherwise (broadcast). Colours that are not tagged are what the plan takes them for.
    """
    assume = [f"setparams=colorspace={plan.matrix}"] if plan.untagged else []
    size = "iw:ih"
    if plan.width * plan.height > LARGE_PIXELS:
        # Whichever renditions are asked for, so that they come out the same. Nothing as large is interlaced.
        width, height = max((rendition.width, rendition.height) for rendition in plan.renditions)
        size = f"{width}:{height}:flags=bicubic"
    # `bwdif` ends when the size changes: `scale` keeps it as it was at first, and passes the rest through.
    return [*assume, f"scale={size}", "bwdif=mode=send_frame:deint=interlaced"]


def to_bt709(plan: Plan, width: int, height: int) -> list[str]:
    """Colours of wide primaries, and tone mapping of an HDR source, at the size it is needed in: that takes a
    hundred bits per pixel.

    Of HDR primaries and matrix are said: PQ and HLG are BT.2020 by definition, and a file may leave them out.
    Metadata of the HDR picture would make players map again.
    """
    scale = f"scale={width}:{height}:flags=bicubic"
    if plan.wide_primaries:
        return [scale, f"zscale=pin={plan.wide_primaries}:tin=709:p=709:t=709:m=709:r=tv"]
    if not plan.hdr_transfer:
        return []
    return [
        f"{scale}:out_range=tv",
        f"zscale=tin={plan.hdr_transfer}:min=2020_ncl:pin=2020:rin=tv:t=linear:npl=100",
        "format=gbrpf32le", "zscale=p=709", "tonemap=tonemap=hable:desat=0", "zscale=t=709:m=709:r=tv",
        "sidedata=mode=delete",
    ]  # fmt: skip


def _encoder(plan: Plan, rendition: Rendition) -> list[str]:
    """Encoder flags: closed GOPs of exactly a segment, rate by capped quality.

    One thread per rendition: x264 with VBV and more is not deterministic (measured).
    """
    gop = plan.segment_frames
    rate = [
        "-preset", rendition.preset, "-crf", str(rendition.crf),
        "-maxrate", f"{rendition.maxrate_kbps}k", "-bufsize", f"{rendition.bufsize_kbps}k",
    ]  # fmt: skip
    if rendition.codec == "av1":
        return ["-c:v", "libsvtav1", *rate, "-g", str(gop), "-svtav1-params", "scd=0:lp=1"]
    return [
        "-c:v", "libx264", *rate,
        "-bf", "3", "-sc_threshold", "0", "-threads", "1", "-forced-idr", "1",
        "-x264-params", "cpu-independent=1",
        "-g", str(gop), "-keyint_min", str(gop),
        "-force_key_frames", f"expr:eq(mod(n,{gop}),0)", "-flags", "+cgop",
    ]  # fmt: skip
