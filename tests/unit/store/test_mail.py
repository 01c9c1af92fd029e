"""Mail through SES, as moto takes it."""

from contextlib import nullcontext

import pytest
from botocore.exceptions import ClientError

from tests.conftest import kept_client
from videosite.store import mail


def test_a_mail_is_sent_as_plain_text(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ses = kept_client("sesv2")
    ses.create_email_identity(EmailIdentity="no-reply@example.org")
    monkeypatch.setattr(mail, "_client", lambda: ses)
    assert mail.send("no-reply@example.org", "eve@example.org", "请确认", "Öffne {this}\n")
    from moto.ses.models import ses_backends

    (sent,) = ses_backends["123456789012"]["us-east-1"].sent_messages
    assert (sent.source, sent.destinations["ToAddresses"]) == ("no-reply@example.org", ["eve@example.org"])
    assert (sent.subject, sent.body) == ("请确认", "Öffne {this}\n")


@pytest.mark.parametrize(("code", "raises"), [("BadRequestException", False), ("MessageRejected", True)])
def test_a_recipient_that_cannot_be_is_no_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch, code: str, raises: bool
) -> None:
    class Refusing:
        def send_email(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": code}}, "SendEmail")

    monkeypatch.setattr(mail, "_client", Refusing)
    with pytest.raises(ClientError) if raises else nullcontext():
        assert not mail.send("no-reply@example.org", "ü@example.org", "Subject", "Text")
