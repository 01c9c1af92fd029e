"""A library goes into a folder and comes back."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from infra import backup as backups
from infra.backup import BackupError, backup, restore
from tests.conftest import kept_client
from tests.unit.library.test_rebuild import NOW_S, lose_tables, owner, published, put
from videosite.accounts import audit, users
from videosite.library import history, subtitles, videos
from videosite.pipeline import jobs
from videosite.store import objects
from videosite.store.tables import AuditEntry, User, Watched

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.fixture
def folder(site: None, tmp_path: Path) -> Path:
    return tmp_path / "backup"


def quiet(_: str) -> None:
    """Steps are for people."""


def empty_buckets() -> None:
    for bucket in ("uploads", "media"):
        objects.delete_all(bucket, "")


def stored() -> dict[str, bytes]:
    """Everything in storage."""
    s3: Any = kept_client("s3")
    return {
        f"{bucket}/{item['Key']}": s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        for bucket in ("uploads", "media")
        for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    }


def test_everything_comes_back(folder: Path) -> None:
    user = owner()
    user.update([User.password_hash.set("$argon2id$of-ann")])
    video, _ = published(visibility="public")
    subtitles.upload_subtitle(7, "de", SRT)
    put("media", "thumbnails/video_7_poster.jpg", b"picture")
    history.note(user.user_id, video, 3.5, NOW_S)
    before = videos.describe([video], NOW_S)
    told = backup(folder, quiet)
    assert told["videos"] == 1
    assert told["objects"] == len(stored())
    kept = stored()

    empty_buckets()
    admin = lose_tables()
    put_back, rebuilt = restore(folder, admin, quiet)
    assert put_back["objects"] == len(kept)
    assert rebuilt.made == [7]
    assert stored() == kept
    assert videos.describe([jobs.load_video(7)], NOW_S) == before
    again = users.find_by_email("ann@example.org")
    assert again is not None
    assert (again.user_id, again.role, again.password_hash) == ("owner", "moderator", "$argon2id$of-ann")
    assert [row.position_s for row in Watched.query("owner")] == [3.5]
    assert {entry.action for entry in AuditEntry.scan()} == {"user.create"}
    # An address belongs to one account, also after this.
    second = users.new_user("ann@example.org", "x", "viewer", 1.0)
    assert not users.insert(second, audit.OPERATOR, "x", 1.0)


def test_twice_is_once(folder: Path) -> None:
    owner()
    published()
    backup(folder, quiet)
    empty_buckets()
    admin = lose_tables()
    restore(folder, admin, quiet)
    put_back, rebuilt = restore(folder, admin, quiet)
    assert put_back == {"objects": 0, "rows": 0}
    assert (rebuilt.made, rebuilt.there) == ([], 1)


def test_only_what_changed_is_copied_and_what_was_deleted_goes(folder: Path) -> None:
    published()
    put("media", "thumbnails/video_7_poster.jpg", b"old picture")
    first = backup(folder, quiet)
    assert first["copied_bytes"] == first["bytes"]
    assert backup(folder, quiet)["copied_bytes"] == 0
    put("media", "thumbnails/video_7_poster.jpg", b"new picture")
    put("media", "thumbnails/video_7_small.jpg", b"x")
    assert backup(folder, quiet)["copied_bytes"] == len(b"new picture") + 1
    objects.delete("media", "thumbnails/video_7_small.jpg")
    backup(folder, quiet)
    files = {str(file.relative_to(folder)) for file in folder.rglob("*.jpg")}
    assert files == {"media/thumbnails/video_7_poster.jpg"}


def test_headers_come_back(folder: Path) -> None:
    s3: Any = kept_client("s3")
    s3.put_object(
        Bucket="media", Key="videos/7/a/seg_00000.m4s", Body=b"x", ContentType="video/iso.segment",
        CacheControl=objects.IMMUTABLE,
    )  # fmt: skip
    backup(folder, quiet)
    empty_buckets()
    restore(folder, lose_tables(), quiet)
    found = s3.head_object(Bucket="media", Key="videos/7/a/seg_00000.m4s")
    assert (found["ContentType"], found["CacheControl"]) == ("video/iso.segment", objects.IMMUTABLE)


def test_accounts_that_are_there_stay_and_get_what_was_theirs(folder: Path) -> None:
    user = owner()
    video, _ = published()
    history.note(user.user_id, video, 3.5, NOW_S)
    backup(folder, quiet)
    empty_buckets()
    admin = lose_tables()
    now = users.new_user("ann@example.org", "another", "viewer", NOW_S)
    assert users.insert(now, audit.OPERATOR, "user.create", NOW_S)
    restore(folder, admin, quiet)
    found = users.find_by_email("ann@example.org")
    assert found is not None
    assert (found.user_id, found.role, found.password_hash) == (now.user_id, "viewer", "another")
    assert jobs.load_video(7).owner_id == now.user_id
    assert [row.position_s for row in Watched.query(now.user_id)] == [3.5]


def test_it_is_private(folder: Path) -> None:
    owner()
    backup(folder, quiet)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "tables/users.jsonl").stat().st_mode) == 0o600


def test_keys_that_are_no_paths_of_ours_stay_out(folder: Path) -> None:
    for key in ("videos/../../x", "/etc/passwd", "a//b", "videos/7/ü", ".ready", "videos/7/~"):
        put("media", key)
    assert backup(folder, quiet)["objects"] == 0
    (folder / "objects.jsonl").write_text(
        json.dumps({"bucket": "media", "key": "../../x", "size_bytes": 1, "etag": "e", "headers": {}}) + "\n"
    )
    assert restore(folder, lose_tables(), quiet)[0]["objects"] == 0


def test_another_folder_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(BackupError, match="no backup of ours"):
        backup(folder, quiet)
    with pytest.raises(BackupError, match="no backup of ours"):
        restore(folder, lose_tables(), quiet)
    (folder / "backup.json").write_text(json.dumps({"version": backups.VERSION + 1}) + "\n")
    with pytest.raises(BackupError, match="newer version"):
        restore(folder, lose_tables(), quiet)
