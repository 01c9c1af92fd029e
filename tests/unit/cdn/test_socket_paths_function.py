from pathlib import Path
from typing import Any

import pytest

from tests.unit.cdn import node


def run(event: dict[str, Any], folder: Path) -> dict[str, Any]:
    (answer,) = node.run("socket_paths.js", [event], folder, {}, 0)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(("path", "scope"), [("/api/v1/ws", "user"), ("/api/v1/ws/admin", "admin")])
def test_both_addresses_go_to_the_stage(path: str, scope: str, tmp_path: Path) -> None:
    answer = run(node.request(path, token="t.o.k"), tmp_path)
    assert answer["uri"] == "/live"
    assert answer["querystring"] == {"token": {"value": "t.o.k"}, "scope": {"value": scope}}


def test_nothing_but_the_token_comes_through(tmp_path: Path) -> None:
    """A client's own `scope` neither, under whatever spelling API Gateway would decode."""
    event = node.request("/api/v1/ws", scope="admin", **{"%73cope": "admin", "Scope": "admin", "x": "1"})
    assert run(event, tmp_path)["querystring"] == {"scope": {"value": "user"}}


@pytest.mark.parametrize(
    "path", ["/api/v1/ws/", "/api/v1/ws/stats", "/api/v1/ws/admin/x", "/live", "/API/V1/WS"]
)
def test_no_other_path_reaches_the_sockets(path: str, tmp_path: Path) -> None:
    assert run(node.request(path, token="t"), tmp_path)["statusCode"] == 404
