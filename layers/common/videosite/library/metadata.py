"""What owners say about their videos, and who may see them."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from videosite.errors import NotFoundError, RetryableError, changed
from videosite.library import names, terms
from videosite.pipeline import jobs, sidecars
from videosite.store.attempts import attempts
from videosite.store.tables import Video
from videosite.store.transactions import applied

WATCH_REKEY = "rekey"
"""Housekeeping gives the media of these videos new addresses."""
WIDTH = {"private": 0, "unlisted": 1, "public": 2}
"""How many may see a video."""
_CLASHES = 5


@dataclass(frozen=True)
class Changes:
    """What is to change; None: nothing. An empty category or language takes it away."""

    title: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    category: str | None = None
    language: str | None = None
    visibility: str | None = None


def change(
    video: Video, changes: Changes, now_s: float | None = None, *, only_as_seen: bool = False
) -> Video:
    """Change what is given; returns the video as it is then.

    `only_as_seen`: not if it was changed since it was read.

    Raises:
        BadInputError: `bad_title`, `bad_description`, `bad_tags`, `bad_category`, `bad_language`.
        ChangedError: `changed_meanwhile`.
        NotFoundError: `video_not_found`, it was deleted meanwhile.
        RetryableError: `table_busy`.
    """
    now_s = time.time() if now_s is None else now_s
    for _ in attempts(_CLASHES):
        unchanged = (Video.updated_at_s == video.updated_at_s) & (Video.status == video.status)
        actions = [Video.updated_at_s.set(now_s), *_actions(video, changes, now_s)]
        if applied(lambda: video.update(actions, condition=unchanged)):  # noqa: B023
            sidecars.mark(video.video_id, now_s)
            terms.sync(video.video_id)
            return jobs.load_video(video.video_id)
        if only_as_seen:
            raise changed()
        # Its transcode got on, or somebody else changed something.
        video = jobs.load_video(video.video_id)
        if video.status == "deleting":
            raise NotFoundError("video_not_found", "There is no such video.")
    raise RetryableError("table_busy", "The tables are busy.")


def describe_new(video: Video, changes: Changes) -> None:
    """Fill in what is said of a video that is not stored yet.

    Raises:
        BadInputError: as `change`.
    """
    video.title_key = names.title_key(video.title)
    if changes.description is not None:
        video.description = names.clean_description(changes.description)
    video.tags = set(names.clean_tags(changes.tags or ())) or None
    video.category = names.check_category(changes.category) if changes.category else None
    video.language = names.clean_language(changes.language) if changes.language else None
    video.category_key = _key(video.visibility, video.category)
    video.language_key = _key(video.visibility, video.language)
    video.share_slug = new_slug() if video.visibility == "unlisted" else None


def _actions(video: Video, changes: Changes, now_s: float) -> list[Action]:
    actions: list[Action] = []
    if changes.title is not None:
        title = names.clean_title(changes.title)
        actions += [Video.title.set(title), Video.title_key.set(names.title_key(title))]
    if changes.description is not None:
        actions.append(Video.description.set(names.clean_description(changes.description)))
    if changes.tags is not None:
        tags = set(names.clean_tags(changes.tags))
        actions.append(Video.tags.set(tags) if tags else Video.tags.remove())
    visibility = changes.visibility or video.visibility
    category: str | None = video.category
    language: str | None = video.language
    if changes.category is not None:
        category = names.check_category(changes.category) if changes.category else None
        actions.append(_set(Video.category, category))
    if changes.language is not None:
        language = names.clean_language(changes.language) if changes.language else None
        actions.append(_set(Video.language, language))
    actions.append(_set(Video.category_key, _key(visibility, category)))
    actions.append(_set(Video.language_key, _key(visibility, language)))
    if visibility != video.visibility:
        actions += _visibility(video, visibility, now_s)
    return actions


def _visibility(video: Video, visibility: str, now_s: float) -> list[Action]:
    actions: list[Action] = [Video.visibility.set(visibility)]
    # Made anew each time, so that who had the old one has it no more.
    actions.append(_set(Video.share_slug, new_slug() if visibility == "unlisted" else None))
    if WIDTH[visibility] < WIDTH[video.visibility] and video.active_generation:
        actions += [
            Video.rekey_since_s.set(now_s),
            Video.watch.set(WATCH_REKEY),
            Video.look_at_s.set(now_s),
        ]
    return actions


def _set(place: UnicodeAttribute, value: str | None) -> Action:
    return place.remove() if value is None else place.set(value)


def _key(visibility: str, value: str | None) -> str | None:
    return None if value is None else f"{visibility}#{value}"


def new_slug() -> str:
    """The secret part of the address an unlisted video is shared by: 128 random bits."""
    return secrets.token_urlsafe(16)


def find_shared(slug: str) -> Video:
    """The unlisted video that is shared by a slug.

    Raises:
        NotFoundError: `video_not_found`.
    """
    for found in Video.by_share.query(slug, limit=1):
        video = jobs.load_video(found.video_id)
        if video.share_slug == slug and video.visibility == "unlisted" and video.status != "deleting":
            return video
    raise NotFoundError("video_not_found", "There is no such video.")
