"""The API's description: OpenAPI 3.1, put together from what routes and their dependencies say.

FastAPI describes fields and answers. Added here: the problems of each route with their codes, whom it is
for, tags, examples, and the headers that middleware and dependencies give.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from videosite.web import examples, schemas
from videosite.web.auth import Allowed, anyone, caller, signed_in
from videosite.web.codes import CODES
from videosite.web.declared import headers_of, problems_of
from videosite.web.idempotency import idempotency_key
from videosite.web.problems import MEDIA_TYPE
from videosite.web.words import PARAMETERS, TAGS

Document = dict[str, Any]

_PROBLEM = {"$ref": "#/components/schemas/Problem"}

ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Anything else: bugs of ours (500), passing faults (503 with Retry-After)",
        "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
    }
}
"""Documented with every route; it also keeps FastAPI's own 422 out."""


_HEADERS = {"Location": "Address of what was made", "ETag": "Its present state, for If-Match"}


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> Document:
    """The OpenAPI 3.1 document, made once per process."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            servers=[{"url": "/", "description": "The site this comes from"}],
            license_info={"name": "MIT", "identifier": "MIT"},
        )
        shared = document.setdefault("components", {}).setdefault("schemas", {})
        own = schemas.common.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        shared.update(own.pop("$defs", {}))
        shared["Problem"] = own
        problems: Document = {}
        for route in routes:
            if route.include_in_schema:
                for method in route.methods or ():
                    _complete(document["paths"][route.path_format][method.lower()], route, problems)
        document["components"]["examples"] = dict(sorted(problems.items()))
        examples.add(document)
        document["components"]["responses"] = _share_answers(document)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(operation: Document, route: APIRoute, problems: Document) -> None:
    called = list(_called(route.dependant))
    operation["summary"] = route.name.replace("_", " ").capitalize()
    _say_whom_it_is_for(operation, called)
    for status, codes in sorted(_problems(route, called).items()):
        operation["responses"][str(status)] = _answer(status, codes)
        problems |= {_example_of(status, code): _example(status, code) for code in codes}
    _name_headers(operation, route, called)
    for parameter in operation.get("parameters", ()):
        if "description" not in parameter and parameter["name"] in PARAMETERS:
            parameter["description"] = PARAMETERS[parameter["name"]]


def _called(dependant: Dependant) -> Iterator[Callable[..., object]]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _called(inner)


def _say_whom_it_is_for(operation: Document, called: list[Callable[..., object]]) -> None:
    """`security`, `x-permission`, and a sentence for those who read."""
    permissions = [call.permission for call in called if isinstance(call, Allowed)]
    if permissions:
        operation["x-permission"] = permissions[0]
        operation["description"] += f"\n\nNeeds the permission `{permissions[0]}`."
    elif signed_in in called:
        operation["description"] += "\n\nFor everybody who is signed in."
    elif caller in called and anyone not in called:
        # Without a token first: that is what "optional" looks like (OpenAPI 3.1, security requirement).
        operation["security"] = [{}, *operation["security"]]
    if anyone in called or "security" not in operation:
        operation["security"] = []


def _problems(route: APIRoute, called: list[Callable[..., object]]) -> Mapping[int, list[str]]:
    """Status → codes a route may answer with."""
    found = [pair for call in (*called, route.endpoint) for pair in problems_of(call)]
    if _takes_values(route.dependant):
        found.append((422, "validation_failed"))
    if route.body_field is not None:
        found += [(400, "bad_json"), (413, "body_too_large")]
    if any(field.alias == "If-Match" for field in route.dependant.header_params):
        found.append((412, "changed_meanwhile"))
    grouped: dict[int, list[str]] = {}
    for status, code in found:
        if code not in grouped.setdefault(status, []):
            grouped[status].append(code)
    return grouped


def _takes_values(dependant: Dependant) -> bool:
    own = (dependant.path_params, dependant.query_params, dependant.header_params, dependant.body_params)
    return any(own) or any(map(_takes_values, dependant.dependencies))


def _answer(status: int, codes: list[str]) -> Document:
    named = {"type": "object", "properties": {"code": {"enum": sorted(codes)}}}
    answer: Document = {
        "description": f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{code}`" for code in codes),
        "content": {
            MEDIA_TYPE: {
                "schema": {"allOf": [_PROBLEM, named]},
                "examples": {
                    code: {"$ref": f"#/components/examples/{_example_of(status, code)}"} for code in codes
                },
            }
        },
    }
    if status == 429 or "not_ready" in codes:
        answer["headers"] = {"Retry-After": _header("Seconds to wait", "integer")}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": _header("`Bearer`")}
    return answer


def _share_answers(document: Document) -> Document:
    """Put a reference in the place of each answer that is no good one: few differ, and there are hundreds.
    Returns the answers by name."""
    shared: Document = {}
    for path in document["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            for status in [status for status in answers if status[0] not in "23"]:
                codes = answers[status]["content"][MEDIA_TYPE].get("examples", ())
                name = ".".join((status, *sorted(codes)))
                shared[name] = answers[status]
                answers[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def _example_of(status: int, code: str) -> str:
    """The name of a problem's example among the shared ones: its code, and its status where that varies."""
    return code if CODES[code][0] == status else f"{code}_{status}"


def _example(status: int, code: str) -> Document:
    sentence = CODES[code][1]
    value = {
        "type": f"urn:videosite:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": re.sub("`", "", sentence),
        "code": code,
    }
    if code == "validation_failed":
        value["errors"] = [{"field": "body.title", "message": "Input should be a valid string"}]
    return {"summary": sentence, "value": value}


def _name_headers(operation: Document, route: APIRoute, called: list[Callable[..., object]]) -> None:
    """The headers of good answers that clients need."""
    headers = {name: _header(_HEADERS[name]) for name in headers_of(route.endpoint)}
    if idempotency_key in called:
        headers["Idempotent-Replayed"] = _header("`true`: the stored answer of an earlier request")
    for status, answer in operation["responses"].items():
        if status[0] == "2" and headers:
            answer["headers"] = headers


def _header(description: str, kind: str = "string") -> Document:
    return {"description": description, "schema": {"type": kind}}
