"""`videosite logs`: each line once, and readable."""

import json
from typing import Any

import pytest

from cli.logs import Line, _Reader, readable


def event(time_ms: int, message: str, stream: str = "s") -> dict[str, Any]:
    return {"timestamp": time_ms, "logStreamName": stream, "message": message}


class Logs:
    """CloudWatch's pages of one group, from a start time on."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> "Logs":
        return self

    def paginate(self, *, logGroupName: str, startTime: int) -> list[dict[str, Any]]:  # noqa: N803
        """A page per event."""
        return [{"events": [it]} for it in self.events if it["timestamp"] >= startTime]


def test_each_line_is_read_once_and_none_is_missed() -> None:
    logs = Logs()
    reader = _Reader(logs, "api", "group")
    logs.events = [event(1, "START RequestId"), event(1, "a\n"), event(5, "b")]
    assert list(reader.news()) == [Line(1, "api", "a"), Line(5, "api", "b")]
    logs.events += [event(5, "c"), event(5, "b", "another stream"), event(9, "END RequestId"), event(9, "b")]
    assert [line.text for line in reader.news()] == ["c", "b", "b"]
    assert list(reader.news()) == []


def test_structured_lines_are_shown_as_text() -> None:
    document = {"level": "INFO", "message": "task done", "video_id": 7, "task": "h264#1", "error": None,
                "timestamp": "2026-…", "service": "videosite", "location": "x:1"}  # fmt: skip
    shown = readable(Line(0, "transcode", json.dumps(document)))
    assert shown.endswith("INFO    task done video_id=7 task=h264#1")
    document["exception"] = "Traceback …\nValueError"
    assert readable(Line(0, "transcode", json.dumps(document))).endswith("\nTraceback …\nValueError")


@pytest.mark.parametrize("text", ["plain words", "{}", "7", '{"level": 1}', "{broken"])
def test_other_lines_are_shown_as_they_are(text: str) -> None:
    assert readable(Line(0, "api", text)) == text
