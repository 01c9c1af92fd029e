"""Users' pictures: squares that everybody may see, under keys that change with the picture."""

import time

from pynamodb.expressions.update import Action

from videosite import ids
from videosite.errors import NotFoundError
from videosite.library import playback
from videosite.pipeline.picture_files import make_square
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import User
from videosite.store.transactions import applied

SIDE = 256
JPEG_TYPE = "image/jpeg"
CACHE = "public, max-age=86400"
"""Its address works for a year, but what was taken away is not shown for longer than a day."""
UPLOAD_S = 60.0
"""An upload takes no longer from its object to its row."""


def avatar_prefix(user_id: str) -> str:
    """What all of a user's pictures start with; also the scope of their token."""
    return f"avatars/{user_id}/"


def upload_avatar(user: User, data: bytes) -> User:
    """Make a picture the user's.

    Raises:
        BadInputError: of `picture_files.make_square`.
        NotFoundError: `user_not_found`.
    """
    picture = make_square(data, SIDE)
    before, version = user.avatar, ids.timed_id()
    key = f"{avatar_prefix(user.user_id)}{version}.jpg"
    objects.put(get_settings().media_bucket, key, picture, JPEG_TYPE, CACHE)
    _set(user, version)
    _tidy(user, before)
    return user


def delete_avatar(user: User) -> User:
    """Take the user's picture away, with all there is of others.

    Raises:
        NotFoundError: `user_not_found`.
    """
    if user.avatar:
        _set(user, None)
    remove_all(user.user_id)
    return user


def remove_all(user_id: str) -> None:
    """Delete what there is of a user's pictures."""
    objects.delete_all(get_settings().media_bucket, avatar_prefix(user_id))


def avatar_url(user: User, now_s: float) -> str | None:
    """Where the user's picture is, or None."""
    if not user.avatar:
        return None
    return f"{playback.public_address(avatar_prefix(user.user_id), now_s)}{user.avatar}.jpg"


def _tidy(user: User, before: str | None) -> None:
    """Delete the picture before, and what others left that died or overtook each other; not what somebody
    is just uploading."""
    prefix, bucket = avatar_prefix(user.user_id), get_settings().media_bucket
    for key, _ in list(objects.list_keys(bucket, prefix)):
        version = key.removeprefix(prefix).removesuffix(".jpg")
        old = version == before or ids.timed_s(version) < time.time() - UPLOAD_S
        if old and version != user.avatar:
            objects.delete(bucket, key)


def _set(user: User, version: str | None) -> None:
    actions: list[Action] = [
        User.avatar.set(version) if version else User.avatar.remove(),
        User.updated_at_s.set(time.time()),
    ]
    if not applied(lambda: user.update(actions, condition=User.user_id.exists())):
        raise NotFoundError("user_not_found", "There is no such user.")
