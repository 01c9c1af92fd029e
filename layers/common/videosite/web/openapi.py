"""The API's description: problem documents for every failure, in place of FastAPI's own 422."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from videosite.web import schemas
from videosite.web.problems import MEDIA_TYPE

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Anything else", "content": _PROBLEM}
}
"""Documented with every route: bad fields (422), bugs of ours (500), passing faults (503)."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures a route is known for, as its `responses`."""
    return {status: {"description": HTTPStatus(status).phrase, "content": _PROBLEM} for status in statuses}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once per process."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        shared = document.setdefault("components", {}).setdefault("schemas", {})
        own = schemas.common.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        shared.update(own.pop("$defs", {}))
        shared["Problem"] = own
        app.openapi_schema = document
    return app.openapi_schema
