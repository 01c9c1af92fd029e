"""What AWS refuses or does by its documentation and no emulator shows, held against the template."""

from fnmatch import fnmatch
from typing import Any

import pytest

from infra.template import load_template
from videosite.realtime import channels, history

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


def sources_of(name: str) -> set[str]:
    """Logical ids of the queues and tables a function is fed from."""
    return {
        mapping["EventSourceArn"]["Fn::GetAtt"][0]
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values()
        if mapping["FunctionName"] == {"Ref": name}
    }


def policies(name: str, template: str) -> set[str]:
    """Logical ids of the queues that one of SAM's policy templates is about."""
    return {
        policy[template]["QueueName"]["Fn::GetAtt"][0]
        for policy in RESOURCES[name]["Properties"].get("Policies", [])
        if template in policy
    }


def statements(name: str) -> list[dict[str, Any]]:
    found = [policy for policy in RESOURCES[name]["Properties"].get("Policies", []) if "Statement" in policy]
    return [statement for policy in found for statement in policy["Statement"]]


FUNCTIONS = list(of_type("AWS::Serverless::Function"))


def test_lambda_lets_functions_go_on_that_feed_their_own_queues() -> None:
    """After sixteen links it would drop the message."""
    feeding = {name for name in FUNCTIONS if sources_of(name) & policies(name, "SQSSendMessagePolicy")}
    assert feeding == {"TranscodeFunction", "WebhookFunction"}
    assert all(RESOURCES[name]["Properties"]["RecursiveLoop"] == "Allow" for name in feeding)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_from_its_own_sources_only(name: str) -> None:
    """For its own Events SAM attaches policies of AWS that are for all queues, or all streams."""
    events = RESOURCES[name]["Properties"].get("Events", {})
    assert {event["Type"] for event in events.values()} <= {"Schedule"}
    queues = {source for source in sources_of(name) if source.endswith("Queue")}
    assert policies(name, "SQSPollerPolicy") == queues
    streams = {
        arn["Fn::Sub"].removeprefix("${").removesuffix(".Arn}/stream/*")
        for statement in statements(name)
        if "dynamodb:GetRecords" in statement["Action"]
        for arn in (
            statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        )
    }
    assert streams == sources_of(name) - queues


@pytest.mark.parametrize("name", FUNCTIONS)
def test_queues_hide_messages_six_times_as_long_as_functions_run(name: str) -> None:
    """AWS's advice: Lambda keeps a message it has no room for until its visibility ends."""
    limit_s = RESOURCES[name]["Properties"].get("Timeout", load_template()["Globals"]["Function"]["Timeout"])
    for source in sources_of(name):
        if source.endswith("Queue"):
            assert RESOURCES[source]["Properties"]["VisibilityTimeout"] >= 6 * limit_s


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


@pytest.mark.parametrize("name", ["IngestFunction", "TranscodeFunction", "PublishFunction"])
def test_beside_ffmpeg_nobody_lists_or_removes_rows(name: str) -> None:
    assert not [it for it in RESOURCES[name]["Properties"]["Policies"] if "DynamoDBCrudPolicy" in it]
    actions = {action for it in statements(name) for action in it["Action"] if isinstance(it["Action"], list)}
    assert not actions & {"dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:*"}


def test_who_talks_to_strangers_speaks_to_no_channel_of_all() -> None:
    (writing,) = [it for it in statements("WebhookFunction") if "MessagesTable" in str(it)]
    (allowed,) = writing["Condition"]["ForAllValues:StringLike"].values()
    assert not [name for name in allowed if fnmatch(channels.ALL, name) or fnmatch("video#7", name)]
    needed = [history.event_key("whk_1.disabled.1"), channels.user_channel("ada")]
    for name in (*needed, channels.ADMIN, channels.ADMIN_NOTICES):
        assert any(fnmatch(name, pattern) for pattern in allowed)


def test_a_flood_of_requests_leaves_the_account_some() -> None:
    """10,000 a second are for all APIs of an account and region together, posts to sockets included."""
    for stage in ("HttpApiStage", "SocketsStage"):
        limits = RESOURCES[stage]["Properties"]["DefaultRouteSettings"]
        for limit in limits.values():
            assert load_template()["Parameters"][limit["Ref"]]["Default"] <= 2000


def test_the_api_ends_before_those_who_wait_for_it_give_up() -> None:
    """API Gateway and CloudFront wait for 30 seconds, and would answer 504 while it works on."""
    assert RESOURCES["ApiFunction"]["Properties"]["Timeout"] < 30


def test_texts_in_the_bucket_go_out_compressed() -> None:
    """Playlists of long films and subtitles; CloudFront leaves media as they are by their type."""
    from_bucket = [it for it in DISTRIBUTION["CacheBehaviors"] if it["TargetOriginId"] == "media"]
    assert len(from_bucket) == 3
    assert all(it["Compress"] for it in from_bucket)


def test_what_webhooks_are_to_hear_is_not_given_up_after_a_moment() -> None:
    mapping = RESOURCES["WebhookRoutingFunctionMessages"]["Properties"]
    assert mapping["MaximumRetryAttempts"] == -1
    assert 20 * 3600 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600, "a stream keeps a day"
    assert mapping["DestinationConfig"]["OnFailure"]


def test_streams_that_stand_still_ring() -> None:
    fed_by_tables = {name for name in FUNCTIONS if any(it.endswith("Table") for it in sources_of(name))}
    ringing = {
        alarm["Dimensions"][0]["Value"]["Ref"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "IteratorAge"
    }
    assert ringing == fed_by_tables
