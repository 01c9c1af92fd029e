"""Uploading, changing and deleting subtitle tracks.

A track is a row and two objects: what was uploaded, byte by byte, and the WebVTT made of it. Everything
but the words can be changed later, since the WebVTT is made anew from the original.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.errors import BadInputError, ConflictError
from videosite.library import playback
from videosite.library.captions import (
    VTT_TYPE,
    etag_of,
    find_track,
    load_tracks,
    read_vtt,
    subtitle_key,
    subtitle_not_found,
)
from videosite.media import subtitle_files, webvtt
from videosite.media.fields import line
from videosite.media.languages import UNKNOWN, canonical, language_name, language_tag
from videosite.media.subtitle_files import SubtitleFile
from videosite.pipeline import sidecars
from videosite.pipeline.snapshot import iso_time
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Subtitle, subtitle_item
from videosite.store.transactions import applied, commit

MAX_TRACKS = 50
"""Of one video; a change of the default is one transaction over all of them."""
MAX_SHIFT_MS = 3_600_000
URL_LIFE_S = 604_800
"""A week: what Signature Version 4 allows at most."""
ORIGINAL_TYPE = "application/octet-stream"
"""What was uploaded is never shown as what it says it is."""
CACHE = "public, max-age=60"
WRITING_S = 60.0
"""Files are written in less, or their writer was killed."""


def upload_subtitle(
    video_id: int,
    language: str,
    data: bytes,
    *,
    format: str | None = None,
    encoding: str | None = None,
    label: str | None = None,
    default: bool = False,
    shift_ms: int = 0,
) -> Subtitle:
    """Take a file as the track of a language, in place of the one there is.

    `format` and `encoding` are found out unless they are named; `label` is the language's own name unless
    there is one; `shift_ms`: how much later its cues are shown.

    Raises:
        BadInputError: `bad_language`, `bad_shift`; `too_large` and others of `subtitle_files.read`.
        BrokenFileError: the file is broken at a line.
        ConflictError: `too_many_tracks`; `changed_meanwhile`.
    """
    subtitle_files.check_size(len(data))
    language = canonical_language(language)
    file = subtitle_files.read(data, format, encoding, language)
    before = find_track(video_id, language)
    if before is None and len(load_tracks(video_id)) >= MAX_TRACKS:
        raise ConflictError("too_many_tracks", f"A video may have {MAX_TRACKS} uploaded subtitle tracks.")
    shown = line(label) or (before.label if before else "") or language_name(language) or "Subtitles"
    row = Subtitle(
        video_id,
        subtitle_item(language),
        language=language,
        label=shown,
        size_bytes=len(data),
        default=before.default if before else False,
        created_at_s=before.created_at_s if before else time.time(),
    )
    vtt = _describe_file(row, file, shift_ms)
    bucket = get_settings().media_bucket
    with _writing(row, before.revision if before else None):
        objects.put(bucket, original_key(row), data, ORIGINAL_TYPE, "no-store")
        objects.put(bucket, subtitle_key(video_id, language, "vtt"), vtt, VTT_TYPE, CACHE)
        if before and before.format != file.format:
            objects.delete(bucket, original_key(before))
    if default and not row.default:
        _make_default(row)
    return row


def change_subtitle(
    video_id: int,
    language: str,
    *,
    label: str | None = None,
    default: bool | None = None,
    shift_ms: int | None = None,
    encoding: str | None = None,
) -> Subtitle:
    """Change what is not None. Another `encoding` reads the original anew.

    Raises:
        NotFoundError: `subtitle_not_found`.
        BadInputError: `bad_shift`, `bad_label`; of `subtitle_files.read` for an encoding.
        BrokenFileError: the file is not in that encoding.
        ConflictError: `changed_meanwhile`.
    """
    row = get_subtitle(video_id, language)
    revision = row.revision
    if label is not None:
        row.label = line(label)
        if not row.label:
            raise BadInputError("bad_label", "The label is empty.")
    if shift_ms is not None or encoding is not None:
        data = read_original(row)
        file = subtitle_files.read(data, row.format, encoding or row.encoding, row.language)
        vtt = _describe_file(row, file, row.shift_ms if shift_ms is None else shift_ms)
        key = subtitle_key(video_id, row.language, "vtt")
        with _writing(row, revision):
            objects.put(get_settings().media_bucket, key, vtt, VTT_TYPE, CACHE)
    elif label is not None:
        _save(row, revision)
    if default is not None and default != row.default:
        _make_default(row, default)
    return row


def delete_subtitle(video_id: int, language: str) -> None:
    """Remove a track with its files.

    Raises:
        NotFoundError: `subtitle_not_found`.
        ConflictError: `changed_meanwhile`.
    """
    row = get_subtitle(video_id, language)
    # The row first: what is not listed is not looked for.
    if not applied(lambda: row.delete(condition=_is_as_read(row))):
        raise _changed()
    sidecars.mark(video_id)
    for key in (original_key(row), subtitle_key(video_id, row.language, "vtt")):
        objects.delete(get_settings().media_bucket, key)


def get_subtitle(video_id: int, language: str) -> Subtitle:
    """A track's row.

    Raises:
        NotFoundError: `subtitle_not_found`.
    """
    row = find_track(video_id, canonical_language(language))
    if row is None:
        raise subtitle_not_found()
    return row


def get_subtitle_url(video_id: int, language: str, now_s: float | None = None) -> str:
    """Where a track's WebVTT can be read for a week from now.

    Signed by the storage's reader (`X-Amz-Expires=604800`) where there is one, else with a path token.

    Raises:
        NotFoundError: `subtitle_not_found`.
    """
    return _url(get_subtitle(video_id, language), time.time() if now_s is None else now_s)


def _url(row: Subtitle, now_s: float) -> str:
    key = subtitle_key(row.video_id, row.language, "vtt")
    # Of this file alone: the original beside it is its owner's.
    return objects.presign_public_get(key, URL_LIFE_S) or (
        f"{playback.address_of(key, int(now_s) + URL_LIFE_S)}?v={row.etag}"
    )


def read_file(row: Subtitle, original: bool) -> bytes:
    """A track's WebVTT, or what was uploaded.

    Raises:
        NotFoundError: `subtitle_not_found`.
    """
    return read_original(row) if original else read_vtt(row)


def read_original(row: Subtitle) -> bytes:
    """What was uploaded.

    Raises:
        NotFoundError: `subtitle_not_found`.
    """
    data = objects.get(get_settings().media_bucket, original_key(row))
    if data is None:
        raise subtitle_not_found()
    return data


def original_key(row: Subtitle) -> str:
    """Where what was uploaded is: subtitles/video_7_en.srt. An uploaded WebVTT is beside the one that is
    played, as subtitles/video_7_en.original.vtt."""
    form = "original.vtt" if row.format == "vtt" else row.format
    return subtitle_key(row.video_id, row.language, form)


def describe(rows: Sequence[Subtitle], now_s: float) -> list[dict[str, Any]]:
    """The API's documents of some tracks."""
    return [
        {
            "language": row.language,
            "label": row.label,
            "default": row.default,
            "format": row.format,
            "encoding": row.encoding,
            "shift_ms": row.shift_ms,
            "cues": row.cues,
            "size_bytes": row.size_bytes,
            "etag": row.etag,
            "url": _url(row, now_s),
            "url_expires_at": iso_time(int(now_s) + URL_LIFE_S),
            "created_at": iso_time(row.created_at_s),
            "updated_at": iso_time(row.updated_at_s),
        }
        for row in rows
    ]


