"""What AWS refuses or does by its documentation and no emulator shows, held against the template."""

from typing import Any

import pytest

from infra.template import load_template

RESOURCES: dict[str, dict[str, Any]] = load_template()["Resources"]
DISTRIBUTION: dict[str, Any] = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id."""
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == kind}


FORBIDDEN_ORIGIN_HEADERS = {
    "cache-control", "connection", "content-length", "cookie", "host", "if-match", "if-modified-since",
    "if-none-match", "if-range", "if-unmodified-since", "max-forwards", "pragma", "proxy-authorization",
    "proxy-connection", "range", "request-range", "te", "trailer", "transfer-encoding", "upgrade", "via",
    "x-real-ip",
}  # fmt: skip
FORBIDDEN_ORIGIN_PREFIXES = ("x-amz-", "x-edge-")
"""CloudFront's guide, "Custom headers that CloudFront can't add to origin requests"."""


def test_cloudfront_may_add_each_header_it_is_told_to() -> None:
    names = [
        header["HeaderName"].lower()
        for origin in DISTRIBUTION["Origins"]
        for header in origin.get("OriginCustomHeaders", [])
    ]
    assert names
    assert not FORBIDDEN_ORIGIN_HEADERS.intersection(names)
    assert not [name for name in names if name.startswith(FORBIDDEN_ORIGIN_PREFIXES)]


def queue_of(node: Any) -> set[str]:
    """Logical ids of the queues a part of the template speaks of."""
    if isinstance(node, dict):
        if node and set(node) <= {"Ref", "Fn::GetAtt"}:
            named = node.get("Ref") or node["Fn::GetAtt"][0]
            return {named} if RESOURCES.get(named, {}).get("Type") == "AWS::SQS::Queue" else set()
        return set().union(*map(queue_of, node.values()))
    return set().union(*map(queue_of, node)) if isinstance(node, list) else set()


def test_lambda_lets_functions_go_on_that_feed_their_own_queues() -> None:
    """After sixteen links it would drop the message."""
    feeding = set()
    for name, function in of_type("AWS::Serverless::Function").items():
        fed_by = queue_of(function.get("Events", {}))
        if fed_by & queue_of(function["Environment"]["Variables"] if "Environment" in function else {}):
            feeding.add(name)
            assert function["RecursiveLoop"] == "Allow"
    assert feeding == {"TranscodeFunction", "WebhookFunction"}


def test_nobody_gets_an_error_that_was_another_viewers() -> None:
    """CloudFront keeps these for ten seconds unless told otherwise (416 never)."""
    kept = {it["ErrorCode"]: it["ErrorCachingMinTTL"] for it in DISTRIBUTION["CustomErrorResponses"]}
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


def test_the_sites_own_name_is_an_alias_with_a_certificate() -> None:
    """CloudFront answers 403 for any other Host."""
    condition, names, _ = DISTRIBUTION["Aliases"]["Fn::If"]
    assert condition == DISTRIBUTION["ViewerCertificate"]["Fn::If"][0] == "HasCertificate"
    assert names == [{"Fn::Select": [1, {"Fn::Split": ["://", {"Ref": "PublicUrl"}]}]}]


def test_whoever_may_call_the_api_from_a_page_may_upload_from_it() -> None:
    (rule,) = RESOURCES["UploadsBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    condition, all_of_them, (site,) = rule["AllowedOrigins"]["Fn::If"]
    allowed = RESOURCES["ApiFunction"]["Properties"]["Environment"]["Variables"]["BACKEND_CORS_ORIGINS"]
    assert all_of_them == {"Fn::Split": [",", allowed]}
    assert (condition, site) == ("HasCorsOrigins", allowed["Fn::Sub"][1]["Site"])
    assert {"GET", "POST", "PUT"} <= set(rule["AllowedMethods"])


@pytest.mark.parametrize("name", of_type("AWS::Serverless::Function"))
def test_queues_hide_messages_six_times_as_long_as_functions_run(name: str) -> None:
    """AWS's advice: Lambda keeps a message it has no room for until its visibility ends."""
    function = RESOURCES[name]["Properties"]
    usual_s = load_template()["Globals"]["Function"]["Timeout"]
    for queue in queue_of(function.get("Events", {})):
        assert RESOURCES[queue]["Properties"]["VisibilityTimeout"] >= 6 * function.get("Timeout", usual_s)
