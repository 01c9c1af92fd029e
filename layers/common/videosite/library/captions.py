"""Uploaded subtitles as players get them: listed beside the embedded ones, and rendered for each request.

They are addressed inside the media of a generation, so the token that plays a video opens its subtitles, a
new asset key ends both, and a transcode need not know of them. The WebVTT's ETag is part of the address:
what was replaced or deleted is not found any more.
"""

import hashlib
import re
from collections.abc import Sequence

from videosite.errors import NotFoundError
from videosite.media import hls
from videosite.media.plan import Plan
from videosite.media.subtitles import SubtitlePlan, TextTrack, UploadedTrack
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Subtitle, subtitle_item

FOLDER = "captions"
VTT_TYPE = "text/vtt; charset=utf-8"
_FILE = re.compile(r"([A-Za-z0-9-]{2,35})\.([0-9a-f]{16})\.(m3u8|vtt)", re.ASCII)


def subtitle_key(video_id: int, language: str, form: str) -> str:
    """Key of a track's file in the media bucket: subtitles/video_7_en.vtt."""
    return f"subtitles/video_{video_id}_{language}.{form}"


def etag_of(vtt: bytes) -> str:
    """What tells one text of a track from the next."""
    return hashlib.sha256(vtt).hexdigest()[:16]


def load_tracks(video_id: int) -> list[Subtitle]:
    """A video's uploaded tracks, by language."""
    found = Subtitle.query(
        # Not begins_with: see `playback.find_asset`.
        video_id,
        Subtitle.item.between(subtitle_item(""), subtitle_item("~")),
        consistent_read=True,
    )
    return list(found)


def listed(video_id: int, embedded: Sequence[SubtitlePlan]) -> list[TextTrack]:
    """All tracks of a video; no label is there twice (RFC 8216, 4.3.4.1)."""
    tracks: list[TextTrack] = list(embedded)
    labels = {track.label for track in tracks}
    for row in load_tracks(video_id):
        label = row.label if row.label not in labels else f"{row.label} #{len(tracks) + 1}"
        labels.add(label)
        file = f"{FOLDER}/{row.language}.{row.etag}"
        tracks.append(
            UploadedTrack(
                name=f"{FOLDER}-{row.language}",
                language=row.language,
                label=label,
                default=row.default,
                playlist=f"{file}.m3u8",
                file=f"{file}.vtt",
            )
        )
    return tracks


def render(video_id: int, plan: Plan, file: str) -> tuple[str, str]:
    """(text, media type) of a track's playlist or WebVTT by the name that `listed` gave it.

    Raises:
        NotFoundError: `subtitle_not_found`, also for a text that was replaced.
    """
    match = _FILE.fullmatch(file)
    row = find_track(video_id, match[1]) if match else None
    if not match or row is None or row.etag != match[2]:
        raise subtitle_not_found()
    if match[3] == "m3u8":
        return hls.subtitle_playlist(plan, f"{row.language}.{row.etag}.vtt"), "application/vnd.apple.mpegurl"
    return read_vtt(row).decode(), VTT_TYPE


def find_track(video_id: int, language: str) -> Subtitle | None:
    """The row of a track, read consistently, or None."""
    try:
        return Subtitle.get(video_id, subtitle_item(language), consistent_read=True)
    except Subtitle.DoesNotExist:
        return None


def read_vtt(row: Subtitle) -> bytes:
    """The WebVTT a row speaks of.

    Raises:
        NotFoundError: `subtitle_not_found`, it is just being replaced.
    """
    data = objects.get(get_settings().media_bucket, subtitle_key(row.video_id, row.language, "vtt"))
    if data is None or etag_of(data) != row.etag:
        raise subtitle_not_found()
    return data


def subtitle_not_found() -> NotFoundError:
    """There is no such track, or not in that version."""
    return NotFoundError("subtitle_not_found", "There is no such subtitle track.")
