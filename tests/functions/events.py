"""Events as AWS sends them, built from the fields that matter to a test.

The WebSocket ones are recorded events with the ids changed: MESSAGE has neither headers nor a query,
DISCONNECT has only the headers API Gateway adds itself.
"""

from typing import Any

from videosite.store.tables import Message, SocketConnection, Table

API_ID = "abcdef1234"


def _context(route: str, event_type: str, connection_id: str) -> dict[str, Any]:
    return {
        "routeKey": route,
        "eventType": event_type,
        "extendedRequestId": "Dx1T9GTNPHcFbRQ=",
        "requestTime": "10/Oct/2025:10:30:00 +0000",
        "messageDirection": "IN",
        "stage": "live",
        "connectedAt": 1760092200000,
        "requestTimeEpoch": 1760092200123,
        "identity": {"userAgent": "Mozilla/5.0", "sourceIp": "203.0.113.9"},
        "requestId": "Dx1T9GTNPHcFbRQ=",
        "domainName": f"{API_ID}.execute-api.us-east-1.amazonaws.com",
        "connectionId": connection_id,
        "apiId": API_ID,
    }


def connect_event(
    connection_id: str, query: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """$connect. Without a query the field is absent, as API Gateway has it."""
    all_headers = {
        "Host": f"{API_ID}.execute-api.us-east-1.amazonaws.com",
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Key": "yb8bkfkBj0RsIHRCTjYzxA==",
        "Sec-WebSocket-Version": "13",
        "X-Amzn-Trace-Id": "Root=1-68e8e0a8-0f0f0f0f0f0f0f0f0f0f0f0f",
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **(headers or {}),
    }
    event: dict[str, Any] = {
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "requestContext": _context("$connect", "CONNECT", connection_id),
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
        event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    return event


def message_event(connection_id: str, body: str) -> dict[str, Any]:
    """$default."""
    return {
        "requestContext": {
            **_context("$default", "MESSAGE", connection_id),
            "messageId": "Dx1VMd5QPHcCIhw=",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def disconnect_event(connection_id: str, code: int = 1001) -> dict[str, Any]:
    """$disconnect."""
    headers = {
        "Host": f"{API_ID}.execute-api.us-east-1.amazonaws.com",
        "x-api-key": "",
        "X-Forwarded-For": "",
        "x-restapi": "",
    }
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": {
            **_context("$disconnect", "DISCONNECT", connection_id),
            "disconnectStatusCode": code,
            "disconnectReason": "Going away",
        },
        "isBase64Encoded": False,
    }


def stream_event(*records: dict[str, Any]) -> dict[str, Any]:
    """A batch of a DynamoDB stream."""
    return {"Records": list(records)}


def job_record(
    video_id: int, item: str = "job#00001", name: str = "MODIFY", sequence_number: str = "100"
) -> dict[str, Any]:
    """A change in the jobs table, whose stream has keys only."""
    keys = {"video_id": {"N": str(video_id)}, "item": {"S": item}}
    return _record("jobs", name, "KEYS_ONLY", {"Keys": keys, "SequenceNumber": sequence_number})


def message_record(row: Message, name: str = "INSERT", sequence_number: str = "") -> dict[str, Any]:
    """A row of the messages table as its stream shows it."""
    image: Any = Table.serialize(row)
    keys = {key: image[key] for key in ("channel", "seq")}
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": sequence_number or f"2{row.seq:020d}"}
    return _record("messages", name, "NEW_IMAGE", change)


def connection_record(row: SocketConnection, name: str = "INSERT") -> dict[str, Any]:
    """A row of the connections table as its stream shows it."""
    image: Any = Table.serialize(row)
    keys = {"connection_id": image["connection_id"]}
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": "300"}
    return _record("connections", name, "NEW_IMAGE", change)


def _record(table: str, name: str, view: str, change: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/test-{table}/stream/2025-10-10T10:30:00.000"
    return {
        "eventID": "c9fbe7d0261a5163fcb6940593e41797",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1760092200,
            "SizeBytes": 40,
            "StreamViewType": view,
            **change,
        },
        "eventSourceARN": arn,
    }


def queue_event(*bodies: str) -> dict[str, Any]:
    """A batch of a queue."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }
