"""The ready prefix and its reports."""

import pytest

from tests.unit.pipeline.conftest import make_job, make_video
from videosite.pipeline import jobs
from videosite.pipeline.availability import ready_prefix, report_codec, report_ready


@pytest.mark.parametrize(
    ("runs", "ready"),
    [
        ({}, 0),
        ({"1": 4}, 0),
        ({"0": 3}, 3),
        ({"0": 2, "2": 3, "9": 1}, 5),
        ({"0": 5, "3": 4}, 7),  # a later worker stopped short of what an earlier one had reported
        ({"10": 2, "2": 8, "0": 2}, 12),
    ],
)
def test_ready_prefix(runs: dict[str, int], ready: int) -> None:
    assert ready_prefix(runs) == ready


@pytest.mark.usefixtures("aws")
def test_reports_only_grow() -> None:
    from videosite.pipeline.ingest import create_siblings

    job = make_job(make_video())
    create_siblings(job)
    create_siblings(job)
    for count in (1, 3, 2):
        report_ready(job, "h264", 0, count)
    report_codec(job, "h264-720p", "avc1.64001f")
    report_codec(job, "h264-720p", "avc1.000000")
    found = jobs.load_availability(7, 1)
    assert found is not None
    assert found.h264.as_dict() == {"0": 3}
    assert found.codecs.as_dict() == {"h264-720p": "avc1.64001f"}
