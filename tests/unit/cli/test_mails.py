"""`videosite mails`: MiniStack's mailbox, readable."""

from cli.mails import shown


def test_a_mail_is_shown_with_what_matters() -> None:
    mail = shown(
        {
            "MessageId": "1",
            "Source": "videosite@localhost",
            "To": ["ada@example.org"],
            "Subject": "Confirm your address",
            "BodyText": "Open this",
            "Timestamp": 0.0,
        }
    )
    assert mail.pop("at").startswith(("1970-01-01", "1969-12-31"))
    assert mail == {"to": ["ada@example.org"], "subject": "Confirm your address", "text": "Open this"}
