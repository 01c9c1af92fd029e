"""`videosite login` and `videosite logout`."""

import sys
from typing import Annotated

import typer

from cli.client import Client, UrlOption
from cli.outcome import CommandError, JsonFlag, can_ask, console, print_json, printable, reported
from cli.site import find_address


def login(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The account's address.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password's line from standard input.")
    ] = False,
    as_json: JsonFlag = False,
    url: UrlOption = "",
) -> None:
    """Sign in at a site. Other commands use the session from then on: with --url of that site, and without
    --url unless a local stack runs elsewhere. The password is asked for and not kept."""
    with reported(as_json, {"email": email, "site": None, "role": None}):
        site = find_address(url)
        client = Client(site)
        client.open_session(email, _ask_password(password_stdin))
        role = client.get("/users/me")["role"]
        if as_json:
            print_json({"email": email, "site": site.api, "role": role, "error": None})
            return
        text = f"Signed in at {site.api} as {printable(email)}, role {role}."
        console(as_json).print(text, markup=False, highlight=False, soft_wrap=True)


def logout(as_json: JsonFlag = False, url: UrlOption = "") -> None:
    """End the session that `login` opened. Doing it again does no harm."""
    with reported(as_json, {"site": None, "signed_out": False}):
        site = find_address(url)
        ended = Client(site).end_session()
        if as_json:
            print_json({"site": site.api, "signed_out": ended, "error": None})
            return
        text = f"Signed out at {site.api}." if ended else f"Nobody was signed in at {site.api}."
        console(as_json).print(text, markup=False, highlight=False, soft_wrap=True)


def _ask_password(from_stdin: bool) -> str:
    if not from_stdin and not can_ask():
        raise CommandError("no_password", "There is no terminal to ask for the password: --password-stdin.")
    # On stderr, so that stdout holds the one JSON object.
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if from_stdin
        else str(typer.prompt("Password", hide_input=True, err=True))
    )
    if not password:
        raise CommandError("no_password", "No password came.")
    return password
