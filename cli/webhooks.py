"""`videosite webhooks …`: addresses that events are posted to, and what came of it."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, console, print_json, printable, reported
from cli.site import find_site

PATIENCE_S = 30.0
"""How long `test` waits for an answer: an attempt takes ten seconds at most."""

app = typer.Typer(help="Addresses that events are posted to.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id, as `list` shows it.")]
GlobalFlag = Annotated[
    bool, typer.Option("--global", help="The site's, for everybody's events (for admins).")
]


@app.callback()
def webhooks() -> None:
    """Addresses that events are posted to."""


@app.command("list")
def list_webhooks(
    everybodys: GlobalFlag = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Your webhooks, or with --global the site's."""
    with reported(as_json, {"webhooks": []}):
        found = Client(find_site(url, credentials)).get(_path(everybodys))["webhooks"]
        if as_json:
            print_json({"webhooks": found, "error": None})
            return
        out = console(as_json)
        if not found:
            _say(out, "No webhooks yet. Add one: videosite webhooks add https://…")
            return
        table = _table("id", "state", "events", "address")
        for one in found:
            address = Text(printable(one["url"]))
            table.add_row(one["webhook_id"], _state(one), ", ".join(one["events"] or ["all"]), address)
        out.print(table)


@app.command()
def add(
    address: Annotated[str, typer.Argument(metavar="URL", help="Begins with https://.")],
    event: Annotated[
        list[str] | None, typer.Option(help="A kind of event; may be repeated. Default: all.")
    ] = None,
    description: Annotated[str, typer.Option(help="For your own use.")] = "",
    everybodys: GlobalFlag = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Have events posted to an address. The secret that signs them is shown once."""
    with reported(as_json, {"webhook_id": None, "secret": None}):
        body = {"url": address, "events": event or None, "description": description}
        made = Client(find_site(url, credentials)).post(_path(everybodys), body)
        if as_json:
            print_json({**made, "error": None})
            return
        out = console(as_json)
        _say(out, f"Added {made['webhook_id']}.")
        _say(out, f"Secret, shown only here: {made['secret']}")
        _say(out, f"Try it: videosite webhooks test {made['webhook_id']}")


@app.command()
def remove(
    webhook_id: Id, as_json: JsonFlag = False, url: UrlOption = "", credentials: CredentialsOption = None
) -> None:
    """Post nothing to a webhook any more."""
    with reported(as_json, {"webhook_id": webhook_id}):
        Client(find_site(url, credentials)).delete(f"/webhooks/{webhook_id}")
        if as_json:
            print_json({"webhook_id": webhook_id, "error": None})
            return
        _say(console(as_json), f"Removed {webhook_id}.")


@app.command("test")
def try_out(
    webhook_id: Id, as_json: JsonFlag = False, url: UrlOption = "", credentials: CredentialsOption = None
) -> None:
    """Post a test event to a webhook and show what it answers."""
    with reported(as_json, {"delivery": None}):
        client = Client(find_site(url, credentials))
        delivery = client.post(f"/webhooks/{webhook_id}/test")
        waited_s = 0.0
        while delivery["status"] == "pending" and waited_s < PATIENCE_S:
            client.sleep(0.5)
            waited_s += 0.5
            delivery = client.get(f"/webhooks/{webhook_id}/deliveries/{delivery['message_id']}")
        if delivery["status"] != "delivered":
            raise CommandError("not_delivered", f"It was not accepted: {_came(delivery)}.")
        if as_json:
            print_json({"delivery": delivery, "error": None})
            return
        _say(console(as_json), f"It was accepted: {_came(delivery)}.")


@app.command()
def log(
    webhook_id: Id,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 20,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was given up.")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """What was posted to a webhook in the last seven days, newest first."""
    with reported(as_json, {"deliveries": []}):
        query: dict[str, str | int] = {"limit": limit, **({"status": "failed"} if failed else {})}
        page = Client(find_site(url, credentials)).get(f"/webhooks/{webhook_id}/deliveries", **query)
        if as_json:
            print_json({"deliveries": page["deliveries"], "error": None})
            return
        out = console(as_json)
        if not page["deliveries"]:
            _say(out, f"Nothing yet. Try it: videosite webhooks test {webhook_id}")
            return
        table = _table("made", "event", "status", "attempts", "last answer", "next attempt")
        for one in page["deliveries"]:
            attempts, answer = str(len(one["attempts"])), Text(_came(one))
            due = _time(one["next_attempt_at"])
            table.add_row(_time(one["created_at"]), one["type"], one["status"], attempts, answer, due)
        out.print(table)


def _path(everybodys: bool) -> str:
    return "/admin/webhooks" if everybodys else "/webhooks"


def _state(webhook: dict[str, Any]) -> str:
    if not webhook["enabled"]:
        return f"off ({webhook['disabled_reason']})" if webhook["disabled_reason"] else "off"
    return f"failing since {_time(webhook['failing_since'])}" if webhook["failing_since"] else "on"


def _came(delivery: dict[str, Any]) -> str:
    """What came of the last attempt."""
    if not delivery["attempts"]:
        return delivery["reason"] or "no attempt yet"
    last = delivery["attempts"][-1]
    if last["error"]:
        return str(last["error"])
    text = printable(last["answer"])
    return f"{last['status']} in {last['took_ms']} ms" + (f", {text}" if text else "")


def _time(text: str | None) -> str:
    return text.replace("T", " ").removesuffix("Z") if text else ""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(columns[-1], overflow="fold")
    return table


def _say(out: Console, text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)
