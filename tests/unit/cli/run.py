"""Runs a command as a person would, without a process."""

import json
from dataclasses import dataclass
from typing import Any

import typer
from typer.testing import CliRunner

from cli import (
    control,
    export,
    listing,
    signing,
    subtitles,
    thumbnail,
    upload,
    users,
    videos,
    watch,
    webhooks,
)

app = typer.Typer()
app.command()(upload.upload)
app.command()(watch.watch)
app.command()(export.export)
app.command()(control.cancel)
app.command()(control.retry)
app.command()(signing.login)
app.command()(signing.logout)
app.command()(videos.show)
app.command()(videos.update)
app.command()(videos.delete)
app.command("list")(listing.list_videos)
app.add_typer(subtitles.app, name="subtitles")
app.add_typer(thumbnail.app, name="thumbnail")
app.add_typer(users.app, name="users")
app.add_typer(webhooks.app, name="webhooks")


@dataclass(frozen=True)
class Ended:
    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        document: dict[str, Any] = json.loads(self.stdout)
        assert self.stdout.count("\n") == 1
        return document


def run(*arguments: str, stdin: str | None = None) -> Ended:
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return Ended(result.exit_code, result.stdout, result.stderr)