def canonical_language(value: str) -> str:
    """A language as keys and players have it: "PT_br" is "pt-BR", "ger" is "de".

    Raises:
        BadInputError: `bad_language`.
    """
    tag = language_tag(value)
    if tag == UNKNOWN and value.lower() != UNKNOWN:
        raise BadInputError("bad_language", "A language is a tag such as en, pt-BR or zh-Hant; und for none.")
    return canonical(tag)


def _describe_file(row: Subtitle, file: SubtitleFile, shift_ms: int) -> bytes:
    """Say in the row what a file is, and give its WebVTT."""
    if abs(shift_ms) > MAX_SHIFT_MS:
        raise BadInputError("bad_shift", "Subtitles may be shifted by an hour at most.")
    cues = subtitle_files.shift(file.cues, shift_ms)
    if not cues:
        raise BadInputError("bad_shift", "Shifted so far, nothing would be left of the subtitles.")
    vtt = webvtt.write(cues).encode()
    row.format, row.encoding, row.shift_ms = file.format, file.encoding, shift_ms
    row.cues, row.etag = len(cues), etag_of(vtt)
    return vtt


@contextmanager
def _writing(row: Subtitle, revision: str | None) -> Iterator[None]:
    """Save the row, and keep others from it until its files are written, too."""
    row.busy_until_s = time.time() + WRITING_S
    _save(row, revision)
    try:
        yield
    finally:
        mine = Subtitle.revision == row.revision
        applied(lambda: row.update([Subtitle.busy_until_s.remove()], condition=mine))


def _save(row: Subtitle, revision: str | None) -> None:
    """Write the row before the objects, on the condition that nobody else has since `revision` (None: it is
    a new one), nor is at it."""
    unchanged = Subtitle.item.does_not_exist() if revision is None else Subtitle.revision == revision
    row.revision, row.updated_at_s = ids.opaque_id(), time.time()
    if not applied(lambda: row.save(condition=unchanged & _is_free())):
        raise _changed()
    sidecars.mark(row.video_id)


def _is_as_read(row: Subtitle) -> Condition:
    unchanged: Condition = (Subtitle.revision == row.revision) & _is_free()
    return unchanged


def _is_free() -> Condition:
    now_s = time.time()
    free: Condition = Subtitle.busy_until_s.does_not_exist() | (Subtitle.busy_until_s < now_s)
    return free


def _changed() -> ConflictError:
    return ConflictError("changed_meanwhile", "This track was changed at the same moment; try again.")


def _make_default(row: Subtitle, default: bool = True) -> None:
    """Make a track the one that players show unasked, and no other; or none."""
    others = [other for other in load_tracks(row.video_id) if other.item != row.item] if default else []
    revision = ids.opaque_id()

    def put(write: TransactWrite, track: Subtitle, value: bool) -> None:
        key = Subtitle(track.video_id, track.item)
        actions: list[Action] = [Subtitle.default.set(value), Subtitle.revision.set(revision)]
        write.update(key, actions=actions, condition=_is_as_read(track))

    def fill(write: TransactWrite) -> None:
        for other in others:
            if other.default:
                put(write, other, False)
            else:
                # Nor does anybody make this one the default at the same moment.
                write.condition_check(Subtitle, other.video_id, other.item, condition=_is_as_read(other))
        put(write, row, default)

    if commit(fill):
        raise _changed()
    sidecars.mark(row.video_id)
    row.default, row.revision = default, revision
