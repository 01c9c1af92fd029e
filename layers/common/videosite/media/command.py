"""Command lines of ffprobe and FFmpeg, as lists; never a shell.

The flags and why each is there: docs/recipe.md. Measured with FFmpeg 9.0.2 and 8.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from videosite.media.ladder import Rendition
from videosite.media.plan import AAC_FRAME_SAMPLES, SAMPLE_RATE, Plan
from videosite.media.probe import MAX_PIXELS, MAX_STREAMS

FORMATS = "mov,matroska,mpegts,mpegps,mpeg,mpegvideo,avi,flv,asf,mxf,mp3,wav,ogg,flac,aac"
"""Demuxers input may use. Playlists and scripts (HLS, DASH, concat), which could read other files, and
pictures are not among them; `-protocol_whitelist` alone does not stop them (measured)."""
PROTOCOLS = "http,https,tcp,tls"
AUDIO_SEGMENT_US = 2_000_000
POSTER_AT = 10
"""The poster is taken this part of the way in: 1/10."""
POSTER_WIDTH = 1280


def _input(url: str, headers: str) -> list[str]:
    """Limits on input, then the input. A URL without a scheme is a local file, for tests and tools."""
    remote = url.startswith(("http://", "https://"))
    limits = [
        "-protocol_whitelist", PROTOCOLS if remote else "file",
        "-format_whitelist", FORMATS,
        "-max_streams", str(MAX_STREAMS),
        "-max_pixels", str(MAX_PIXELS),
        "-max_alloc", str(512 << 20),
        "-probesize", "10000000",
        "-analyzeduration", "10000000",
    ]  # fmt: skip
    if remote:
        limits += ["-max_redirects", "0", "-rw_timeout", "15000000"]
        if headers:
            limits += ["-headers", headers]
    return limits


def probe_argv(ffprobe: str, url: str, headers: str = "") -> list[str]:
    """ffprobe of container and streams. Never packets or frames: that would read the whole file."""
    return [
        ffprobe, "-v", "error", *_input(url, headers),
        "-show_format", "-show_streams", "-of", "json", "-i", url,
    ]  # fmt: skip


def _head(ffmpeg: str) -> list[str]:
    return [ffmpeg, "-nostdin", "-y", "-v", "warning", "-progress", "pipe:1", "-stats_period", "0.5"]


def _seek(plan: Plan, at_s: float, margin_s: float) -> list[str]:
    """Seek to `margin_s` before `at_s` after the origin; from the source's start if that is before it."""
    if at_s - margin_s <= 0:
        return []
    target_s = float(plan.origin_s) + at_s - margin_s
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
) -> list[str]:
    """One FFmpeg for segments [first, end) of all renditions of a codec, one pipe each.

    `fds` maps rendition names to the write ends of their pipes. Absolute timestamps are kept, so tfdt
    is the grid's by itself and a bad seek shows as a wrong one.
    """
    start_frame, end_frame = plan.frame_span(first, end)
    renditions = [rendition for rendition in plan.renditions if rendition.name in fds]
    argv = [*_head(ffmpeg), *_input(url, headers), "-copyts"]
    argv += _seek(plan, float(start_frame / plan.rate), margin_s)
    argv += ["-i", url, "-filter_complex", _video_filter(plan, renditions, start_frame, end_frame)]
    for index, rendition in enumerate(renditions):
        argv += [
            "-map", f"[v{index}]", *_encoder(plan, rendition),
            "-fps_mode", "passthrough", "-enc_time_base", f"{plan.rate.denominator}/{plan.rate.numerator}",
            "-map_metadata", "-1", "-map_chapters", "-1",
            "-avoid_negative_ts", "disabled", "-muxdelay", "0", "-f", "mp4",
            "-movflags", "+default_base_moof+negative_cts_offsets+frag_keyframe+frag_discont+delay_moov",
            "-video_track_timescale", str(plan.timescale),
            "-fragment_index", str(first + 1),
            f"pipe:{fds[rendition.name]}",
        ]  # fmt: skip
    return argv


