"""What the template owes to operators: logs that end, alarms, and data that outlive a mistake."""

from typing import Any

import pytest

from infra.template import load_template

RESOURCES: dict[str, dict[str, Any]] = load_template()["Resources"]
USERS_DATA = {
    "UploadsBucket",
    "MediaBucket",
    "VideosTable",
    "JobsTable",
    "UsersTable",
    "WebhooksTable",
    "AuditTable",
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
