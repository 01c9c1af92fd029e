"""What holds for every route: its permission, its answers to strangers."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tests.conftest import kept_client
from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.unit.library.factories import make_transcode
from videosite.accounts import sessions
from videosite.accounts.permissions import ALL_PERMISSIONS, PERMISSIONS, has_permission
from videosite.accounts.tokens import issue_access_token
from videosite.library import history, subtitles
from videosite.store import letters, queues
from videosite.store.tables import ALL_TABLES, Limit, Role, User, Video
from videosite.store.tables import Answer as StoredAnswer
from videosite.web.app import routes
from videosite.web.auth import Allowed, anyone, maybe_signed_in, signed_in
from videosite.web.routes import ROOT
from videosite.web.routes.media import open_asset
from videosite.web.routes.system import from_storage

ROUTES = routes()
TOKENS = {"viewer": "viewer", "creator": "ada", "moderator": "moderator", "admin": "admin"}
BODIES: dict[str, Any] = {
    "create_video": {"filename": "a.mp4", "size_bytes": 1},
    "create_user": {"email": "x@example.org", "password": "correct horse", "role": "viewer"},
    "change_user": {"role": "viewer"},
    "save_role": {"permissions": []},
    "sign_parts": {"numbers": [1]},
    "mark_notifications_read": {"ids": ["a"]},
    "create_system_message": {"message": "Hello"},
    "create_webhook": {"url": "https://hooks.example.org/"},
    "set_priority": {"priority": "high"},
    "change_subtitle": {"label": "Mine"},
    "choose_thumbnail_frame": {"at_s": 1},
    "create_global_webhook": {"url": "https://hooks.example.org/"},
    "change_webhook": {"description": "changed"},
    "replay_failed_deliveries": {"since": "2026-03-01T10:30:00Z"},
}
"""What a route is asked with, by its name, where it takes a body."""


def dependencies(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def declared(route: APIRoute) -> list[str]:
    """Whom a route says it is for: exactly one of `anyone`, `signed in`, a permission; or the bearers of a
    secret of another kind."""
    calls = list(dependencies(route.dependant))
    found = sorted({call.permission for call in calls if isinstance(call, Allowed)})
    if not found and signed_in in calls:
        found = ["signed in"]
    if anyone in calls or (maybe_signed_in in calls and not found):
        found.append("anyone")
    return found + [call.__name__ for call in (open_asset, from_storage) if call in calls]


def permission_of(route: APIRoute) -> str | None:
    (found,) = declared(route)
    return found if found in ALL_PERMISSIONS else None


def ask(api: Api, route: APIRoute, token: str | None, path: str | None = None) -> Answer:
    path = path or re.sub(r"\{.*?\}", "7", route.path).removeprefix(ROOT)
    assert route.methods
    (method,) = route.methods
    return api.call(method, path, BODIES.get(route.name), token)


def named(route: APIRoute) -> str:
    return f"{'-'.join(sorted(route.methods or ()))}-{route.name}"


# --- permissions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_every_route_says_whom_it_is_for(route: APIRoute) -> None:
    assert len(declared(route)) == 1, (
        "declare one of ANYONE or MaybeCaller, SignedIn, Allowed(…): web/auth.py"
    )
    permission = [call.permission for call in dependencies(route.dependant) if isinstance(call, Allowed)]
    assert set(permission) <= ALL_PERMISSIONS


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if declared(r) == ["signed in"] or permission_of(r)], ids=named
)
def test_strangers_are_asked_to_sign_in(api: Api, route: APIRoute) -> None:
    answer = ask(api, route, None)
    assert (answer.status, answer.code) == (401, "not_signed_in")


@pytest.mark.parametrize("route", [route for route in ROUTES if permission_of(route)], ids=named)
def test_every_role_that_lacks_the_permission_is_refused(api: Api, people: People, route: APIRoute) -> None:
    """Those that are always there, and one that has every permission but this; one that has nothing but
    this gets in."""
    permission = permission_of(route)
    assert permission is not None
    for role, given in (("nearly", ALL_PERMISSIONS - {permission}), ("just", {permission})):
        Role(role, permissions=set(given), created_at_s=1.0, updated_at_s=1.0).save()
    lacking = [token_of(people, role) for role in PERMISSIONS if not has_permission(role, permission)]
    for token in (*lacking, special("nearly")):
        answer = ask(api, route, token)
        assert (answer.status, answer.code) == (403, "forbidden")
    having = [token_of(people, role) for role in PERMISSIONS if has_permission(role, permission)]
    for token in (*having, special("just")):
        assert ask(api, route, token).status not in (401, 403)


def token_of(people: People, role: str) -> str:
    return str(getattr(people, TOKENS[role]))


def special(role: str) -> str:
    """The token of somebody in a role that admins made."""
    user = User(role, email=f"{role}@example.org", role=role, created_at_s=1.0)
    user.save()
    return issue_access_token(user)


# --- other people's things --------------------------------------------------------------------------

WITH_IDS = [
    route
    for route in ROUTES
    # A slug opens to whoever has it, as a media token does; `me` is whoever asks.
    if "{" in route.path and not route.path.startswith("/m/") and "/shared/" not in route.path
    and "/me/" not in route.path
]  # fmt: skip
OWN_WITH_IDS = [route for route in ROUTES if "/me/" in route.path and "{" in route.path]
VIDEO_ID = 1_420_070_400_001


@pytest.fixture
def adas(api: Api, people: People) -> dict[str, str]:
    """Something of Ada's (or of the installation) for each kind of id in a path, by what stands before it."""
    make_transcode(VIDEO_ID)
    Video(VIDEO_ID).update([Video.owner_id.set("ada")])
    made = api.post("/webhooks", {"url": "https://hooks.example.org/"}, people.ada).json
    delivery = api.post(f"/webhooks/{made['webhook_id']}/test", None, people.ada).json
    message = api.post("/admin/system-messages", {"message": "Hello"}, people.admin).json
    session = sessions.open_session(User.get("ada"), now_s=time.time())
    Role("curator", permissions={"videos.create"}, created_at_s=1.0, updated_at_s=1.0).save()
    history.note("ada", Video.get(VIDEO_ID), 1.0)
    queues.send(letters._letters_url("transcode"), {"task_id": "a"})
    (letter,) = letters.look("transcode", 1)
    subtitles.upload_subtitle(VIDEO_ID, "en", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    return {
        "queues/{queue}": "transcode",
        "dead-letters/{message_id}": letter.message_id,
        "videos/{video_id}": str(VIDEO_ID),
        "jobs/{video_id}/{generation}": f"{VIDEO_ID}/1",
        "renditions/{rendition}": "h264-720p",
        "subtitles/{language}": "en",
        "webhooks/{webhook_id}": made["webhook_id"],
        "deliveries/{message_id}": delivery["message_id"],
        "system-messages/{message_id}": str(message["message_id"]),
        "sessions/{session_id}": session.session_id,
        "history/{video_id}": str(VIDEO_ID),
        "users/{user_id}": "ada",
        "roles/{role}": "curator",
    }


def path_to(route: APIRoute, things: dict[str, str]) -> str:
    """A route's path to these things. A KeyError here: a kind of id is new, give `adas` one of it."""
    return re.sub(
        r"([\w-]+)((/\{\w+\})+)",
        lambda found: f"{found[1]}/{things[found[0]]}",
        route.path.removeprefix(ROOT),
    )


def everything() -> dict[str, list[str]]:
    """All that is stored, rows and objects, but for what counts requests."""
    rows = {
        table.Meta.name: sorted(
            json.dumps(row.to_dynamodb_dict(), default=str, sort_keys=True) for row in table.scan()
        )
        for table in ALL_TABLES
        if table not in (Limit, StoredAnswer)
    }
    return rows | {bucket: objects_in(bucket) for bucket in ("uploads", "media")}


def objects_in(bucket: str) -> list[str]:
    found = kept_client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return [f"{item['Key']} {item['ETag']} {item['LastModified']}" for item in found]


@pytest.mark.parametrize("route", WITH_IDS, ids=named)
def test_other_peoples_things_are_neither_shown_nor_changed(
    api: Api, people: People, adas: dict[str, str], route: APIRoute
) -> None:
    path, before = path_to(route, adas), everything()
    for token in (people.bob, people.viewer):
        assert ask(api, route, token, path).status in (403, 404)
    assert ask(api, route, None, path).status in (401, 404)
    assert everything() == before
    # It is there for those it is for, so the answers above were about who asked.
    assert any(
        ask(api, route, token, path).status not in (401, 403, 404) for token in (people.ada, people.admin)
    )


@pytest.mark.parametrize("route", OWN_WITH_IDS, ids=named)
def test_what_is_ones_own_is_nobody_elses(
    api: Api, people: People, adas: dict[str, str], route: APIRoute
) -> None:
    """An id of Ada's in a path of `me` names nothing of Bob's."""
    path, before = path_to(route, adas), everything()
    for token in (people.bob, people.admin):
        # To forget what one never watched is done already.
        assert ask(api, route, token, path).status in (204, 404)
    assert ask(api, route, None, path).status == 401
    assert everything() == before
    assert ask(api, route, people.ada, path).status == 204
    assert everything() != before


def test_somebody_elses_session_is_not_found(api: Api, people: People, adas: dict[str, str]) -> None:
    path = f"/users/me/sessions/{adas['sessions/{session_id}']}"
    assert api.call("DELETE", path, token=people.bob).code == "session_not_found"
