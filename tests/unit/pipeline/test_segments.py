"""What is stored, and what is not any more."""

from typing import Any

import pytest

from tests.conftest import kept_client
from tests.unit.library.factories import make_plan
from tests.unit.media.test_boxes import fragment_of
from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline import control
from videosite.pipeline.reporting import Reporter
from videosite.pipeline.segments import SegmentSink
from videosite.pipeline.tasks import LostLeaseError
from videosite.pipeline.watch import Watch

pytestmark = pytest.mark.usefixtures("aws")


def stored() -> list[str]:
    answer: Any = kept_client("s3").list_objects_v2(Bucket="media")
    return [item["Key"].rpartition("/")[2] for item in answer.get("Contents", [])]


def test_after_a_cancel_no_segment_is_stored() -> None:
    plan = make_plan(seconds=10)
    job = make_job(make_video(), plan=plan.to_dict())
    task = make_task(job, status="running", lease_owner="me", lease_until_s=9e9)
    name = plan.renditions_of("h264")[0]
    watch = Watch(job, task, "me", lambda: None, lambda: 900.0)
    reporter = Reporter(job, task)
    sink = SegmentSink(job, plan, name, 0, 4, watch.check_job)
    first, second = (fragment_of(*plan.expected(name, number)) for number in (0, 1))
    assert sink.feed(first, reporter)
    control.cancel(7)
    with pytest.raises(LostLeaseError):
        sink.feed(second, reporter)
    assert stored() == ["seg_00000.m4s"]
