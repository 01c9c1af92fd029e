"""What holds for every route: its permission, its description, its answers to strangers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tests.functions.api.conftest import People
from tests.functions.api.http_api import Api
from videosite.accounts.permissions import PERMISSIONS, has_permission
from videosite.web.app import MODULES, create_app
from videosite.web.auth import Allowed, caller, signed_in
from videosite.web.routes import ROOT
from videosite.web.routes.media import open_asset
from videosite.web.routes.system import from_storage

PUBLIC = {"login", "refresh", "get_socket_stats", "get_health"}
"""Routes that ask nobody who they are."""

ROUTES = [route for module in MODULES for route in module.router.routes if isinstance(route, APIRoute)]
TOKENS = {"viewer": "viewer", "creator": "ada", "moderator": "moderator", "admin": "admin"}
BODIES: dict[str, Any] = {
    "create_video": {"filename": "a.mp4", "size_bytes": 1},
    "create_user": {"email": "x@example.org", "password": "correct horse", "role": "viewer"},
    "sign_parts": {"numbers": [1]},
    "mark_notifications_read": {"ids": ["a"]},
    "create_system_message": {"message": "Hello"},
    "create_webhook": {"url": "https://hooks.example.org/"},
    "set_priority": {"priority": "high"},
    "create_global_webhook": {"url": "https://hooks.example.org/"},
}


def dependencies(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def guards(route: APIRoute) -> set[str]:
    """What stands between a stranger and the route."""
    found = set()
    for call in dependencies(route.dependant):
        if isinstance(call, Allowed):
            found.add(call.permission)
        elif call in (caller, signed_in, open_asset, from_storage):
            found.add(call.__name__)
    return found


def ask(api: Api, route: APIRoute, token: str | None) -> int:
    path = route.path.removeprefix(ROOT).replace("{video_id}", "7").replace("{message_id}", "7")
    assert route.methods
    (method,) = route.methods
    return api.call(method, path, BODIES.get(route.name), token).status


# --- permissions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_says_who_may_use_it(route: APIRoute) -> None:
    assert bool(guards(route)) != (route.name in PUBLIC)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if "signed_in" in guards(r)], ids=lambda route: route.name
)
def test_strangers_are_asked_to_sign_in(api: Api, route: APIRoute) -> None:
    assert ask(api, route, None) == 401


@pytest.mark.parametrize("role", PERMISSIONS)
@pytest.mark.parametrize(
    ("route", "permission"),
    [(route, name) for route in ROUTES for name in guards(route) if "." in name],
    ids=lambda value: value.name if isinstance(value, APIRoute) else value,
)
def test_every_role_gets_what_its_permissions_say(
    api: Api, people: People, route: APIRoute, permission: str, role: str
) -> None:
    status = ask(api, route, getattr(people, TOKENS[role]))
    assert (status != 403) == has_permission(role, permission)


# --- description ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app().openapi()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_the_description_is_served(api: Api, document: dict[str, Any]) -> None:
    assert api.get("/openapi.json").json == document
    assert api.get("/docs").status == 200
    assert document["openapi"].startswith("3.1")


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) == sum(route.include_in_schema for route in ROUTES)
    assert len({operation["operationId"] for operation in found}) == len(found)
    for operation in found:
        assert operation["description"].endswith("."), operation["operationId"]
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"]["$ref"].endswith("/Problem")
        assert "422" not in operation["responses"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = {
        reference.removeprefix("#/components/schemas/")
        for reference in _values(document, "$ref")
        if isinstance(reference, str)
    }
    assert names <= document["components"]["schemas"].keys()


def _values(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        for value in node.values():
            yield from _values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)


def test_schemas_have_examples(document: dict[str, Any]) -> None:
    """Of the whole, or of fields that do not explain themselves."""
    schemas = document["components"]["schemas"]
    for name in ("Login", "Tokens", "NewUser", "User", "Video", "NewVideo", "PartNumbers", "Problem"):
        assert "examples" in json.dumps(schemas[name]), name


def test_who_may_use_it_is_in_the_description(document: dict[str, Any]) -> None:
    by_name = {operation["operationId"]: operation for operation in operations(document)}
    for route in ROUTES:
        schemes = {name for scheme in by_name[route.name].get("security", []) for name in scheme}
        found = guards(route)
        assert ("AccessToken" in schemes) == bool(found & {"caller", "signed_in"})
        assert ("StorageSecret" in schemes) == ("from_storage" in found)
