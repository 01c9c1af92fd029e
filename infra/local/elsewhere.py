"""Endpoints that somebody else runs (`videosite up --on …`): have they what the template needs?"""

import json
import os
import urllib.error
import urllib.request
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.deploy import client
from infra.local.keys import KeyPair
from infra.template import load_template

LOCALSTACK = "http://localhost:4566"

SERVICES = {
    "AWS::Serverless::Function": ("lambda", "iam", "logs"),
    "AWS::Serverless::LayerVersion": ("lambda",),
    "AWS::Lambda": ("lambda",),
    "AWS::ApiGatewayV2": ("apigatewayv2",),
    "AWS::CloudFront": ("cloudfront",),
    "AWS::DynamoDB": ("dynamodb", "dynamodbstreams"),
    "AWS::S3": ("s3",),
    "AWS::SQS": ("sqs",),
    "AWS::SecretsManager": ("secretsmanager",),
    "AWS::SNS": ("sns",),
    "AWS::SSM": ("ssm",),
    "AWS::CloudWatch": ("cloudwatch",),
    "AWS::Events": ("events",),
    "AWS::IAM": ("iam",),
    "AWS::Logs": ("logs",),
    "AWS::KMS": ("kms",),
    "AWS::WAFv2": ("wafv2",),
    "AWS::Budgets": (),  # made on request only
}
"""Resource type, or its first two parts → services, by the names health pages use."""

ALWAYS = ("cloudformation", "s3", "sts")
"""What `sam deploy` itself needs."""

WHAT_FOR = {
    "apigatewayv2": "API Gateway v2 (the HTTP API and the WebSockets)",
    "cloudfront": "CloudFront (one address for API, sockets and media)",
    "dynamodbstreams": "DynamoDB streams (progress and messages)",
    "lambda": "Lambda (every function)",
}
USABLE = ("available", "running")


class MissingServicesError(RuntimeError):
    """The endpoint cannot run the template; the message lists what it lacks."""


def endpoint_of(on: str) -> str:
    """The address `--on` means; empty for an own MiniStack."""
    return LOCALSTACK if on == "localstack" else on.rstrip("/")


def keys_of_environment() -> KeyPair:
    """Credentials for somebody else's endpoint: AWS_ACCESS_KEY_ID and its secret, or LocalStack's `test`."""
    return KeyPair(
        os.environ.get("AWS_ACCESS_KEY_ID", "test"), os.environ.get("AWS_SECRET_ACCESS_KEY", "test")
    )


def needed(template: dict[str, Any]) -> set[str]:
    """The services a template needs.

    Raises:
        KeyError: a resource type this table does not know; a test keeps it complete.
    """
    services = set(ALWAYS)
    for resource in template["Resources"].values():
        kind = resource["Type"]
        services.update(SERVICES.get(kind) or SERVICES["::".join(kind.split("::")[:2])])
        events = resource.get("Properties", {}).get("Events", {})
        if any(event["Type"] in ("Schedule", "EventBridgeRule") for event in events.values()):
            services.add("events")
    return services


def available(endpoint: str) -> set[str]:
    """The services an endpoint says it has, by its `/_localstack/health`.

    Raises:
        MissingServicesError: nothing answers there, or not with a health page.
    """
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=5) as response:  # noqa: S310
            services = json.load(response)["services"]
        return {name for name, state in services.items() if state in USABLE}
    except (urllib.error.URLError, OSError, ValueError, KeyError, AttributeError):
        raise MissingServicesError(
            f"No AWS-compatible endpoint answers at {endpoint}/_localstack/health. "
            "Start LocalStack (infra/localstack/docker-compose.yml) or give another address: --on URL"
        ) from None


def has_gateway(endpoint: str) -> bool:
    """Whether API Gateway v2 answers: health pages may count it as `apigateway`, which v1 alone is too."""
    try:
        client("apigatewayv2", endpoint, keys_of_environment()).get_apis()
    except (BotoCoreError, ClientError):
        return False
    return True


def check(endpoint: str) -> None:
    """Raise unless an endpoint has every service the template needs."""
    missing = needed(load_template()) - available(endpoint)
    if "apigatewayv2" in missing and has_gateway(endpoint):
        missing.remove("apigatewayv2")
    if missing:
        lines = "\n".join(f"  - {WHAT_FOR.get(name, name)}" for name in sorted(missing))
        raise MissingServicesError(
            f"{endpoint} cannot run VideoSite. It lacks:\n{lines}\n"
            "Nothing was deployed. LocalStack has these in its paid plans; "
            "the default, `videosite up`, needs no account: it brings MiniStack."
        )
