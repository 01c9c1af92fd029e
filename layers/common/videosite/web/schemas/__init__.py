"""What goes over the wire: the request and response bodies, as OpenAPI describes them."""

from videosite.web.schemas import (
    accounts,
    administration,
    attachments,
    common,
    notifications,
    operations,
    transcodes,
    videos,
    viewing,
    webhooks,
)

__all__ = [
    "accounts", "administration", "attachments", "common", "notifications", "operations", "transcodes",
    "videos", "viewing", "webhooks",
]  # fmt: skip
