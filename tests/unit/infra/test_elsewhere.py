"""`--on`: what an endpoint must have is read off the template."""

import pytest

from infra.local import elsewhere
from infra.template import load_template

EVERYTHING = {"cloudformation", "s3", "sts", "lambda", "iam", "sqs", "dynamodb", "dynamodbstreams"}


def test_the_templates_needs_are_known() -> None:
    needed = elsewhere.needed(load_template())
    assert needed >= EVERYTHING
    assert {"apigatewayv2", "cloudfront", "secretsmanager", "events"} <= needed


def test_an_unknown_resource_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        elsewhere.needed({"Resources": {"New": {"Type": "AWS::Unheard::Of"}}})


def test_all_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "available", lambda _: EVERYTHING)
    monkeypatch.setattr(elsewhere, "has_gateway", lambda _: False)
    with pytest.raises(elsewhere.MissingServicesError) as refusal:
        elsewhere.check("http://localhost:4566")
    message = str(refusal.value)
    for expected in ("API Gateway v2", "CloudFront", "secretsmanager", "Nothing was deployed"):
        assert expected in message
    assert "sqs" not in message


def test_an_endpoint_with_everything_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "available", lambda _: elsewhere.needed(load_template()))
    elsewhere.check("http://localhost:4566")


def test_a_gateway_that_answers_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    without = elsewhere.needed(load_template()) - {"apigatewayv2"}
    monkeypatch.setattr(elsewhere, "available", lambda _: without)
    monkeypatch.setattr(elsewhere, "has_gateway", lambda _: True)
    elsewhere.check("http://localhost:4566")


def test_nobody_there_is_said_so() -> None:
    with pytest.raises(elsewhere.MissingServicesError, match="No AWS-compatible endpoint"):
        elsewhere.available("http://127.0.0.1:1")


def test_localstack_is_a_name_for_its_address() -> None:
    assert elsewhere.endpoint_of("localstack") == "http://localhost:4566"
    assert elsewhere.endpoint_of("http://there:1/") == "http://there:1"
    assert elsewhere.endpoint_of("") == ""
