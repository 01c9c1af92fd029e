"""What is sent, and to whom."""

import json
from typing import Any, get_args

import pytest

from tests.unit.webhooks.factories import system_frame
from videosite.realtime.messages import addressed
from videosite.web.schemas.webhooks import WebhookEvent
from videosite.webhooks.events import EVERYBODY, GLOBAL, TYPES, audience, event_of


def test_one_event_is_the_same_on_every_channel() -> None:
    frame = system_frame()
    one, two = (event_of(addressed(frame, channel, seq)) for channel, seq in (("admin", 7), ("user#ada", 2)))
    assert one == two
    assert json.loads(one.body) == frame


def test_ids_sort_by_time_and_can_be_signed() -> None:
    ids = [event_of(system_frame(number, at_s=1e9 + number)).message_id for number in range(5)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5
    assert all(message_id.isascii() and "." not in message_id for message_id in ids)


def test_a_cancel_is_called_what_it_is() -> None:
    frame = {"type": "transcode_progress", "id": "7.1.2.cancelled", "timestamp": "2025-10-10T10:30:00Z"}
    assert event_of(frame).type == "transcode_cancelled"


@pytest.mark.parametrize(
    ("channel", "kind", "owners"),
    [
        ("user#ada", "transcode_complete", ("ada",)),
        ("user#ada", "system_message", ("ada", GLOBAL)),
        ("admin", "transcode_complete", (GLOBAL,)),
        ("admin", "system_message", (GLOBAL,)),
        ("all", "system_message", (EVERYBODY,)),
        ("video#7", "transcode_complete", ()),
        ("notice#admins", "system_message", ()),
    ],
)
def test_whose_webhooks_get_it(channel: str, kind: str, owners: tuple[str, ...]) -> None:
    frame: dict[str, Any] = {"type": kind}
    assert audience(channel, frame) == owners


def test_the_api_names_the_same_types() -> None:
    assert get_args(WebhookEvent) == TYPES
