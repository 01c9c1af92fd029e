"""What the template owes to operators: logs that end, alarms, and data that outlive a mistake."""

from typing import Any

import pytest

from infra import scale
from infra.template import load_template
from videosite.realtime.broadcast import BROADCAST_S
from videosite.realtime.fanout import BUDGET_S
from videosite.realtime.greeting import HANDSHAKE
from videosite.realtime.notifications import SNAPSHOTS_S
from videosite.store import posting

RESOURCES: dict[str, dict[str, Any]] = load_template()["Resources"]
USERS_DATA = {
    "UploadsBucket",
    "MediaBucket",
    "VideosTable",
    "JobsTable",
    "UsersTable",
    "WebhooksTable",
    "AuditTable",
    "RolesTable",
    "HistoryTable",
    "UsageTable",
    "StatisticsTable",
    "WebhookSecret",
}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id."""
    return {name: r.get("Properties", {}) for name, r in RESOURCES.items() if r["Type"] == kind}


def alarms_on(metric: str) -> set[str]:
    """Logical ids of what has an alarm on a metric."""
    named = set()
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        for dimension in alarm.get("Dimensions", []) if alarm["MetricName"] == metric else []:
            value = dimension["Value"]
            named.add(value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0])
    return named


@pytest.mark.parametrize("name", of_type("AWS::Serverless::Function"))
def test_each_function_has_a_log_of_its_own_that_ends_and_an_alarm(name: str) -> None:
    group = RESOURCES[RESOURCES[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]]
    assert group["Type"] == "AWS::Logs::LogGroup"
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert name in alarms_on("Errors")


def test_no_two_functions_share_a_log() -> None:
    functions = of_type("AWS::Serverless::Function")
    groups = {properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in functions.values()}
    names = {of_type("AWS::Logs::LogGroup")[group]["LogGroupName"]["Fn::Sub"] for group in groups}
    assert len(names) == len(groups) == len(functions)


@pytest.mark.parametrize("name", of_type("AWS::SQS::Queue"))
def test_each_queue_has_an_alarm(name: str) -> None:
    """Dead letters when there are any, the others when messages wait too long."""
    letters = name.endswith("DeadLetters")
    assert name in alarms_on(
        "ApproximateNumberOfMessagesVisible" if letters else "ApproximateAgeOfOldestMessage"
    )


@pytest.mark.parametrize("name", of_type("AWS::CloudWatch::Alarm"))
def test_alarms_say_something_to_somebody(name: str) -> None:
    alarm = RESOURCES[name]["Properties"]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
    assert alarm["AlarmDescription"]


@pytest.mark.parametrize("name", sorted(USERS_DATA))
def test_what_users_made_outlives_the_stack(name: str) -> None:
    resource = RESOURCES[name]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"
    if resource["Type"] == "AWS::DynamoDB::Table":
        recovery = resource["Properties"]["PointInTimeRecoverySpecification"]
        assert recovery["PointInTimeRecoveryEnabled"] is True


def test_an_upload_deleted_by_mistake_can_be_had_back() -> None:
    bucket = RESOURCES["UploadsBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert any("NoncurrentVersionExpiration" in rule for rule in rules)


def test_of_uploads_that_were_replaced_the_newest_is_kept_for_long() -> None:
    """An address to upload to works as often as one likes, and one file is counted."""
    rules = RESOURCES["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = [rule["NoncurrentVersionExpiration"] for rule in rules if "NoncurrentVersionExpiration" in rule]
    assert {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1} in kept


def test_the_cdn_says_from_which_address_a_viewer_asks_wherever_the_api_believes_it() -> None:
    config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    (secret,) = [one["Id"] for one in config["Origins"] if one.get("OriginCustomHeaders")]
    behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    asking = [one for one in behaviours if one["TargetOriginId"] == secret]
    assert len(asking) == 5
    for behaviour in asking:
        (function,) = behaviour["FunctionAssociations"]
        assert function["FunctionARN"] == {"Fn::GetAtt": ["ViewerAddressFunction", "FunctionARN"]}


def test_functions_that_post_have_time_to_end() -> None:
    """A post that began last takes up to six seconds: two attempts of three."""
    usual_s = load_template()["Globals"]["Function"]["Timeout"]
    functions = of_type("AWS::Serverless::Function")
    last_post_s = 2 * (posting._TIMEOUT.total or 0)
    assert BUDGET_S + last_post_s < functions["FanoutShardFunction"].get("Timeout", usual_s)
    assert functions["FanoutFunction"]["Timeout"] > BUDGET_S + BROADCAST_S + BUDGET_S
    assert SNAPSHOTS_S + last_post_s + 10 < functions["ProgressFunction"].get("Timeout", usual_s)


@pytest.mark.parametrize("name", ["FanoutFunction", "FanoutShardFunction"])
def test_who_posts_what_is_stored_may_close_sockets(name: str) -> None:
    (allowed,) = [
        one["Resource"]
        for statement in RESOURCES[name]["Properties"]["Policies"]
        if "Statement" in statement
        for one in statement["Statement"]
        if one["Action"] == "execute-api:ManageConnections"
    ]
    assert [str(it).rpartition("/live/")[2].partition("/")[0] for it in allowed] == ["POST", "DELETE"]


def test_new_sockets_are_greeted_as_fast_as_they_may_come() -> None:
    """One batch takes the pauses for a socket whose handshake is under way, and the posts."""
    opened = RESOURCES["FanoutFunctionOpened"]["Properties"]
    batch_s = sum(HANDSHAKE.pauses_s) + opened["BatchSize"] / scale.posts_per_s()
    assert opened["ParallelizationFactor"] * opened["BatchSize"] / batch_s > scale.CONNECTS_PER_S
    assert opened["MaximumRecordAgeInSeconds"] >= 300


def test_nothing_that_runs_changes_or_removes_what_was_done() -> None:
    """The audit log: functions add entries, and the API's reads them."""
    allowed = {"dynamodb:PutItem", "dynamodb:Query"}
    for properties in of_type("AWS::Serverless::Function").values():
        for policy in properties.get("Policies", []):
            if "AuditTable" not in str(policy):
                continue
            found = [one for one in policy["Statement"] if "AuditTable" in str(one)]
            for statement in found:
                actions = statement["Action"]
                assert set([actions] if isinstance(actions, str) else actions) <= allowed


