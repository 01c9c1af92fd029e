"""Rows made again from what storage holds: the library of an installation whose tables are gone.

What a sidecar (`pipeline.sidecars`) says becomes rows again. A video that has a row is left alone, and its
row is written last, so all of it may be repeated. A transcode that was cut off begins anew, as a new
generation; a file that was uploaded and never got a sidecar becomes a private video of `adopter`.

Owners come back by their address: an account that has it now, or a new one, `creator` without a password,
whose owner sets one by the mail for a forgotten password.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pynamodb.transactions import TransactWrite

from videosite import ids
from videosite.accounts import audit, users
from videosite.errors import BadInputError, NotFoundError
from videosite.library import metadata, terms, views
from videosite.library.metadata import WATCH_REKEY
from videosite.log import logger
from videosite.media.plan import Plan
from videosite.pipeline import control, jobs, quotas, sidecars, tasks
from videosite.pipeline.ingest import create_siblings, planned_tasks
from videosite.pipeline.source import is_there
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Availability, Job, Subtitle, Task, User, Video
from videosite.store.transactions import commit

PAGE = 1000
ROLE = "creator"
"""Of accounts that are made for owners: they may do with their videos what they could."""
CUT_OFF = ("media_lost", "The transcode was cut off, and its upload is gone.")
_VIDEO_FOLDER = re.compile(r"(?:videos|uploads)/([1-9][0-9]{0,15})/", re.ASCII)


@dataclass
class Rebuilt:
    """What came of it."""

    made: list[int] = field(default_factory=list)
    """Videos that have rows again."""
    there: int = 0
    """Videos that had some."""
    restarted: list[int] = field(default_factory=list)
    """Those of `made` whose transcode was cut off and began anew."""
    adopted: list[int] = field(default_factory=list)
    """Uploads nothing was known of."""
    unreadable: list[int] = field(default_factory=list)
    """Videos whose sidecar is damaged, or of a newer version."""
    accounts: list[str] = field(default_factory=list)
    """Addresses for which accounts were made."""


def rebuild(adopter: User, now_s: float) -> Rebuilt:
    """Make rows of every video that storage knows of and the tables do not."""
    found, owners = Rebuilt(), dict[str, str]()
    for video_id in sorted(set(_video_ids("media_bucket", "videos/")) | set(_video_ids())):
        if _has_row(video_id):
            found.there += 1
            continue
        try:
            _rebuild(video_id, adopter, owners, now_s, found)
        except (AttributeError, BadInputError, LookupError, TypeError, ValueError):
            # Whatever is wrong with one, the others come back.
            logger.exception("not rebuilt", extra={"video_id": video_id})
            found.unreadable.append(video_id)
    return found


def _video_ids(bucket: str = "uploads_bucket", folder: str = "uploads/") -> Iterator[int]:
    after: str | None = None
    while names := objects.list_folder(getattr(get_settings(), bucket), folder, after, PAGE):
        yield from (int(match[1]) for name in names if (match := _VIDEO_FOLDER.fullmatch(name)))
        after = names[-1]


def _has_row(video_id: int) -> bool:
    try:
        jobs.load_video(video_id)
    except NotFoundError:
        return False
    return True


def _rebuild(video_id: int, adopter: User, owners: dict[str, str], now_s: float, found: Rebuilt) -> None:
    data = objects.get(get_settings().media_bucket, sidecars.key(video_id))
    if data is None:
        if _adopt(video_id, adopter, now_s):
            found.adopted.append(video_id)
        return
    document = json.loads(data)
    if document["version"] > sidecars.VERSION or document["video"]["video_id"] != video_id:
        raise ValueError(f"a sidecar of version {document['version']}")
    owner_id = _owner(document["owner"], adopter, owners, now_s, found)
    video = sidecars.from_plain(Video, document["video"])
    video.owner_id = owner_id
    rows = [sidecars.from_plain(Job, plain) for plain in document["jobs"]]
    for plain in document["availability"]:
        sidecars.from_plain(Availability, plain).save()
    for plain in document["subtitles"]:
        track = sidecars.from_plain(Subtitle, plain)
        track.revision = ids.opaque_id()
        track.save()
    cut_off = [job for job in rows if job.status in jobs.OPEN]
    for job in rows:
        job.owner_id = owner_id
        _save_job(job, now_s)
    if video.active_generation in {job.generation for job in cut_off}:
        video.status = "failed"
    _save_video(video, now_s)
    found.made.append(video_id)
    for job in cut_off:
        if is_there(job) and jobs.start_anew(video, job, now_s, priority=job.priority):
            control.resume(video_id, job.generation + 1)
            found.restarted.append(video_id)


def _save_job(job: Job, now_s: float) -> None:
    """As it ended; one that was cut off has failed. Tasks are put in where all of them were done."""
    head = objects.head(get_settings().uploads_bucket, job.source_key)
    if head and head.size_bytes == job.source_size_bytes:
        # An object that came out of a backup has another ETag if it was uploaded in parts.
        job.source_etag = head.etag
    done = job.status == "completed" and not job.media_removed
    planned = planned_tasks(Plan.from_dict(job.plan)) if done and job.plan else []
    with Task.batch_write() as batch:
        for group, first, end, urgent in planned:
            task = tasks.new_task(job, group, first, end, urgent)
            task.status, task.attempt, task.claims = "done", 1, 1
            batch.save(task)
    job.total_tasks = job.done_tasks = len(planned)
    job.open_tasks = {group: 0 for group, *_ in planned}
    if job.status == "completed":
        job.watch, job.look_at_s = jobs.WATCH_LEFT, now_s
    elif job.status in jobs.OPEN:
        job.status, job.finished_at_s = "failed", now_s
        job.error_code, job.error_message = CUT_OFF
    job.save()
    create_siblings(job)


def _save_video(video: Video, now_s: float) -> None:
    """Last of all rows, with what it takes of its owner's quota."""
    if video.status == "pending":
        # Its file may have arrived: housekeeping looks.
        video.watch, video.look_at_s = jobs.WATCH, now_s
    elif video.rekey_since_s:
        video.watch, video.look_at_s = WATCH_REKEY, now_s

    # Views are counted on from here.
    views.restore(video)

    def fill(write: TransactWrite) -> None:
        write.save(video, condition=Video.video_id.does_not_exist())
        quotas.add_storage(write, video.owner_id, video.source_size_bytes, 0)

    if not commit(fill):
        terms.sync(video.video_id)
        sidecars.mark(video.video_id, now_s)


