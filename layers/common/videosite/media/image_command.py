"""Command lines for pictures: from the source, and from segments of ours that come through a pipe."""

from __future__ import annotations

from collections.abc import Mapping

from videosite.media.command import as_pictures, ratio, seek, source_limits, to_bt709
from videosite.media.images import STILLS, Preview, Sheet, Storyboard, fit
from videosite.media.plan import Plan

SCORE_SIDE = 320
ENTROPY = "lavfi.entropy.normalized_entropy.normal.Y"
JPEG_COLOURS = ":out_color_matrix=bt601:out_range=pc"
"""JPEG knows no others (JFIF); WebP has the same matrix in the other range."""
_JPEG = ("-c:v", "mjpeg", "-f", "image2pipe")


def candidate_argv(
    ffmpeg: str, plan: Plan, frame: int, key_only: bool, url: str, headers: str = "", allow_file: bool = False
) -> list[str]:
    """Prints time and entropy of one candidate's luma; see `parse_candidate`.

    `key_only`: the key frame at or before grid frame `frame`, which costs one decoded frame; else that
    very frame.
    """
    width, height = fit(plan.width, plan.height, SCORE_SIDE)
    chain = [*_choose(plan, frame, key_only), f"scale={width}:{height}", "format=gray", "entropy"]
    chain.append(f"metadata=print:key={ENTROPY}:file=-")
    return [
        *_source(ffmpeg, plan, frame, key_only, url, headers, allow_file),
        "-map", f"0:V:{plan.video_index}", "-frames:v", "1", "-fps_mode", "passthrough",
        "-vf", ",".join(chain), "-f", "null", "-",
    ]  # fmt: skip


def parse_candidate(lines: list[str]) -> tuple[str, float] | None:
    """(pts, entropy) of the first frame that was printed, or None if there was none."""
    pts = ""
    for line in lines:
        if line.startswith("frame:"):
            pts = line.partition("pts:")[2].split()[0]
        elif line.startswith(f"{ENTROPY}=") and pts:
            return pts, float(line.partition("=")[2])
    return None


def stills_argv(
    ffmpeg: str,
    plan: Plan,
    frame: int,
    key_only: bool,
    url: str,
    fds: Mapping[str, int],
    headers: str = "",
    allow_file: bool = False,
) -> list[str]:
    """One frame, chosen as by `candidate_argv`, as JPEGs of all sizes. `fds` maps `STILLS` to pipes."""
    sizes = {name: fit(plan.width, plan.height, side) for name, side in STILLS.items()}
    chain = [*_choose(plan, frame, key_only), *to_bt709(plan, *max(sizes.values()))]
    # One frame is enough for all outputs, and the decoder need not go on.
    chain += ["trim=end_frame=1", f"split={len(sizes)}{''.join(f'[s{name}]' for name in sizes)}"]
    scales = [
        f"[s{name}]scale={width}:{height}{JPEG_COLOURS},setsar=1,format=yuvj420p[{name}]"
        for name, (width, height) in sizes.items()
    ]
    argv = [
        *_source(ffmpeg, plan, frame, key_only, url, headers, allow_file),
        "-filter_complex", f"[0:V:{plan.video_index}]{','.join(chain)};{';'.join(scales)}",
    ]  # fmt: skip
    for name in sizes:
        argv += [
            "-map", f"[{name}]", "-frames:v", "1", "-fps_mode", "passthrough",
            "-map_metadata", "-1", "-q:v", "3", *_JPEG, f"pipe:{fds[name]}",
        ]  # fmt: skip
    return argv


def _source(
    ffmpeg: str, plan: Plan, frame: int, key_only: bool, url: str, headers: str, allow_file: bool
) -> list[str]:
    margin_s = 0.0 if key_only else plan.seek_margin_s
    return [
        ffmpeg, "-nostdin", "-y", "-v", "warning", *source_limits(plan, url, headers, allow_file), "-copyts",
        *(["-skip_frame", "nokey"] if key_only else []),
        *seek(plan, frame / plan.rate, margin_s), "-i", url,
    ]  # fmt: skip


def _choose(plan: Plan, frame: int, key_only: bool) -> list[str]:
    """Filters whose first output is the wanted frame."""
    if key_only:
        return as_pictures(plan)
    return [
        f"setpts=PTS-({plan.origin_ticks})",
        *as_pictures(plan),
        f"fps=fps={ratio(plan.rate)}:round=near",
        f"trim=start_pts={frame}",
    ]


def sheet_argv(ffmpeg: str, storyboard: Storyboard, sheet: Sheet, read_fd: int, write_fd: int) -> list[str]:
    """One JPEG of a sheet's tiles, out of its segments (init first) from `read_fd`."""
    choose = [f"select=not(mod(n\\,{sheet.every}))"] if sheet.every else []
    tile = f"tile={sheet.columns}x{sheet.rows}:nb_frames={sheet.end - sheet.first}"
    chain = [
        *choose, f"scale={storyboard.width}:{storyboard.height}{JPEG_COLOURS}", "setsar=1",
        "format=yuvj420p", tile,
    ]  # fmt: skip
    return [
        *_segments(ffmpeg, read_fd, key_only=not sheet.every),
        "-frames:v", "1", "-fps_mode", "passthrough", "-vf", ",".join(chain),
        "-map_metadata", "-1", "-q:v", "5", *_JPEG, f"pipe:{write_fd}",
    ]  # fmt: skip


def preview_argv(ffmpeg: str, preview: Preview, read_fd: int, write_fd: int) -> list[str]:
    """An animated WebP without end, out of the preview's segments (init first) from `read_fd`."""
    wanted = "+".join(
        f"between(n\\,{start}\\,{end - 1})*not(mod(n-{start}\\,{preview.every}))"
        for start, end in preview.spans
    )
    rate = ratio(preview.rate)
    chain = [
        f"select={wanted}", f"settb=1/1000,setpts=N*1000/({rate})", f"fps={rate}",
        f"scale={preview.width}:{preview.height}:out_color_matrix=bt601:out_range=tv", "setsar=1",
    ]  # fmt: skip
    return [
        *_segments(ffmpeg, read_fd, key_only=False), "-vf", ",".join(chain),
        "-map_metadata", "-1", "-c:v", "libwebp_anim", "-quality", "50", "-loop", "0",
        "-f", "webp", f"pipe:{write_fd}",
    ]  # fmt: skip


def _segments(ffmpeg: str, read_fd: int, key_only: bool) -> list[str]:
    """Input of ours. With `key_only` nothing but key frames is decoded."""
    return [
        ffmpeg, "-nostdin", "-y", "-v", "warning", "-protocol_whitelist", "pipe", "-threads", "1",
        *(["-skip_frame", "nokey"] if key_only else []), "-f", "mov", "-i", f"pipe:{read_fd}",
    ]  # fmt: skip
