"""What operators rely on, deployed."""

from infra.local import deploy
from infra.template import load_template
from tests.stack.conftest import RunningStack, inside
from videosite import ids
from videosite.store.tables import Round


def test_functions_write_to_logs_of_their_own_that_end(stack: RunningStack) -> None:
    stack.sweep()
    prefix = f"/aws/lambda/{deploy.STACK}-"
    groups = stack.aws("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    functions = [r for r in load_template()["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    assert len(groups) == len(functions)
    assert {group["retentionInDays"] for group in groups} == {
        load_template()["Parameters"]["LogRetentionDays"]["Default"]
    }
    events = stack.aws("logs").filter_log_events(logGroupName=f"{prefix}housekeeping")["events"]
    assert any('"message":"swept"' in event["message"] for event in events)


def test_every_alarm_of_the_template_is_there(stack: RunningStack) -> None:
    wanted = [
        name for name, r in load_template()["Resources"].items() if r["Type"] == "AWS::CloudWatch::Alarm"
    ]
    answer = stack.aws("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    assert len(answer) == len(wanted)
    assert all(alarm["AlarmActions"] == [stack.outputs["AlarmTopicArn"]] for alarm in answer)


def test_housekeeping_may_remove_what_has_no_video(stack: RunningStack) -> None:
    """With its role's policies, which MiniStack enforces."""
    video_id = ids.video_id(ids.EPOCH_MS + 1, 0)
    for bucket, key in (
        (stack.media_bucket, f"videos/{video_id}/0af/h264-720p/init.mp4"),
        (stack.media_bucket, f"thumbnails/video_{video_id}_poster.jpg"),
        (stack.uploads_bucket, f"uploads/{video_id}/source.mp4"),
    ):
        stack.storage().put_object(Bucket=bucket, Key=key, Body=b"x")
    with inside(stack):
        for kind in ("videos", "thumbnails", "uploads"):
            Round(0, f"round#{kind}").delete()
    # Other tests leave some, too.
    assert stack.sweep()["orphans"] >= 3
    for bucket in (stack.media_bucket, stack.uploads_bucket):
        left = stack.storage().list_objects_v2(Bucket=bucket).get("Contents", [])
        assert not [it["Key"] for it in left if str(video_id) in it["Key"]]