def _video_filter(plan: Plan, renditions: list[Rendition], start_frame: int, end_frame: int) -> str:
    rate = f"{plan.rate.numerator}/{plan.rate.denominator}"
    chain = [f"[0:V:0]setpts=PTS-({plan.origin_ticks})"]
    # Only the first range may fill a gap at the start; elsewhere that would hide a bad seek.
    chain.append(f"fps=fps={rate}:round=near{':start_time=0' if start_frame == 0 else ''}")
    if end_frame == plan.frames:
        chain.append(f"tpad=stop={plan.tail_frames}:stop_mode=clone")
    chain.append(f"trim=start_pts={start_frame}:end_pts={end_frame}")
    chain.append("format=yuv420p")
    outputs = "".join(f"[s{index}]" for index in range(len(renditions)))
    scales = ";".join(
        f"[s{index}]scale={rendition.width}:{rendition.height}:flags=bicubic,setsar=1[v{index}]"
        for index, rendition in enumerate(renditions)
    )
    return f"{','.join(chain)},split={len(renditions)}{outputs};{scales}"


def _encoder(plan: Plan, rendition: Rendition) -> list[str]:
    """Encoder flags. One thread per rendition: x264 with VBV and more is not deterministic (measured)."""
    gop = plan.segment_frames
    return [
        "-c:v", "libx264", "-preset", rendition.preset, "-crf", str(rendition.crf),
        "-maxrate", f"{rendition.maxrate_kbps}k", "-bufsize", f"{rendition.bufsize_kbps}k",
        "-bf", "3", "-sc_threshold", "0", "-threads", "1", "-forced-idr", "1",
        "-x264-params", "cpu-independent=1",
        "-g", str(gop), "-keyint_min", str(gop),
        "-force_key_frames", f"expr:eq(mod(n,{gop}),0)", "-flags", "+cgop",
    ]  # fmt: skip


def audio_piece_argv(
    ffmpeg: str, plan: Plan, first: int, end: int, url: str, fd: int, headers: str = ""
) -> list[str]:
    """One FFmpeg for audio segments [first, end), as fragments of `segment_frames` AAC frames.

    A piece that does not begin at 0 starts one segment early: that fragment is pre-roll, to be dropped,
    and makes the joint as good as a whole encode (AAC needs 8 frames; a whole segment costs the same
    and keeps the fragments on the grid).
    """
    audio = plan.audio
    if audio is None:
        raise ValueError("the plan has no audio")
    start_frame = max(0, first - 1) * audio.segment_frames
    end_frame = min(end * audio.segment_frames, audio.frames)
    # The encoder puts its 1,024 priming samples in front, so input starts a frame later on the grid.
    start_sample = (start_frame + 1) * AAC_FRAME_SAMPLES
    last = end_frame == audio.frames
    # Packet n needs samples up to frame n + 1; what comes out beyond the piece is not stored.
    end_sample = (end_frame if last else end_frame + 2) * AAC_FRAME_SAMPLES
    origin = f"{plan.origin_s.numerator}/{plan.origin_s.denominator}"
    chain = [
        f"asetpts=PTS-({origin})/TB",
        f"aresample={SAMPLE_RATE}:async=1:first_pts={0 if first == 0 else start_sample}",
        "apad",
        f"atrim=start_sample={start_sample if first == 0 else 0}:end_sample="
        f"{end_sample if first == 0 else end_sample - start_sample}",
    ]
    start_s = max(0.0, start_sample / SAMPLE_RATE)
    return [
        *_head(ffmpeg), *_input(url, headers), "-copyts",
        *(_seek(plan, start_s, max(1.0, plan.seek_margin_s)) if first else []),
        "-i", url, "-map", f"0:a:{audio.stream_index}", "-vn", "-sn", "-dn",
        "-af", ",".join(chain),
        "-c:a", "aac", "-b:a", f"{audio.bitrate_kbps}k", "-ac", str(audio.channels), "-ar", str(SAMPLE_RATE),
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-avoid_negative_ts", "disabled", "-f", "mp4",
        "-movflags", "+cmaf+frag_discont+delay_moov", "-frag_duration", str(AUDIO_SEGMENT_US),
        f"pipe:{fd}",
    ]  # fmt: skip


def poster_argv(ffmpeg: str, plan: Plan, url: str, fd: int, headers: str = "") -> list[str]:
    """One JPEG to a pipe: a frame a tenth of the way in, at most 1,280 pixels wide."""
    at_s = float(plan.duration_s) / POSTER_AT
    width = min(POSTER_WIDTH, plan.width // 2 * 2)
    height = max(2, ceil(width * plan.height / plan.width / 2) * 2)
    return [
        ffmpeg, "-nostdin", "-y", "-v", "warning", *_input(url, headers), "-copyts",
        *_seek(plan, at_s, plan.seek_margin_s), "-i", url,
        "-map", "0:V:0", "-frames:v", "1", "-vf", f"scale={width}:{height},setsar=1,format=yuvj420p",
        "-map_metadata", "-1", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe", f"pipe:{fd}",
    ]  # fmt: skip
