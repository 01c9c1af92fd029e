"""The API's description is complete, right, and of one kind."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.functions.api.described import answers_of
from tests.functions.api.described import document as described
from tests.functions.api.http_api import Api
from tests.functions.api.test_contract import ROUTES, declared, permission_of
from videosite.web.codes import CODES
from videosite.web.declared import problems_of
from videosite.web.words import TAGS

PROBLEM = "application/problem+json"
SHOWN = [route for route in ROUTES if route.include_in_schema]
DOCUMENT = described()
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()
}


def test_the_description_is_served(api: Api) -> None:
    assert api.get("/openapi.json").json == DOCUMENT
    assert api.get("/docs").status == 200


def test_it_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


def test_every_route_is_in_it_once() -> None:
    assert sorted(OPERATIONS) == sorted(route.name for route in SHOWN)
    assert sum(len(path) for path in DOCUMENT["paths"].values()) == len(SHOWN)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_operation_is_described(operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])
    assert operation["summary"][0].isupper()
    assert operation["description"].endswith(".")
    assert len(operation["tags"]) == 1
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]
    for status, answer in answers_of(operation).items():
        assert answer["description"], status
        if not status.startswith(("2", "3")):
            assert PROBLEM in answer["content"]
    assert any(status.startswith("2") for status in answers_of(operation))


def test_every_group_is_described_and_used() -> None:
    assert [tag["name"] for tag in DOCUMENT["tags"]] == list(TAGS)
    assert {operation["tags"][0] for operation in OPERATIONS.values()} == set(TAGS)


# --- problems ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_problems_are_told_with_their_codes(operation: dict[str, Any]) -> None:
    for status, answer in answers_of(operation).items():
        if status == "default" or status.startswith(("2", "3")):
            continue
        media = answer["content"][PROBLEM]
        named = media["schema"]["allOf"][1]["properties"]["code"]["enum"]
        assert sorted(media["examples"]) == named
        for code, reference in media["examples"].items():
            value = _example(reference)
            assert (value["code"], value["status"]) == (code, int(status))


def _example(reference: dict[str, str]) -> Any:
    return DOCUMENT["components"]["examples"][reference["$ref"].rpartition("/")[2]]["value"]


def test_every_code_is_some_routes() -> None:
    used = {
        code
        for operation in OPERATIONS.values()
        for answer in answers_of(operation).values()
        for code in answer.get("content", {}).get(PROBLEM, {}).get("examples", ())
    }
    assert used == set(CODES)


def test_what_a_dependency_raises_is_every_routes_that_has_it() -> None:
    assert "not_yours" in json.dumps(answers_of(OPERATIONS["change_video"])["403"])
    assert "forbidden" in json.dumps(answers_of(OPERATIONS["list_users"])["403"])
    assert "changed_meanwhile" in json.dumps(answers_of(OPERATIONS["change_webhook"])["412"])
    assert "401" not in OPERATIONS["get_health"]["responses"]
    assert problems_of(object()) == ()


# --- examples ---------------------------------------------------------------------------------------


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in OPERATIONS.items():
        body = operation.get("requestBody", {}).get("content", {})
        for kind, media in body.items():
            yield f"{name}-body-{kind}", media
        for status, answer in answers_of(operation).items():
            for kind, media in answer.get("content", {}).items():
                if status != "default":
                    yield f"{name}-{status}-{kind}", media


CONTENTS = dict(_contents())


@pytest.mark.parametrize("media", CONTENTS.values(), ids=list(CONTENTS))
def test_bodies_and_answers_have_examples_that_fit(media: dict[str, Any]) -> None:
    schema = media["schema"]
    if schema.get("format") == "binary":
        return
    values = [_example(one) for one in media.get("examples", {}).values()] or [media["example"]]
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    for value in values:
        validator.validate(value)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_examples_of_fields_fit(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    root = {"components": DOCUMENT["components"]}
    for example in schema.get("examples", ()):
        Draft202012Validator({**schema, **root}).validate(example)
    for field in schema.get("properties", {}).values():
        for example in field.get("examples", ()):
            Draft202012Validator({**field, **root}).validate(example)


# --- whom a route is for ----------------------------------------------------------------------------


@pytest.mark.parametrize("route", SHOWN, ids=lambda route: route.name)
def test_who_may_use_it_is_in_the_description(route: APIRoute) -> None:
    operation = OPERATIONS[route.name]
    (whom,) = declared(route)
    token: dict[str, list[str]] = {"AccessToken": []}
    secret: dict[str, list[str]] = {"StorageSecret": []}
    permission = permission_of(route)
    assert operation.get("x-permission") == permission
    if permission:
        assert f"`{permission}`" in operation["description"]
    if permission or whom == "signed in":
        expected: list[Any] = [[token]]
    elif whom == "from_storage":
        expected = [[secret]]
    elif whom == "open_asset":
        expected = [[]]
    else:
        expected = [[], [{}, token]]
    assert operation["security"] in expected


def test_open_and_optional_are_told_apart() -> None:
    assert OPERATIONS["sign_in"]["security"] == []
    assert OPERATIONS["get_video"]["security"] == [{}, {"AccessToken": []}]
    assert OPERATIONS["get_me"]["security"] == [{"AccessToken": []}]
