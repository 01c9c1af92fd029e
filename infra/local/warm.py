"""A harmless call to every function, so that the first real one does not wait for a cold start."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.deploy import STACK, client
from infra.local.keys import KeyPair

HEALTH = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/api/v1/health",
    "rawQueryString": "",
    "headers": {"host": "localhost"},
    "requestContext": {
        "http": {"method": "GET", "path": "/api/v1/health", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        "stage": "$default",
    },
    "isBase64Encoded": False,
}
NOTHING: dict[str, Any] = {"Records": []}


TOKENS = ("eyJhbGciOiJIUzI1NiIsImtpZCI6Indhcm0tdXAifQ.e30.warm-up", "warm-up")
"""An access token that nobody signed and a ticket that nobody has: what it takes to refuse them is all that a
good one waits for."""


def socket_event(kind: str, token: str = "") -> dict[str, Any]:
    """An event of a socket nobody has: refused, unknown to every table."""
    return {
        "queryStringParameters": {"token": token},
        "headers": {},
        "body": '{"action":"ping"}',
        "isBase64Encoded": False,
        "requestContext": {
            "connectionId": "warm-up=",
            "routeKey": {"CONNECT": "$connect", "MESSAGE": "$default", "DISCONNECT": "$disconnect"}[kind],
            "eventType": kind,
            "domainName": "localhost",
            "stage": "live",
            "apiId": "warm-up",
            "requestId": "warm-up",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    }


EVENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "ApiFunction": (HEALTH,),
    "ConnectFunction": tuple(socket_event("CONNECT", token) for token in TOKENS),
    "MessageFunction": (socket_event("MESSAGE"),),
    "DisconnectFunction": (socket_event("DISCONNECT"),),
}

NEVER_WARM = ("FanoutShardFunction",)
"""Of no use below thousands of sockets, and a worker takes 50 MB."""


def warm(endpoint: str, root: KeyPair, wait: bool) -> None:
    """Call every function of the template. Failures are theirs to log.

    Args:
        endpoint, root: where and as whom.
        wait: until all have answered; else the API only, and the rest goes on in the background.
    """
    functions = client("lambda", endpoint, root)
    names = function_names(endpoint, root)

    def call(logical_id: str) -> None:
        for event in EVENTS.get(logical_id, (NOTHING,)):
            functions.invoke(
                FunctionName=names[logical_id],
                Payload=json.dumps(event).encode(),
                InvocationType="RequestResponse" if wait or logical_id == "ApiFunction" else "Event",
            )

    # The API first and alone: it is what the user waits for, and cold starts share the cores.
    call("ApiFunction")
    others = [name for name in names if name not in ("ApiFunction", *NEVER_WARM)]
    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(call, others))


def function_names(endpoint: str, root: KeyPair) -> dict[str, str]:
    """Logical id in the template → name of the function. Housekeeping runs by itself every minute."""
    stack = client("cloudformation", endpoint, root).describe_stack_resources(StackName=STACK)
    return {
        it["LogicalResourceId"]: it["PhysicalResourceId"]
        for it in stack["StackResources"]
        if it["ResourceType"] == "AWS::Lambda::Function" and it["LogicalResourceId"] != "HousekeepingFunction"
    }
