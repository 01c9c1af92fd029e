"""Functions whose messages Lambda may hold back for long: they hide theirs for as long as they may run."""

import json

import pytest

from tests.functions.conftest import handler
from tests.functions.events import queue_event
from videosite.settings import get_settings
from videosite.store import queues

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
BODIES = {"ingest": {}, "publish": {"codec": "h264"}, "transcode": {"task_id": "h264#000000"}}


class Context:
    """Lambda's."""

    memory_limit_in_mb = "1024"

    def get_remaining_time_in_millis(self) -> int:
        return 99_500


@pytest.mark.parametrize(
    ("name", "work", "setting"),
    [
        ("ingest", "ingest.ingest_event", "INGEST"),
        ("publish", "publish.publish", "PUBLISH"),
        ("transcode", "transcode.transcode", "URGENT"),
    ],
)
def test_a_message_is_hidden_before_it_is_worked_on(
    name: str, work: str, setting: str, aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setenv(f"VIDEOSITE_{setting}_QUEUE_URL", URL)
    get_settings.cache_clear()
    monkeypatch.setattr(queues, "set_visibility", lambda *arguments: done.append(arguments))
    monkeypatch.setattr(f"videosite.pipeline.{work}", lambda *_, **__: done.append("work"))
    event = queue_event(json.dumps(BODIES[name]))
    assert handler(name)(event, Context()) == {"batchItemFailures": []}
    assert done == [(URL, "r0", 100), "work"]


def test_one_that_somebody_else_has_by_now_is_left_to_them(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("the receipt is void")

    monkeypatch.setattr(queues, "set_visibility", refuse)
    monkeypatch.setattr("videosite.pipeline.publish.publish", lambda **_: pytest.fail("worked on"))
    answer = handler("publish")(queue_event("{}"), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
