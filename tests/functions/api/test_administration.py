"""Accounts, roles and the audit log, for admins."""

import time
from typing import Any

import pytest

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Answer, Api
from tests.functions.conftest import Gateway
from tests.unit.pipeline.conftest import make_video
from tests.unit.realtime.factories import open_socket
from videosite.accounts import administration, roles
from videosite.accounts.tokens import issue_access_token
from videosite.errors import RetryableError
from videosite.library import history
from videosite.realtime import presence
from videosite.realtime.connections import ConnectionManager
from videosite.store.tables import AuditEntry, Role, Session, Usage, User, Video, Watched, Webhook
from videosite.webhooks import registry

NEW = {"email": "new@example.org", "password": "correct horse battery", "role": "creator"}
CREDENTIALS = {name: NEW[name] for name in ("email", "password")}


def patch(api: Api, path: str, body: Any, token: str, **options: Any) -> Answer:
    return api.call("PATCH", path, body, token, **options)


def delete(api: Api, path: str, token: str, **options: Any) -> Answer:
    return api.call("DELETE", path, None, token, **options)


def somebody(name: str, role: str) -> str:
    """Somebody in a role; their access token."""
    user = User(name, email=f"{name}@example.org", role=role, created_at_s=1.0)
    user.save()
    return issue_access_token(user)


def entries(action: str) -> list[tuple[str, str, Any, Any]]:
    return [(e.actor_id, e.target, e.before, e.after) for e in AuditEntry.by_action.query(action)]


# --- making accounts --------------------------------------------------------------------------------


def test_an_account_is_made_and_shown_without_its_password(api: Api, people: People) -> None:
    answer = api.post("/admin/users", NEW, people.admin)
    assert answer.status == 201
    assert answer.json.keys() == {
        "user_id", "email", "role", "state", "suspended_reason", "display_name", "quota", "created_at",
        "updated_at",
    }  # fmt: skip
    path = f"/admin/users/{answer.json['user_id']}"
    assert answer.headers["location"] == f"/api/v1{path}"
    shown = api.get(path, people.admin)
    assert shown.json == answer.json
    assert shown.headers["etag"] == answer.headers["etag"]
    ((actor, target, before, after),) = entries("user.create")
    assert (actor, target, before) == ("admin", f"user#{answer.json['user_id']}", None)
    assert (after["email"], after["role"]) == ("new@example.org", "creator")


def test_an_account_is_made_once_with_a_key(api: Api, people: People) -> None:
    first, second = (
        api.post("/admin/users", NEW, people.admin, headers={"idempotency-key": "k"}) for _ in range(2)
    )
    assert second.json == first.json
    assert second.headers["location"] == first.headers["location"]


def test_an_address_has_one_account(api: Api, people: People) -> None:
    api.post("/admin/users", NEW, people.admin)
    answer = api.post("/admin/users", NEW, people.admin)
    assert (answer.status, answer.code) == (409, "email_taken")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"email": "x"}, "bad_email"), ({"role": "nobody"}, "bad_role")],
    ids=str,
)
def test_accounts_that_cannot_be(api: Api, people: People, change: dict[str, str], code: str) -> None:
    answer = api.post("/admin/users", {**NEW, **change}, people.admin)
    assert (answer.status, answer.code) == (422, code)


@pytest.mark.parametrize("field", ["password", "role"])
def test_bad_fields_are_named_and_not_repeated(api: Api, people: People, field: str) -> None:
    answer = api.post("/admin/users", {**NEW, field: "x"}, people.admin)
    assert (answer.status, answer.code) == (422, "validation_failed")
    (problem,) = answer.json["errors"]
    assert problem["field"] == f"body.{field}"
    assert "correct horse" not in answer.body.decode()


