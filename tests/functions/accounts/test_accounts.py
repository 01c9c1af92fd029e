"""The accounts' function: what fails comes again, and ends among the dead letters."""

import json

import pytest

from tests.conftest import forget_process
from tests.functions.conftest import handler
from tests.functions.events import queue_event
from videosite.accounts import users
from videosite.store import mail

handle = handler("accounts")


def test_a_mail_that_could_not_be_sent_is_tried_again(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEOSITE_MAIL_FROM", "no-reply@example.org")
    forget_process()
    users.create_user("eve@example.org", "correct horse battery", "viewer")
    event = queue_event(json.dumps({"do": "reset", "email": "eve@example.org"}))
    sent: list[str] = []

    def send(_: str, to: str, *__: str) -> bool:
        sent.append(to)
        if len(sent) == 1:
            raise ConnectionError("SES takes no more at the moment.")
        return True

    monkeypatch.setattr(mail, "send", send)
    assert handle(event, None) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert handle(event, None) == {"batchItemFailures": []}
    assert sent == ["eve@example.org"] * 2
