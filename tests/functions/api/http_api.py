"""The API function as API Gateway calls it: HTTP API events of payload 2.0 through Mangum."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mangum import Mangum

from tests.functions.api.described import check_described

API = "/api/v1"


class Context:
    """A Lambda context, as far as the log line looks at it."""

    aws_request_id = "request-1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem document."""
        assert self.headers["content-type"] == "application/problem+json"
        document = self.json
        assert {"type", "title", "status", "detail", "code"} <= document.keys()
        assert document["status"] == self.status
        return str(document["code"])


def event(
    method: str,
    path: str,
    body: bytes | None = None,
    query: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    address: str = "192.0.2.1",
) -> dict[str, Any]:
    """What API Gateway sends for a request."""
    values: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"host": "abc.execute-api.us-east-1.amazonaws.com", **(headers or {})},
        "requestContext": {
            "accountId": "1",
            "apiId": "abc",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "abc",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": address,
                "userAgent": "test",
            },
            "requestId": "r",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Mar/2026:10:30:00 +0000",
            "timeEpoch": 1772361000000,
        },
        "isBase64Encoded": False,
    }
    if body is not None:
        # As text for these types only (seen on AWS by MiniStack's authors), whatever is in it.
        kind = values["headers"].get("content-type", "").partition(";")[0]
        as_text = kind.startswith("text/") or kind in ("application/json", "application/xml")
        values["body"] = body.decode("utf-8", "replace") if as_text else base64.b64encode(body).decode()
        values["isBase64Encoded"] = not as_text
    return values


class Api:
    """Calls the handler; paths are under /api/v1 unless they begin with /m/. Answers are compared with the
    description."""

    def __init__(self, handler: Mangum) -> None:
        self._handler = handler

    def call(
        self,
        method: str,
        path: str,
        json_body: Any = None,
        token: str | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        raw_body: bytes | None = None,
        address: str = "192.0.2.1",
    ) -> Answer:
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        body = raw_body
        if json_body is not None:
            sent["content-type"] = "application/json"
            body = json.dumps(json_body).encode()
        full_path = path if path.startswith("/m/") else f"{API}{path}"
        context: Any = Context()
        answer = self._handler(event(method, full_path, body, query, sent, address), context)
        payload = answer["body"]
        data = base64.b64decode(payload) if answer["isBase64Encoded"] else payload.encode()
        found = Answer(answer["statusCode"], answer["headers"], data)
        is_problem = found.headers.get("content-type") == "application/problem+json"
        check_described(method, full_path, found.status, found.headers, found.code if is_problem else None)
        return found

    def get(self, path: str, token: str | None = None, **options: Any) -> Answer:
        return self.call("GET", path, token=token, **options)

    def post(self, path: str, body: Any = None, token: str | None = None, **options: Any) -> Answer:
        return self.call("POST", path, body, token, **options)