def _adopt(video_id: int, adopter: User, now_s: float) -> bool:
    """Make a private video of an upload that nothing is known of; False: there is none."""
    for key, size_bytes in objects.list_keys(get_settings().uploads_bucket, f"uploads/{video_id}/source."):
        video = Video(
            video_id,
            owner_id=adopter.user_id,
            title=f"Upload {video_id}",
            source_key=key,
            source_size_bytes=size_bytes,
            created_at_s=ids.created_s(video_id),
            updated_at_s=now_s,
        )
        metadata.describe_new(video, metadata.Changes())
        _save_video(video, now_s)
        return True
    return False


def _owner(said: dict[str, Any], adopter: User, owners: dict[str, str], now_s: float, found: Rebuilt) -> str:
    """The id of the account that a video's owner has now; made where there is none."""
    user_id, email = str(said["user_id"]), said.get("email")
    if user_id not in owners:
        now = _find_account(user_id, email)
        if now is None and (now := _make_account(said, now_s)):
            found.accounts.append(str(email))
        owners[user_id] = now or adopter.user_id
    return owners[user_id]


def _find_account(user_id: str, email: str | None) -> str | None:
    try:
        return users.get_user(user_id).user_id
    except NotFoundError:
        same = users.find_by_email(email) if email else None
        return same.user_id if same else None


def _make_account(said: dict[str, Any], now_s: float) -> str | None:
    if not said.get("email"):
        return None
    user = User(
        str(said["user_id"]),
        email=users.normalise_email(str(said["email"])),
        role=ROLE,
        display_name=said.get("display_name"),
        created_at_s=now_s,
        updated_at_s=now_s,
    )
    return user.user_id if users.insert(user, audit.OPERATOR, "user.rebuild", now_s) else None
