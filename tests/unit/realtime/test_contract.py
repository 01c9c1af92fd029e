"""The frames, held to the design's section 5 word for word, and to the models of the documentation."""

import json
from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S
from videosite.realtime import messages
from videosite.realtime.texts import Params
from videosite.store.tables import Job

STATUS = {
    "video_id": 123,
    "status": "processing",
    "progress": 45,
    "message": "Transcoding",
    "error": None,
    "generation": 1,
    "renditions": [],
    "updated_at": "2025-10-10T10:30:00Z",
}
PARAMS: Params = {"resolution": "720p", "done": 2, "total": 3}


def make_job(**values: object) -> Job:
    known = {"generation": 1, "title": "示例视频", "owner_id": "ada", "published": {"av1": 1_024_000_000}}
    return Job(123, "job#00001", **known | values)  # type: ignore[arg-type]


CONTRACT = [
    (
        messages.transcode_progress(STATUS, 1, "encoded", PARAMS),
        '{"type":"transcode_progress","video_id":123,"status":"processing","progress":45,'
        '"message":"已完成720p转码 (2/3)","timestamp":"2025-10-10T10:30:00Z"}',
    ),
    (
        messages.transcode_complete("e", make_job(), "av1", True, NOW_S),
        '{"type":"transcode_complete","video_id":123,"title":"示例视频","format_type":"av1",'
        '"file_size":1024000000,"timestamp":"2025-10-10T10:30:00Z"}',
    ),
    (
        messages.transcode_failed(
            "e", make_job(error_code="x", error_message="FFmpeg process exited with code 1"), NOW_S
        ),
        '{"type":"transcode_failed","video_id":123,"title":"示例视频",'
        '"error":"FFmpeg process exited with code 1","timestamp":"2025-10-10T10:30:00Z"}',
    ),
    (
        messages.system_message("e", "系统将于10分钟后维护", "warning", NOW_S, NOW_S + 600),
        '{"type":"system_message","message":"系统将于10分钟后维护","level":"warning",'
        '"timestamp":"2025-10-10T10:30:00Z"}',
    ),
]


@pytest.mark.parametrize(("frame", "contract"), CONTRACT, ids=[str(frame["type"]) for frame, _ in CONTRACT])
def test_frames_hold_what_the_contract_says(frame: messages.Stored, contract: str) -> None:
    """Fields and values of the design's section 5; more are allowed."""
    expected = json.loads(contract)
    sent = json.loads(messages.encode(messages.addressed(frame, "user#ada", 3)))
    assert {name: sent[name] for name in expected} == expected
    assert {"id", "code", "params", "channel", "seq"} <= set(sent)


@pytest.mark.parametrize(
    ("frame", "model"),
    [
        (CONTRACT[0][0], messages.TranscodeProgress),
        (CONTRACT[1][0], messages.TranscodeComplete),
        (CONTRACT[2][0], messages.TranscodeFailed),
        (CONTRACT[3][0], messages.SystemMessage),
        (messages.webhook_disabled("e", "hooks.example.org", NOW_S, NOW_S + 900), messages.SystemMessage),
        (messages.pong(NOW_S, NOW_S + 900), messages.Pong),
        (messages.unsubscribed(7, "video#7"), messages.Unsubscribed),
        (messages.refreshed(NOW_S), messages.Refreshed),
        (messages.resumed("all", 7, recovered=False), messages.Resumed),
        (messages.read(3), messages.Read),
        (messages.error("c", "m"), messages.Error),
    ],
    ids=lambda value: getattr(value, "__name__", "frame"),
)
def test_models_name_every_field(frame: messages.Frame, model: Any) -> None:
    """The documentation is made from them."""
    assert model.__required_keys__ <= set(frame) <= set(model.__annotations__)
