"""The frames clients get: the fields the design fixes, and the sentences in them."""

import json
from string import Formatter
from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, make_transcode
from videosite.realtime import messages
from videosite.realtime.messages import addressed, encode
from videosite.realtime.snapshots import describe, snapshot
from videosite.realtime.texts import LANGUAGES, TEXTS, render
from videosite.store.tables import Job, Video

STAMP = "2025-10-10T10:30:00Z"


def state(aws: None, **values: Any) -> tuple[Video, Job]:
    job = make_transcode(7, **values)
    return Video.get(7), job


def test_progress(aws: None) -> None:
    video, job = state(aws, open_tasks={"h264": 0, "audio": 1}, updated_at_s=NOW_S)
    frame = snapshot(video, job, None)
    rungs = len(frame["renditions"])
    assert (frame["type"], frame["video_id"], frame["status"]) == ("transcode_progress", 7, "processing")
    assert frame["timestamp"] == STAMP
    assert frame["message"] == f"已完成720p转码 ({rungs}/{rungs})"
    assert (frame["code"], frame["params"]) == (
        "encoded",
        {"resolution": "720p", "done": rungs, "total": rungs},
    )
    assert 10 <= frame["progress"] < 100


def test_the_same_state_has_the_same_id_and_another_state_another(aws: None) -> None:
    video, job = state(aws)
    first = snapshot(video, job, None)
    assert snapshot(video, job, None)["id"] == first["id"]
    job.done_tasks += 1
    assert snapshot(video, job, None)["id"] != first["id"]


def test_complete(aws: None) -> None:
    _, job = state(aws, published={"h264": 1_024_000_000})
    frame = messages.transcode_complete("7.1.complete.h264", job, "h264", True, NOW_S)
    fixed = {
        name: frame[name] for name in ("type", "video_id", "title", "format_type", "file_size", "timestamp")
    }
    assert fixed == {
        "type": "transcode_complete",
        "video_id": 7,
        "title": "示例视频",
        "format_type": "h264",
        "file_size": 1_024_000_000,
        "timestamp": STAMP,
    }
    assert (frame["id"], frame["final"]) == ("7.1.complete.h264", True)


def test_failed(aws: None) -> None:
    _, job = state(aws, error_code="encoder_failed", error_message="FFmpeg process exited with code 1")
    frame = messages.transcode_failed("7.1.1.failed", job, NOW_S)
    assert frame == {
        "type": "transcode_failed",
        "id": "7.1.1.failed",
        "video_id": 7,
        "generation": 1,
        "run": 1,
        "title": "示例视频",
        "error": "FFmpeg process exited with code 1",
        "code": "encoder_failed",
        "params": {},
        "timestamp": STAMP,
    }


def test_a_failure_without_a_reason_still_says_something(aws: None) -> None:
    _, job = state(aws)
    frame = messages.transcode_failed("e", job, NOW_S)
    assert frame["error"]
    assert frame["code"] == "failed"


def test_system_message() -> None:
    frame = messages.system_message("e", "系统将于10分钟后维护", "warning", NOW_S, NOW_S + 600)
    assert (frame["type"], frame["message"], frame["level"], frame["timestamp"]) == (
        "system_message",
        "系统将于10分钟后维护",
        "warning",
        STAMP,
    )


def test_small_ones() -> None:
    assert messages.pong(NOW_S, NOW_S) == {"type": "pong", "timestamp": STAMP, "expires_at": STAMP}
    assert messages.error("bad_json", "No.") == {
        "type": "error",
        "code": "bad_json",
        "message": "No.",
        "action": None,
    }


def test_only_stored_frames_are_numbered() -> None:
    frame = messages.pong(NOW_S, NOW_S)
    assert addressed(frame, "admin") == {**frame, "channel": "admin"}
    assert addressed(frame, "admin", 3) == {**frame, "channel": "admin", "seq": 3}


def test_frames_are_compact_json_in_utf8() -> None:
    data = encode({"message": "转码完成", "n": [1, 2]})
    assert data == '{"message":"转码完成","n":[1,2]}'.encode()
    assert json.loads(data)["message"] == "转码完成"


@pytest.mark.parametrize(
    ("status", "open_tasks", "code"),
    [
        ("accepted", {}, "reading"),
        ("planned", {}, "preparing"),
        ("processing", {"h264": 2, "audio": 0}, "transcoding"),
        ("processing", {"h264": 0, "audio": 1}, "encoded"),
        ("completed", {"h264": 0}, "completed"),
        ("failed", {"h264": 1}, "failed"),
        ("cancelled", {"h264": 1}, "cancelled"),
    ],
)
def test_what_is_being_done(aws: None, status: str, open_tasks: dict[str, int], code: str) -> None:
    video, job = state(aws, status=status, open_tasks=open_tasks)
    assert describe(video, job)[0] == code


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled", "deleting"])
def test_a_video_without_a_job(status: str) -> None:
    code, params = describe(Video(7, status=status), None)
    assert render(code, params)


@pytest.mark.parametrize("code", TEXTS)
def test_every_sentence_is_there_in_every_language_with_the_same_parameters(code: str) -> None:
    assert tuple(TEXTS[code]) == LANGUAGES
    wanted = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name}
        for language, text in TEXTS[code].items()
    }
    assert len(set(map(frozenset, wanted.values()))) == 1
