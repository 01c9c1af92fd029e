"""The application: routes, error shapes and what surrounds them."""

import logging
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from videosite.web import openapi, problems
from videosite.web.bodies import BodyLimit
from videosite.web.middleware import Cors, RequestLog, SafeHeaders
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

Errors are `application/problem+json` with a stable `code`. Lists are paged by `cursor`.
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
    for middleware in (BodyLimit, Cors, SafeHeaders, RequestLog):
        app.add_middleware(middleware)
    _describe_ourselves(app)
    # Logs paths, which hold media tokens.
    logging.getLogger("mangum.http").setLevel(logging.WARNING)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _describe_ourselves(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        return openapi.describe(app)

    app.openapi = document  # type: ignore[method-assign]
