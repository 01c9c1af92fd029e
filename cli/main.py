"""`videosite`: one command for the local stack and for using a site.

Commands are imported when they are called, so that help and completion answer at once.
"""

import importlib
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.exit_codes import MEANING, OTHER

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("cli.stack:up", "Start the local stack, or bring a running one up to date."),
    "down": ("cli.stack:down", "Stop the local stack."),
    "status": ("cli.stack:status", "Where the local stack is, and whether it is well."),
    "logs": ("cli.logs:logs", "What functions and processes of the local stack wrote."),
    "doctor": ("cli.doctor:doctor", "Check what this machine lacks, and how to get it."),
    "login": ("cli.signing:login", "Sign in at a site."),
    "logout": ("cli.signing:logout", "End the session that `login` opened."),
    "upload": ("cli.upload:upload", "Upload a video."),
    "watch": ("cli.watch:watch", "Watch a video being transcoded."),
    "cancel": ("cli.control:cancel", "Stop a transcode; what is done is kept."),
    "retry": ("cli.control:retry", "Take a transcode up again, or make what one rendition lacks."),
    "list": ("cli.listing:list_videos", "Your videos, newest first."),
    "show": ("cli.videos:show", "What is said of a video, and where it plays."),
    "update": ("cli.videos:update", "Change what is said of a video, and who may see it."),
    "delete": ("cli.videos:delete", "Delete a video for good."),
    "export": ("cli.export:export", "Download a video's playlists and segments."),
    "subtitles": ("cli.subtitles:app", "Subtitle tracks of a video."),
    "thumbnail": ("cli.thumbnail:app", "The picture of a video."),
    "webhooks": ("cli.webhooks:app", "Addresses that events are posted to."),
    "mails": ("cli.mails:mails", "Mails that the local stack sent."),
    "rebuild": ("cli.keeping:rebuild", "Make the library's rows again from what storage holds."),
    "backup": ("cli.keeping:backup", "Copy the library into a folder."),
    "restore": ("cli.keeping:restore", "Put a backup back."),
    "users": ("cli.users:app", "Accounts (for admins)."),
}
"""Name → where its function or Typer app is, and its line in the help."""


class _Deferred(TyperCommand):
    """Stands for a command until it is called."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._target = target

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The real command's context: from here on the real command runs."""
        return load_command(self.name or "", self._target).make_context(info_name, args, parent, **extra)


def load_command(name: str, target: str) -> Any:
    """Import a command: a plain function with Typer annotations, or a Typer app of several."""
    module, _, attribute = target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        command = typer.main.get_command(single)
    command.name = name
    return command


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        entry = COMMANDS.get(cmd_name)
        return _Deferred(cmd_name, *entry) if entry else None


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False)

usage_error: Any = typer.BadParameter.__base__
# Typer's own is 2, which scripts could not tell from a refused video.
usage_error.exit_code = OTHER


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"videosite {version('videosite')}")
        raise typer.Exit


@app.callback(epilog=MEANING)
def videosite(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """VideoSite: upload a video, watch it being transcoded, play it meanwhile."""
