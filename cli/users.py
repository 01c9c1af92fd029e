"""`videosite users …`: accounts, for admins."""

import secrets
import sys
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from cli.client import PAGE, Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, console, print_json, printable, reported
from cli.site import find_site
from cli.videos import confirm

State = Literal["active", "unverified", "suspended"]

app = typer.Typer(help="Accounts (for admins).", no_args_is_help=True)

User = Annotated[str, typer.Argument(metavar="USER", help="The account's address or id.")]


@app.callback()
def users() -> None:
    """Accounts (for admins)."""


@app.command("list")
def list_users(
    role: Annotated[str | None, typer.Option(help="Only accounts in this role.")] = None,
    state: Annotated[State | None, typer.Option(help="Only accounts that stand so.")] = None,
    email: Annotated[str, typer.Option(help="Only addresses that begin so.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Accounts by address."""
    with reported(as_json, {"users": []}):
        query = {"role": role, "state": state, "email": email}
        given = {name: value for name, value in query.items() if value}
        found, more = Client(find_site(url, credentials)).listed("/admin/users", "users", limit, **given)
        if as_json:
            print_json({"users": found, "error": None})
            return
        out = console(as_json)
        if not found:
            out.print("There are no such accounts.", highlight=False)
            return
        out.print(_table(found))
        if more:
            out.print(f"There are more: --limit {limit * 5}", highlight=False)


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The account's address.")],
    role: Annotated[
        str, typer.Option(help="viewer, creator, moderator, admin, or one that admins made.")
    ] = "viewer",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password's line from standard input.")
    ] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Make an account. Without --password-stdin a password is made up and shown once."""
    with reported(as_json, {"user_id": None, "email": email, "role": role}):
        password = _read_password() if password_stdin else secrets.token_urlsafe(15)
        client = Client(find_site(url, credentials))
        user = client.post("/admin/users", {"email": email, "password": password, "role": role})
        shown = {} if password_stdin else {"password": password}
        if as_json:
            print_json({**user, **shown, "error": None})
            return
        _print(f"Made {user['email']}, role {user['role']}.")
        if shown:
            _print(f"Password, shown only here: {password}")


@app.command("set-role")
def set_role(
    user: User,
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="viewer, creator, moderator, admin, or another.")
    ],
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Give an account another role. It counts at once."""
    with reported(as_json, {"user": None}):
        client = Client(find_site(url, credentials))
        changed = client.patch(f"/admin/users/{_id_of(client, user)}", {"role": role})
        _say(changed, f"{changed['email']} has the role {changed['role']} now.", as_json)


@app.command()
def suspend(
    user: User,
    reason: Annotated[str, typer.Option(help="For other admins.")] = "",
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Sign somebody out at once and keep them out. Their videos stay."""
    with reported(as_json, {"user": None}):
        client = Client(find_site(url, credentials))
        changed = client.post(f"/admin/users/{_id_of(client, user)}/suspend", {"reason": reason})
        text = (
            f"{changed['email']} is suspended. Let them in again: videosite users restore {changed['email']}"
        )
        _say(changed, text, as_json)


@app.command()
def restore(
    user: User,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Let somebody in again who was suspended."""
    with reported(as_json, {"user": None}):
        client = Client(find_site(url, credentials))
        changed = client.post(f"/admin/users/{_id_of(client, user)}/restore")
        _say(changed, f"{changed['email']} may sign in again.", as_json)


@app.command()
def remove(
    user: User,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
    credentials: CredentialsOption = None,
) -> None:
    """Remove an account that has no videos. It asks first."""
    with reported(as_json, {"user_id": None, "removed": False}):
        client = Client(find_site(url, credentials))
        user_id = _id_of(client, user)
        if not yes:
            confirm(f"Remove the account {printable(user)} for good?")
        client.delete(f"/admin/users/{user_id}")
        if as_json:
            print_json({"user_id": user_id, "removed": True, "error": None})
            return
        _print(f"Removed {printable(user)}.")


def _id_of(client: Client, user: str) -> str:
    """The id of an account that was named by id or address.

    Raises:
        CommandError: `user_not_found`.
    """
    if "@" not in user:
        return user
    named, _ = client.listed("/admin/users", "users", PAGE, email=user)
    for found in named:
        if found["email"].casefold() == user.casefold():
            return str(found["user_id"])
    raise CommandError("user_not_found", f"There is no account with the address {printable(user)}.")


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "role", "state", "made"):
        table.add_column(name, no_wrap=True)
    table.add_column("address", overflow="fold")
    for user in found:
        made = user["created_at"][:10]
        # Text: an address may look like Rich's markup.
        table.add_row(user["user_id"], user["role"], user["state"], made, Text(printable(user["email"])))
    return table


def _say(user: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        print_json({"user": user, "error": None})
        return
    _print(text)


def _print(text: str) -> None:
    console(as_json=False).print(printable(text), markup=False, highlight=False, soft_wrap=True)


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("no_password", "No password came on standard input.")
    return password
