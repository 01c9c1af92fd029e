"""How a command ends: what it prints, and its exit code (`cli.exit_codes`).

With `--json` stdout holds one JSON object and nothing else; people's text goes to stderr then.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from cli.exit_codes import INTERRUPTED, OTHER

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class CommandError(Exception):
    """A command cannot go on. `code` is stable; `message` says what happened and what to do.

    `refused`: what was sent is at fault, not the way there.
    """

    exit_code = OTHER

    def __init__(self, code: str, message: str, refused: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.refused = refused


def console(as_json: bool) -> Console:
    """Where text for people goes."""
    return Console(stderr=as_json)


def print_json(document: dict[str, Any]) -> None:
    """The one object of `--json`."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def can_ask() -> bool:
    """Whether somebody is there to answer a question."""
    return sys.stdin.isatty()


def as_text(name: str) -> str:
    """A name of the file system that can be sent and printed: bytes that are no UTF-8 become "?"."""
    return name.encode("utf-8", "replace").decode()


def printable(text: str) -> str:
    """Text that somebody else wrote, on one line and without terminal codes."""
    return "".join(letter if letter.isprintable() else "?" for letter in as_text(text))


def clock(seconds: float) -> str:
    """Hours, minutes and seconds, as players show them."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@contextmanager
def steps(out: Console) -> Iterator[Callable[[str], None]]:
    """Gives what says which step is under way: a spinner on a terminal, else a line per step."""
    if not out.is_terminal:
        yield lambda step: out.print(step, markup=False, highlight=False, soft_wrap=True)
        return
    with out.status("starting") as spinner:
        yield lambda step: spinner.update(f"{step} …")


@contextmanager
def reported(as_json: bool, document: dict[str, Any]) -> Iterator[None]:
    """Turns failures inside into a sentence (or `document` with `error` filled in) and an exit code."""
    try:
        yield
    except CommandError as error:
        failure = error
    except httpx.HTTPError as error:
        failure = CommandError("no_connection", _connection_sentence(error))
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        failure = CommandError("file_error", f"{error.strerror or error}{name}.")
    except KeyboardInterrupt:
        failure = CommandError("interrupted", "Interrupted.")
        failure.exit_code = INTERRUPTED
    else:
        return
    message = as_text(failure.message)
    if as_json:
        error_document = {"code": failure.code, "message": message}
        print_json({**document, "error": error_document})
    style = "" if failure.exit_code == INTERRUPTED else "red"
    console(as_json=True).print(message, style=style, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(failure.exit_code)


def _connection_sentence(error: httpx.HTTPError) -> str:
    try:
        host = error.request.url.netloc.decode()
    except RuntimeError:
        host = "the site"
    if isinstance(error, httpx.TimeoutException):
        return f"{host} did not answer in time. Try again, or look at: videosite status"
    return f"No connection to {host} ({error}). Is the stack up? videosite status"
