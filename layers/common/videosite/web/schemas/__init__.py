"""What goes over the wire: the request and response bodies, as OpenAPI describes them."""

from videosite.web.schemas import accounts, attachments, common, notifications, transcodes, videos, webhooks

__all__ = ["accounts", "attachments", "common", "notifications", "transcodes", "videos", "webhooks"]