SAM_POLICIES = {
    "AWSSecretsManagerGetSecretValuePolicy": 139,
    "DynamoDBCrudPolicy": 460,
    "DynamoDBReadPolicy": 341,
    "DynamoDBWritePolicy": 307,
    "SQSPollerPolicy": 290,
    "SQSSendMessagePolicy": 164,
}
"""Characters of SAM's policy templates, filled in with names of twenty characters."""
ROLE_CHARACTERS = 10_240
"""IAM's quota on all inline policies of a role together. Emulators do not look at it."""


def characters(node: Any) -> int:
    """Of a policy as JSON without spaces, its references filled in with ARNs of common length."""
    if isinstance(node, dict):
        if node.keys() & {"Fn::GetAtt", "Ref"}:
            return 72
        if "Fn::Sub" in node:
            return 30 + len(str(node["Fn::Sub"]))
        return 2 + sum(len(key) + 4 + characters(value) for key, value in node.items())
    if isinstance(node, list):
        return 2 + sum(characters(item) + 1 for item in node)
    return len(str(node)) + 2


@pytest.mark.parametrize("name", of_type("AWS::Serverless::Function"))
def test_the_policies_of_a_role_are_not_too_long(name: str) -> None:
    total = 0
    for policy in RESOURCES[name]["Properties"].get("Policies", []):
        if "Statement" in policy:
            total += 40 + characters(policy["Statement"])
        else:
            total += sum(SAM_POLICIES[template] for template in policy)
    assert total <= ROLE_CHARACTERS
