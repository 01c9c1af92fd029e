"""Whether an answer is one that the description has."""

import re
from functools import lru_cache
from typing import Any

from videosite.web.app import create_app

PASSING = (405, 500, 503)
"""What any route may answer with, and `default` describes."""


@lru_cache
def document() -> dict[str, Any]:
    """The API's description."""
    found: dict[str, Any] = create_app().openapi()
    return found


def answers_of(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Status → answer, with shared ones in the places of their references."""
    shared = document()["components"]["responses"]
    return {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in operation["responses"].items()
    }


@lru_cache
def _templates() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """Paths as patterns, those without parameters first."""
    paths = sorted(document()["paths"].items(), key=lambda path: path[0].count("{"))
    return [
        (re.compile("".join(_pattern(part) for part in re.split(r"(\{\w+\})", path))), operations)
        for path, operations in paths
    ]


def _pattern(part: str) -> str:
    return "[^/]+" if part.startswith("{") else re.escape(part)


def check_described(
    method: str, path: str, status: int, headers: dict[str, str], problem: str | None
) -> None:
    """Nothing, if the route's description has an answer of this status, with these headers, and with this
    problem's code."""
    for pattern, operations in _templates():
        operation = operations.get(method.lower())
        if operation and pattern.fullmatch(path):
            break
    else:
        return
    name = operation["operationId"]
    answer = answers_of(operation).get(str(status))
    if answer is None:
        assert status in PASSING, f"{name} answers {status} {problem}, which is not described"
        return
    if problem is not None:
        codes = answer["content"]["application/problem+json"]["examples"]
        assert problem in codes, f"{name}: {status} {problem} is missing from its @raises"
        return
    for header, described in answer.get("headers", {}).items():
        if header != "Idempotent-Replayed":
            assert header.lower() in headers, f"{name}: no {header}, {described['description']}"
