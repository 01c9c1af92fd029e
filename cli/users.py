"""`videosite users …`: accounts, for admins."""

import secrets
import sys
from typing import Annotated, Literal

import typer

from cli.client import Client, CredentialsOption, UrlOption
from cli.outcome import CommandError, JsonFlag, console, print_json, reported
from cli.site import find_site

Role = Literal["viewer", "creator", "moderator", "admin"]

app = typer.Typer(help="Accounts (for admins).", no_args_is_help=True)


@app.callback()
def users() -> None:
    """Accounts (for admins)."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The account's address.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = "viewer",
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
        out = console(as_json)
        out.print(f"Made {user['email']}, role {user['role']}.", markup=False, highlight=False)
        if shown:
            out.print(f"Password, shown only here: {password}", markup=False, highlight=False)


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("no_password", "No password came on standard input.")
    return password
