"""A library in a folder: what storage holds, and the rows that do not follow from it.

    backup.json               {"version": 1}
    objects.jsonl             one line per object: bucket, key, size, ETag, headers
    uploads/… media/…         the objects, by key: sources, media with their sidecars, pictures, subtitles
    tables/{name}.jsonl       rows in DynamoDB's JSON

Rows of videos, transcodes and subtitles come back from the sidecars (`videosite.library.rebuild`). Kept
beside them are accounts with their passwords' hashes (Argon2id; a backup that locks everybody out is none),
roles, webhooks, histories, statistics and the audit log. Not kept: sessions and one-use links (people sign in
anew), sockets, messages of the last week, deliveries, answers to repeated requests, limits, counted views.

Into the same folder again, only what changed is copied, and what was deleted goes.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from videosite.accounts.users import find_by_email
from videosite.housekeeping.sidecars import write_one
from videosite.library.rebuild import Rebuilt, rebuild
from videosite.settings import require
from videosite.store import copies, rows
from videosite.store.copies import Listed
from videosite.store.tables import (
    AuditEntry,
    Role,
    Statistic,
    Table,
    Usage,
    User,
    Video,
    Watched,
    Webhook,
)

VERSION = 1
TABLES: tuple[type[Table], ...] = (User, Role, Webhook, Watched, Usage, Statistic, AuditEntry)
BUCKETS = {"uploads": "uploads_bucket", "media": "media_bucket"}
"""Folder → setting."""
PEOPLE = ("user_id", "owner_id", "target_id", "created_by")
"""Attributes that name an account."""
NOW = "now"
_KEY = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)*[A-Za-z0-9_][A-Za-z0-9._-]*", re.ASCII)
"""Keys of ours: as paths they stay below the folder."""

Say = Callable[[str], None]


class BackupError(Exception):
    """The folder is none of ours; the message says what is wrong with it."""


# --- writing ----------------------------------------------------------------------------------------


def backup(folder: Path, say: Say) -> dict[str, int]:
    """Bring a folder to what the library is now; returns how much there is and how much was copied.

    Raises:
        BackupError: there is something else in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        _check(folder)
    _write(folder / "backup.json", [{"version": VERSION}])
    say("writing sidecars")
    videos = [video.video_id for video in Video.scan(attributes_to_get=["video_id"])]
    for video_id in videos:
        write_one(video_id)
    say("copying tables")
    for table in TABLES:
        _write(folder / f"tables/{table.Meta.name}.jsonl", rows.read_all(table))
    say("copying objects")
    return {"videos": len(videos), **_copy_objects(folder)}


def _copy_objects(folder: Path) -> dict[str, int]:
    before = {(line["bucket"], line["key"]): line for line in _read(folder / "objects.jsonl")}
    lines, copied_bytes = [], 0
    for name, setting in BUCKETS.items():
        bucket, root = require(setting), folder / name
        for item in copies.list_all(bucket):
            if not _KEY.fullmatch(item.key):
                continue
            file = root / item.key
            known = before.get((name, item.key))
            if not known or known["etag"] != item.etag or _size(file) != item.size_bytes:
                headers = _download(bucket, item, file)
                copied_bytes += item.size_bytes
            else:
                headers = known["headers"]
            lines.append({"bucket": name, **asdict(item), "headers": headers})
        _remove_others(root, {line["key"] for line in lines if line["bucket"] == name})
    _write(folder / "objects.jsonl", lines)
    total = sum(line["size_bytes"] for line in lines)
    return {"objects": len(lines), "bytes": total, "copied_bytes": copied_bytes}


def _download(bucket: str, item: Listed, file: Path) -> dict[str, str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    # No key has a "~", so this is never mistaken for an object.
    part = file.with_name(f"{file.name}~")
    headers = copies.download(bucket, item.key, part)
    part.replace(file)
    return headers


def _remove_others(root: Path, keys: set[str]) -> None:
    for file in root.rglob("*") if root.exists() else ():
        if file.is_file() and file.relative_to(root).as_posix() not in keys:
            file.unlink()


# --- reading ----------------------------------------------------------------------------------------


def restore(folder: Path, adopter: User, say: Say) -> tuple[dict[str, int], Rebuilt]:
    """Put back what a folder holds and is not there, then make the videos' rows; what is there stays.

    Returns how much was put back, and what `rebuild` did. Accounts whose address somebody has here keep that
    account, and what belonged to them becomes theirs.

    Raises:
        BackupError: the folder is no backup, or of a newer version.
    """
    _check(folder)
    say("putting objects back")
    put = _put_objects(folder)
    say("putting rows back")
    renamed = _renamed(folder)
    count = 0
    for table in TABLES:
        for row in _read(folder / f"tables/{table.Meta.name}.jsonl"):
            if _is_wanted(table, row, renamed):
                count += rows.put_new(table, _rename(row, renamed))
    say("making the videos' rows")
    return {"objects": put, "rows": count}, rebuild(adopter, time.time())


def _put_objects(folder: Path) -> int:
    there = {
        (name, item.key): item.size_bytes
        for name, setting in BUCKETS.items()
        for item in copies.list_all(require(setting))
    }
    count = 0
    for line in _read(folder / "objects.jsonl"):
        name, key = line["bucket"], line["key"]
        if name not in BUCKETS or not _KEY.fullmatch(key) or there.get((name, key)) == line["size_bytes"]:
            continue
        copies.upload(require(BUCKETS[name]), key, folder / name / key, line["headers"])
        count += 1
    return count


def _renamed(folder: Path) -> dict[str, str]:
    """Ids of accounts in the folder → those that have their addresses here, where they differ."""
    found = {}
    for row in _read(folder / "tables/users.jsonl"):
        if "target_id" not in row and (same := find_by_email(row["email"]["S"])):
            found[row["user_id"]["S"]] = same.user_id
    return {old: new for old, new in found.items() if old != new}


def _is_wanted(table: type[Table], row: rows.Row, renamed: dict[str, str]) -> bool:
    if table is User:
        # The account that has the address here stays as it is.
        return row["user_id"]["S"] not in renamed and row.get("target_id", {}).get("S") not in renamed
    # What is in use now follows from the videos.
    return table is not Usage or row["period"]["S"] != NOW


def _rename(row: rows.Row, renamed: dict[str, str]) -> rows.Row:
    changed = {
        name: {"S": renamed[row[name]["S"]]} for name in PEOPLE if row.get(name, {}).get("S") in renamed
    }
    return row | changed


# --- files ------------------------------------------------------------------------------------------


def _check(folder: Path) -> None:
    try:
        (found,) = _read(folder / "backup.json")
        version = int(found["version"])
    except (KeyError, TypeError, ValueError):
        raise BackupError(f"{folder} is no backup of ours: it has no backup.json.") from None
    if version > VERSION:
        raise BackupError(f"{folder} was written by a newer version of VideoSite.")


def _read(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open() as lines:
            yield from map(json.loads, lines)


def _write(file: Path, lines: Any) -> None:
    """JSON lines that only their owner can read, all of them or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f"{file.name}~")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    part.replace(file)


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None
