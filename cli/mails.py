"""`videosite mails`: what the local stack sent. Nothing leaves the machine."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from cli.outcome import CommandError, JsonFlag, console, print_json, reported
from cli.stack import found_home
from infra.local.record import load

MAILBOX = "/_ministack/ses/messages"


def mails(as_json: JsonFlag = False) -> None:
    """Mails that the local stack sent, the newest last."""
    with reported(as_json, {"mails": []}):
        home = found_home()
        record = load(home) if home else None
        if record is None or record.endpoint:
            raise CommandError("no_mailbox", "No local stack with a mailbox is running: videosite up")
        try:
            found = read(record.aws)
        except httpx.HTTPError as error:
            raise CommandError("no_connection", f"The stack does not answer: {error}") from None
        if as_json:
            print_json({"mails": found, "error": None})
            return
        out = console(as_json)
        for mail in found:
            head = f"{mail['at']}  {', '.join(mail['to'])}  {mail['subject']}"
            out.print(f"{head}\n\n{mail['text']}", markup=False, highlight=False, soft_wrap=True)
        if not found:
            out.print("No mail was sent since the stack was started.")


def read(ministack: str) -> list[dict[str, Any]]:
    """The mails in a MiniStack's mailbox: at, to, subject, text."""
    answer = httpx.get(f"{ministack}{MAILBOX}", trust_env=False).raise_for_status().json()
    return [shown(mail) for mails in answer["messages"].values() for mail in mails]


def shown(mail: Mapping[str, Any]) -> dict[str, Any]:
    """One of MiniStack's mails, without what does not matter here."""
    at = datetime.fromtimestamp(mail["Timestamp"]).astimezone().isoformat(" ", "seconds")
    return {"at": at, "to": mail["To"], "subject": mail["Subject"], "text": mail["BodyText"]}
