"""Tickets, and how many sockets are open."""

import time

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from tests.unit.realtime.factories import open_socket
from videosite.accounts.tokens import ACCESS_TOKEN_LIFE_S
from videosite.realtime.tickets import identify


def test_a_ticket_opens_a_socket_of_its_buyer(api: Api, people: People) -> None:
    answer = api.post("/ws/ticket", token=people.ada)
    assert (answer.status, answer.json["expires_in"]) == (200, 60)
    assert answer.headers["cache-control"] == "no-store"
    bearer = identify(answer.json["ticket"], "c1=", time.time())
    assert (bearer.user_id, bearer.role) == ("ada", "creator")
    assert 0 < bearer.until_s - time.time() <= ACCESS_TOKEN_LIFE_S


def test_each_ticket_is_another(api: Api, people: People) -> None:
    assert len({api.post("/ws/ticket", token=people.ada).json["ticket"] for _ in range(3)}) == 3


def test_sockets_are_counted_for_everybody(api: Api) -> None:
    for number, (user, scope) in enumerate([("a", "user"), ("a", "user"), ("b", "user"), ("c", "admin")]):
        open_socket(f"c{number}", user, scope, "admin")
    assert api.get("/ws/stats").json == {
        "total_users": 2,
        "total_user_connections": 3,
        "total_admin_connections": 1,
        "total_connections": 4,
    }


def test_channels_are_counted_for_admins(api: Api, people: People) -> None:
    for number, (user, scope) in enumerate([("a", "user"), ("a", "user"), ("c", "admin")]):
        open_socket(f"c{number}", user, scope, "admin")
    first = api.get("/admin/ws/channels", people.admin, query={"limit": 1}).json
    rest = api.get("/admin/ws/channels", people.admin, query={"cursor": first["next_cursor"]}).json
    assert (first["all"], rest["next_cursor"]) == (3, None)
    counts = {item["channel"]: item["connections"] for item in first["channels"] + rest["channels"]}
    assert counts == {"user#a": 2, "admin": 1}
    assert api.get("/admin/ws/channels", people.admin, query={"cursor": "x"}).code == "bad_cursor"
