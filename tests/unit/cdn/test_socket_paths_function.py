"""The CloudFront function of the sockets, on viewer-request events as CloudFront sends them."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cdn import node

UPGRADE = {
    "host": "d111111abcdef8.cloudfront.net",
    "connection": "Upgrade",
    "upgrade": "websocket",
    "origin": "https://videos.example.org",
    "sec-websocket-version": "13",
    "sec-websocket-key": "yb8bkfkBj0RsIHRCTjYzxA==",
    "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    "user-agent": "Mozilla/5.0",
    "cloudfront-viewer-address": "203.0.113.9:46532",
}
TOKEN = {"token": {"value": "t.o.k"}}


def event(path: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
    """A recorded event with its ids changed (CloudFront developer guide, event structure)."""
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
        },
        "viewer": {"ip": "203.0.113.9"},
        "request": {
            "method": "GET",
            "uri": path,
            "querystring": TOKEN if query is None else query,
            "headers": {name: {"value": value} for name, value in UPGRADE.items()},
            "cookies": {},
        },
    }


def run(events: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    return node.run("socket_paths.js", events, folder, {}, 0)


def test_both_addresses_go_to_the_stage_and_nothing_follows_it(tmp_path: Path) -> None:
    """API Gateway answers 403 to a path after the stage."""
    scopes = {"/api/v1/ws": "user", "/api/v1/ws/admin": "admin"}
    answers = run([event(path) for path in scopes], tmp_path)
    for answer, scope in zip(answers, scopes.values(), strict=True):
        assert answer["uri"] == "/live"
        assert answer["querystring"] == {**TOKEN, "scope": {"value": scope}}


def test_the_upgrade_itself_is_left_alone(tmp_path: Path) -> None:
    asked = event("/api/v1/ws")
    (answer,) = run([asked], tmp_path)
    assert {name: answer[name] for name in ("method", "headers", "cookies")} == {
        name: asked["request"][name] for name in ("method", "headers", "cookies")
    }


@pytest.mark.parametrize(
    "query",
    [
        {"scope": {"value": "admin"}},
        {"scope": {"value": "user", "multiValue": [{"value": "user"}, {"value": "admin"}]}},
        {"Scope": {"value": "admin"}, "SCOPE": {"value": "admin"}},
        {"%73cope": {"value": "admin"}, "scope%00": {"value": "admin"}, "scope[]": {"value": "admin"}},
        {"__proto__": {"value": "admin"}, "constructor": {"value": "admin"}},
    ],
    ids=lambda query: ",".join(query),
)
def test_a_scope_the_client_sent_is_dropped(query: dict[str, Any], tmp_path: Path) -> None:
    """And all else but the token, under whatever spelling API Gateway would decode."""
    (answer,) = run([event("/api/v1/ws", TOKEN | query)], tmp_path)
    assert answer["querystring"] == {**TOKEN, "scope": {"value": "user"}}


def test_of_several_tokens_one_comes_through_and_of_none_none(tmp_path: Path) -> None:
    both = {"token": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]}}
    without, several = run([event("/api/v1/ws", {}), event("/api/v1/ws", both)], tmp_path)
    assert without["querystring"] == {"scope": {"value": "user"}}
    assert "multiValue" not in several["querystring"]["token"]


def test_no_other_path_reaches_the_sockets(tmp_path: Path) -> None:
    paths = [
        "/api/v1/ws/", "/api/v1/ws/stats", "/api/v1/ws/admin/", "/api/v1/ws/admin/x",
        "/api/v1/ws/admin/../admin", "/api/v1/ws%2Fadmin", "//api/v1/ws", "/live", "/live/@connections/x",
        "/API/V1/WS", "/", "/api/v1/wsx",
    ]  # fmt: skip
    answers = run([event(path) for path in paths], tmp_path)
    assert {
        path: answer.get("statusCode") for path, answer in zip(paths, answers, strict=True)
    } == dict.fromkeys(paths, 404)
