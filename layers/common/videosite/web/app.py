"""The application: routes, error shapes and what surrounds them."""

import logging
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from videosite.web import openapi, problems
from videosite.web.bodies import BodyLimit
from videosite.web.middleware import Cors, NoNul, RequestLog, SafeHeaders
from videosite.web.routes import (
    ROOT,
    accounts,
    administration,
    media,
    notifications,
    operations,
    pictures,
    profile,
    sockets,
    subtitles,
    system,
    transcodes,
    uploads,
    users,
    videos,
    viewing,
    webhooks,
)

VERSION = "1"
MODULES = (
    accounts, profile, uploads, videos, subtitles, pictures, transcodes, viewing, sockets, notifications,
    webhooks, users, administration, operations, system, media,
)  # fmt: skip
"""Each with a `router`."""

_DESCRIPTION = """\
Upload a video, watch its transcode, play it before that is done.

Errors are `application/problem+json` (RFC 9457) with a stable `code`: decide by it. Bodies may have no
unknown fields; unknown query parameters are ignored. Answers may get new fields. Lists are paged by `cursor`.
"""


def create_app() -> FastAPI:
    """A new application. Reads no settings: those are read with the first request that needs them."""
    app = FastAPI(
        title="VideoSite",
        version=VERSION,
        summary="Serverless video platform",
        description=_DESCRIPTION,
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=f"{ROOT}/docs",
        swagger_ui_oauth2_redirect_url=None,
        redoc_url=None,
        responses=openapi.ANY_PROBLEM,
        generate_unique_id_function=_operation_id,
        # They would lead to the address behind the proxy or the CDN.
        redirect_slashes=False,
        # It would record rejected bodies, and so passwords, wherever OTEL_* points it.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for module in MODULES:
        app.include_router(module.router)
    problems.install(app)
    # The last one added is the outermost.
    for middleware in (NoNul, BodyLimit, Cors, SafeHeaders, RequestLog):
        app.add_middleware(middleware)
    _describe_ourselves(app)
    # Logs paths, which hold media tokens.
    logging.getLogger("mangum.http").setLevel(logging.WARNING)
    return app


def routes() -> list[APIRoute]:
    """Every route of every module."""
    return [route for module in MODULES for route in module.router.routes if isinstance(route, APIRoute)]


def _operation_id(route: APIRoute) -> str:
    return route.name


def _describe_ourselves(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        return openapi.describe(app, routes())

    app.openapi = document  # type: ignore[method-assign]