# --- finding them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["ada", "admin", "bob", "moderator", "viewer"]),
        ({"role": "creator"}, ["ada", "bob"]),
        ({"state": "suspended"}, ["bob"]),
        ({"state": "active"}, ["ada", "admin", "moderator", "viewer"]),
        ({"state": "unverified"}, []),
        ({"role": "creator", "state": "suspended"}, ["bob"]),
        ({"role": "creator", "state": "active"}, ["ada"]),
        ({"email": "AD"}, ["ada", "admin"]),
        ({"email": "ad", "role": "creator"}, ["ada"]),
        ({"email": "z"}, []),
        ({"role": "curator"}, []),
    ],
    ids=str,
)
def test_accounts_are_found(api: Api, people: People, query: dict[str, str], found: list[str]) -> None:
    User("bob").update([User.state.set("suspended")])
    answer = api.get("/admin/users", people.admin, query=query)
    assert [user["user_id"] for user in answer.json["users"]] == found
    assert answer.json["next_cursor"] is None
    pages, cursor = [], None
    for _ in range(len(found) + 1):
        one = {**query, "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = api.get("/admin/users", people.admin, query=one).json
        pages += [user["user_id"] for user in page["users"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == found


def test_a_page_looks_at_so_many_accounts_and_no_more(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few of a role may be in a state: what was not reached is on the next page."""
    monkeypatch.setattr(administration, "MOST_READ", 2)
    for name, state in [*((f"c{n}", "suspended") for n in range(5)), ("zoe", "active")]:
        User(name, email=f"{name}@example.org", role="creator", state=state, created_at_s=1.0).save()
    query = {"role": "creator", "state": "active"}
    pages: list[list[str]] = []
    cursor = None
    while cursor or not pages:
        page = api.get("/admin/users", people.admin, query=query | ({"cursor": cursor} if cursor else {}))
        pages.append([user["user_id"] for user in page.json["users"]])
        cursor = page.json["next_cursor"]
    assert pages == [["ada", "bob"], [], [], ["zoe"]]


def test_a_cursor_beyond_the_prefix_finds_nothing(api: Api, people: People) -> None:
    cursor = api.get("/admin/users", people.admin, query={"limit": 1, "email": "b"}).json["next_cursor"]
    assert cursor is None
    cursor = api.get("/admin/users", people.admin, query={"limit": 4}).json["next_cursor"]
    page = api.get("/admin/users", people.admin, query={"cursor": cursor, "email": "a"})
    assert page.json == {"users": [], "next_cursor": None}


@pytest.mark.parametrize("cursor", ["", "x", "%", "djI6YQ"])
def test_cursors_are_ours(api: Api, people: People, cursor: str) -> None:
    answer = api.get("/admin/users", people.admin, query={"cursor": cursor})
    assert answer.status == (422 if cursor else 200)


def test_a_made_account_is_listed_once(api: Api, people: People) -> None:
    api.post("/admin/users", NEW, people.admin)
    listed = api.get("/admin/users", people.admin, query={"email": "new@"}).json["users"]
    assert [user["email"] for user in listed] == ["new@example.org"]


@pytest.mark.parametrize("user_id", ["nobody", "email#new@example.org"])
def test_only_accounts_are_shown(api: Api, people: People, user_id: str) -> None:
    api.post("/admin/users", NEW, people.admin)
    assert api.get(f"/admin/users/{user_id.replace('#', '%23')}", people.admin).code == "user_not_found"


# --- changing them ----------------------------------------------------------------------------------


def test_role_and_quotas_change_where_something_is_given(api: Api, people: People, gateway: Gateway) -> None:
    open_socket("c1=", "ada")
    answer = patch(api, "/admin/users/ada", {"quota": {"storage_bytes": 5, "minutes": 0}}, people.admin)
    assert answer.json["quota"] == {"storage_bytes": 5, "minutes": 0, "parallel_jobs": None}
    assert gateway.closed == []
    answer = patch(api, "/admin/users/ada", {"role": "moderator", "quota": {"minutes": None}}, people.admin)
    assert answer.json["quota"] == {"storage_bytes": 5, "minutes": None, "parallel_jobs": None}
    assert answer.json["role"] == "moderator"
    assert gateway.closed == ["c1="], "what it hears may not be theirs to hear any more"
    assert entries("user.change")[1] == (
        "admin",
        "user#ada",
        {"role": "creator", "quota_minutes": 0},
        {"role": "moderator", "quota_minutes": None},
    )


def test_a_change_of_what_was_seen(api: Api, people: People) -> None:
    seen = api.get("/admin/users/ada", people.admin).headers["etag"]
    first = patch(api, "/admin/users/ada", {"role": "viewer"}, people.admin, headers={"if-match": seen})
    assert (first.status, first.headers["etag"] != seen) == (200, True)
    late = [
        patch(api, "/admin/users/ada", {"role": "admin"}, people.admin, headers={"if-match": seen}),
        delete(api, "/admin/users/ada", people.admin, headers={"if-match": seen}),
    ]
    assert [(answer.status, answer.code) for answer in late] == [(412, "changed_meanwhile")] * 2


def test_the_suspended_are_out_at_once(api: Api, people: People, gateway: Gateway) -> None:
    open_socket("c1=", "ada")
    open_socket("c2=", "bob")
    Session("s", user_id="ada", token_hashes={"x"}, created_at_s=1.0, used_at_s=1.0, expires_at_s=9e9).save()
    answer = api.post("/admin/users/ada/suspend", {"reason": "Spam"}, people.admin)
    assert (answer.json["state"], answer.json["suspended_reason"]) == ("suspended", "Spam")
    refused = api.post("/ws/ticket", token=people.ada)
    assert (refused.status, refused.code) == (403, "account_suspended")
    assert gateway.closed == ["c1="]
    assert Session.count() == 0
    assert api.post("/admin/users/ada/restore", token=people.admin).json["state"] == "active"
    assert api.post("/ws/ticket", token=people.ada).code == "session_ended", "they sign in again"
    assert api.post("/ws/ticket", token=issue_access_token(User.get("ada"))).status == 200
    assert api.post("/admin/users/ada/restore", token=people.admin).code == "not_suspended"
    assert [entry[0] for entry in (*entries("user.suspend"), *entries("user.restore"))] == ["admin", "admin"]


@pytest.mark.parametrize("status", [410, 429, 403], ids=["in its handshake", "throttled", "refused"])
def test_a_socket_that_cannot_be_closed_hears_nothing_more(
    api: Api, people: People, gateway: Gateway, status: int
) -> None:
    open_socket("c1=", "ada", at_s=time.time())
    open_socket("c2=", "bob", at_s=time.time())
    gateway.statuses["c1="] = status
    assert api.post("/admin/users/ada/suspend", None, people.admin).status == 200
    manager = ConnectionManager()
    assert manager.listeners("user#ada", time.time()) == []
    assert manager.listeners("all", time.time()) == ["c2="]
    assert manager.hear("c1=", time.time()) is None
    assert presence.sockets_of("user", "ada") == set()


def test_one_socket_whose_rows_are_busy_keeps_no_other_open(
    api: Api, people: People, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_socket("c1=", "ada")
    open_socket("c2=", "ada")
    monkeypatch.setattr(ConnectionManager, "disconnect", busy)
    assert api.post("/admin/users/ada/suspend", None, people.admin).status == 200
    assert sorted(gateway.closed) == ["c1=", "c2="]


def test_who_has_not_confirmed_an_address_is_out_anyway(api: Api, people: People) -> None:
    User("eve", email="eve@example.org", state="unverified", expires_at_s=9e9, created_at_s=1.0).save()
    answer = api.post("/admin/users/eve/suspend", None, people.admin)
    assert (answer.status, answer.code, User.get("eve").state) == (409, "unverified", "unverified")


def test_the_suspended_cannot_sign_in(api: Api, people: People) -> None:
    user_id = api.post("/admin/users", NEW, people.admin).json["user_id"]
    api.post(f"/admin/users/{user_id}/suspend", None, people.admin)
    assert api.post("/auth/login", CREDENTIALS).code == "account_suspended"
    assert api.post("/auth/login", {**CREDENTIALS, "password": "wrong"}).code == "bad_credentials"


def test_an_account_goes_with_all_that_is_its_own(api: Api, people: People, gateway: Gateway) -> None:
    user_id = api.post("/admin/users", NEW, people.admin).json["user_id"]
    token = api.post("/auth/login", CREDENTIALS).json["access_token"]
    api.post("/webhooks", {"url": "https://hooks.example.org/"}, token)
    open_socket("c1=", user_id)
    history.note(user_id, make_video(7, owner_id="ada", visibility="public"), 5.0)
    Usage(user_id, "2026-11", transcoded_s=3).save()
    assert delete(api, f"/admin/users/{user_id}", people.admin).status == 204
    assert api.post("/ws/ticket", token=token).code == "session_ended"
    assert (Session.count(), Webhook.count(), gateway.closed) == (0, 0, ["c1="])
    assert (Watched.count(), [row for row in Usage.scan() if row.user_id == user_id]) == (0, [])
    assert api.get(f"/admin/users/{user_id}", people.admin).code == "user_not_found"
    assert api.post("/admin/users", NEW, people.admin).status == 201, "the address is free again"
    ((_, _, before, after),) = entries("user.delete")
    assert (before["email"], after) == ("new@example.org", None)


def test_an_account_whose_removal_was_cut_short_is_removed_by_the_next(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = api.post("/admin/users", NEW, people.admin).json["user_id"]
    token = api.post("/auth/login", CREDENTIALS).json["access_token"]
    api.post("/webhooks", {"url": "https://hooks.example.org/"}, token)
    with monkeypatch.context() as broken:
        broken.setattr(registry, "remove_all", busy)
        assert delete(api, f"/admin/users/{user_id}", people.admin).status == 503
    assert api.post("/ws/ticket", token=token).code in ("session_ended", "account_suspended")
    assert delete(api, f"/admin/users/{user_id}", people.admin).status == 204
    assert (Session.count(), Webhook.count()) == (0, 0)
    assert api.get(f"/admin/users/{user_id}", people.admin).code == "user_not_found"


def busy(*_: object) -> None:
    raise RetryableError("table_busy", "The tables are busy.")


def test_an_account_with_videos_stays(api: Api, people: People) -> None:
    make_video(7, owner_id="ada")
    answer = delete(api, "/admin/users/ada", people.admin)
    assert (answer.status, answer.code) == (409, "user_owns_videos")
    Video(7).update([Video.status.set("deleting")])
    assert delete(api, "/admin/users/ada", people.admin).status == 204


# --- the last admin ---------------------------------------------------------------------------------


def remove_admin(api: Api, way: str, user_id: str, token: str) -> Answer:
    path = f"/admin/users/{user_id}"
    if way == "demote":
        return patch(api, path, {"role": "creator"}, token)
    return api.post(f"{path}/suspend", None, token) if way == "suspend" else delete(api, path, token)


WAYS = ("demote", "suspend", "delete")


@pytest.mark.parametrize("way", WAYS)
def test_the_last_admin_stays(api: Api, people: People, way: str) -> None:
    somebody("asleep", "admin")
    User("asleep").update([User.state.set("suspended")])
    answer = remove_admin(api, way, "admin", people.admin)
    assert (answer.status, answer.code) == (409, "last_admin")
    quota = {"role": "admin", "quota": {"minutes": 1}}
    assert patch(api, "/admin/users/admin", quota, people.admin).status == 200
    somebody("second", "admin")
    assert remove_admin(api, way, "admin", people.admin).status in (200, 204)


@pytest.mark.parametrize("way", WAYS)
def test_of_two_admins_who_remove_each_other_one_stays(
    api: Api, people: People, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one is looked at, and demoted before the transaction commits."""
    somebody("second", "admin")
    from videosite.accounts import administration

    find, found = administration._another_admin, list[str]()

    def demoted_meanwhile(user: User) -> str:
        other = find(user)
        if not found:
            User(other).update([User.role.set("creator")])
        found.append(other)
        return other

    monkeypatch.setattr(administration, "_another_admin", demoted_meanwhile)
    answer = remove_admin(api, way, "admin", people.admin)
    assert (answer.status, answer.code) == (409, "last_admin")
    assert User.get("admin").role == "admin"
    assert User.get("admin").state == "active"


# --- roles ------------------------------------------------------------------------------------------


def put_role(api: Api, token: str, name: str = "curator", permissions: Any = ("videos.read_any",)) -> Answer:
    body = {"permissions": list(permissions), "description": "Looks"}
    return api.call("PUT", f"/admin/roles/{name}", body, token)


def test_a_role_is_made_given_and_removed(api: Api, people: People) -> None:
    made = put_role(api, people.admin)
    assert made.json == {
        "role": "curator", "permissions": ["videos.read_any"], "description": "Looks", "built_in": False,
    }  # fmt: skip
    listed = api.get("/admin/roles", people.admin).json
    assert [role["role"] for role in listed["roles"]] == [
        "viewer",
        "creator",
        "moderator",
        "admin",
        "curator",
    ]
    assert "audit.read" in listed["permissions"]
    assert patch(api, "/admin/users/ada", {"role": "curator"}, people.admin).status == 200
    assert api.get("/admin/videos", people.ada).status == 200
    assert api.post("/webhooks", {"url": "https://hooks.example.org/"}, people.ada).code == "forbidden"
    put_role(api, people.admin, permissions=["webhooks.manage"])
    assert api.get("/admin/videos", people.ada).code == "forbidden"
    assert delete(api, "/admin/roles/curator", people.admin).code == "role_in_use"
    patch(api, "/admin/users/ada", {"role": "creator"}, people.admin)
    assert delete(api, "/admin/roles/curator", people.admin).status == 204
    assert delete(api, "/admin/roles/curator", people.admin).code == "role_not_found"
    assert [len(entries(f"role.{what}")) for what in ("create", "change", "remove")] == [1, 1, 1]


def test_a_role_that_is_removed_while_it_is_given(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_role(api, people.admin)
    check = roles.check_assignable

    def remove_after_it(role: str, own_role: str) -> None:
        check(role, own_role)
        Role("curator").delete()

    monkeypatch.setattr(roles, "check_assignable", remove_after_it)
    assert patch(api, "/admin/users/ada", {"role": "curator"}, people.admin).code == "bad_role"
    assert User.get("ada").role == "creator"
    # Had it been given: the next role of that name would bring its permissions along.
    User("ada").update([User.role.set("curator")])
    assert put_role(api, people.admin).code == "role_in_use"


def test_a_role_that_was_changed_since_it_was_read(
    api: Api, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes away, unseen, a permission that they lack."""
    put_role(api, people.admin)
    check = roles.check_covered

    def change_after_it(*arguments: Any) -> None:
        check(*arguments)
        Role("curator").update([Role.permissions.set({"audit.read"}), Role.updated_at_s.set(time.time())])

    monkeypatch.setattr(roles, "check_covered", change_after_it)
    assert put_role(api, people.admin).code == "table_busy"
    assert Role.get("curator").permissions == {"audit.read"}


def test_a_role_that_may_hear_less_loses_its_sockets(api: Api, people: People, gateway: Gateway) -> None:
    may = ["videos.read_any", "sockets.admin", "webhooks.manage"]
    put_role(api, people.admin, permissions=may)
    patch(api, "/admin/users/ada", {"role": "curator"}, people.admin)
    open_socket("c1=", "ada", "admin", "curator")
    open_socket("c2=", "bob")
    put_role(api, people.admin, permissions=may[:2])
    put_role(api, people.admin, permissions=may)
    assert gateway.closed == [], "the sockets hear as much as before"
    put_role(api, people.admin, permissions=["videos.read_any"])
    assert gateway.closed == ["c1="]


@pytest.mark.parametrize(
    ("name", "permissions", "code"),
    [
        ("admin", ["videos.create"], "built_in_role"),
        ("Curator", ["videos.create"], "bad_role_name"),
        ("x", ["videos.create"], "bad_role_name"),
        ("curator", ["videos.burn"], "unknown_permission"),
    ],
)
def test_roles_that_cannot_be(api: Api, people: People, name: str, permissions: list[str], code: str) -> None:
    assert put_role(api, people.admin, name, permissions).code == code
    assert Role.count() == 0


def test_there_are_not_too_many_roles(api: Api, people: People) -> None:
    for number in range(50):
        Role(f"role-{number}", created_at_s=1.0, updated_at_s=1.0).save()
    assert put_role(api, people.admin).code == "too_many_roles"
    assert put_role(api, people.admin, "role-7").status == 200


def test_nobody_gets_more_than_who_gives_it_has(api: Api, people: People) -> None:
    """Somebody who may manage accounts and roles, and little else, makes no admin, not of themselves."""
    own = {"users.create", "users.read", "users.manage", "roles.manage", "videos.create"}
    Role("clerk", permissions=own, created_at_s=1.0, updated_at_s=1.0).save()
    clerk = somebody("clerk", "clerk")
    assert api.post("/admin/users", {**NEW, "role": "moderator"}, clerk).code == "forbidden"
    assert api.post("/admin/users", {**NEW, "role": "clerk"}, clerk).status == 201
    for user_id in ("clerk", "viewer"):
        assert patch(api, f"/admin/users/{user_id}", {"role": "admin"}, clerk).code == "forbidden"
    for way in WAYS:
        assert remove_admin(api, way, "admin", clerk).code == "forbidden"
    assert put_role(api, clerk, permissions=["messages.announce"]).code == "forbidden"
    assert put_role(api, clerk, "clerk", [*own, "audit.read"]).code == "forbidden"
    put_role(api, people.admin, "boss", ["audit.read"])
    assert put_role(api, clerk, "boss", []).code == "forbidden"
    assert delete(api, "/admin/roles/boss", clerk).code == "forbidden"
    assert put_role(api, clerk, permissions=["videos.create"]).status == 200
    assert patch(api, "/admin/users/viewer", {"role": "curator"}, clerk).status == 200


# --- the audit log ----------------------------------------------------------------------------------


def test_the_log_is_listed_and_filtered(api: Api, people: People) -> None:
    patch(api, "/admin/users/ada", {"role": "viewer"}, people.admin, address="198.51.100.1")
    api.post("/admin/users/bob/suspend", {"reason": "Spam"}, people.admin)
    api.post("/webhooks", {"url": "https://hooks.example.org/?key=secret"}, people.moderator)
    listed = api.get("/admin/audit", people.admin).json["entries"]
    assert [entry["action"] for entry in listed] == ["webhook.create", "user.suspend", "user.change"]
    assert listed[2] | {"entry_id": "", "at": ""} == {
        "entry_id": "",
        "at": "",
        "actor_id": "admin",
        "action": "user.change",
        "target": "user#ada",
        "address": "198.51.100.1",
        "request_id": "request-1",
        "before": {"role": "creator"},
        "after": {"role": "viewer"},
    }
    assert listed[0]["after"]["host"] == "hooks.example.org"
    assert "secret" not in str(listed)
    for query, count in [
        ({"actor_id": "admin"}, 2),
        ({"target": "user#bob"}, 1),
        ({"action": "webhook.create", "actor_id": "admin"}, 0),
        ({"since": "2026-01-01T00:00:00Z"}, 3),
        ({"until": "2026-01-01T00:00:00Z"}, 0),
    ]:
        assert len(api.get("/admin/audit", people.admin, query=query).json["entries"]) == count, query
    page = api.get("/admin/audit", people.admin, query={"limit": 2}).json
    rest = api.get("/admin/audit", people.admin, query={"cursor": page["next_cursor"]}).json
    assert [entry["action"] for entry in rest["entries"]] == ["user.change"]


def test_nothing_in_the_api_changes_or_removes_entries(api: Api) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api.call(method, "/admin/audit").status in (404, 405)
