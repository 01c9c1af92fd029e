"""Users' pictures: squares that everybody may see, under keys that change with the picture."""

import time

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
    before, version = user.avatar, ids.opaque_id()
    objects.put(get_settings().media_bucket, _key(user, version), picture, JPEG_TYPE)
    _set(user, version)
    if before:
        objects.delete(get_settings().media_bucket, _key(user, before))
    return user


def delete_avatar(user: User) -> User:
    """Take the user's picture away; without one nothing happens.

    Raises:
        NotFoundError: `user_not_found`.
    """
    before = user.avatar
    if before:
        _set(user, None)
        objects.delete(get_settings().media_bucket, _key(user, before))
    return user


def remove_all(user_id: str) -> None:
    """Delete what there is of the pictures of a user who is gone."""
    objects.delete_all(get_settings().media_bucket, avatar_prefix(user_id))


def avatar_url(user: User, now_s: float) -> str | None:
    """Where the user's picture is, or None."""
    if not user.avatar:
        return None
    return f"{playback.public_address(avatar_prefix(user.user_id), now_s)}{user.avatar}.jpg"


def _key(user: User, version: str) -> str:
    return f"{avatar_prefix(user.user_id)}{version}.jpg"


def _set(user: User, version: str | None) -> None:
    action = User.avatar.set(version) if version else User.avatar.remove()
    actions = [action, User.updated_at_s.set(time.time())]
    if not applied(lambda: user.update(actions, condition=User.user_id.exists())):
        raise NotFoundError("user_not_found", "There is no such user.")
