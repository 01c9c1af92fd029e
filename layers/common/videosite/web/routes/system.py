"""Routes for machines: storage's events, health."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from videosite.errors import UnauthorizedError
from videosite.library.storage_events import created_uploads
from videosite.settings import get_settings, require
from videosite.store import queues
from videosite.store.secrets import get_secret
from videosite.web import schemas
from videosite.web.auth import ANYONE
from videosite.web.declared import raises
from videosite.web.routes import ROOT

router = APIRouter(prefix=ROOT, tags=["system"])

_bearer = HTTPBearer(auto_error=False, scheme_name="StorageSecret", description="Secret of the storage")


@raises("bad_storage_secret")
def from_storage(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """Lets the storage in by its bearer secret, and nobody else.

    Raises:
        UnauthorizedError: `bad_storage_secret`.
    """
    secret = get_secret(require("storage_events_secret_arn"))
    given = credentials.credentials if credentials else ""
    if not hmac.compare_digest(given.encode(), secret.encode()):
        raise UnauthorizedError("bad_storage_secret", "The storage's secret is missing or wrong.")


@router.post(
    "/storage-events",
    dependencies=[Depends(from_storage)],
    response_model=schemas.common.EventsTaken,
)
def take_storage_events(body: dict[str, Any]) -> dict[str, Any]:
    """Object-created events of stores that have webhooks only: S3's shape, MinIO's and SeaweedFS's."""
    found = created_uploads(body, require("uploads_bucket"))
    for item in found:
        queues.send_ingest(item.bucket, item.key, item.size_bytes, item.etag)
    return {"taken": len(found)}


@router.get("/health", dependencies=[ANYONE], response_model=schemas.common.Health)
def get_health() -> dict[str, str]:
    """Answers when the API is up; asks no table."""
    return {"stage": get_settings().stage}
