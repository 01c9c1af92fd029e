"""Which site the commands talk to: the one that was named, or the local stack."""

from collections.abc import Iterable
from pathlib import Path

from cli.client import Site, site_at
from cli.outcome import CommandError
from infra.local.home import Home, ephemeral_home, kept_home
from infra.local.processes import find
from infra.local.record import load


def find_site(url: str, credentials: Path | None, homes: Iterable[Home] | None = None) -> Site:
    """The site at `url`, else the local stack that is up, with its admin's credentials.

    Raises:
        CommandError: `bad_url`; `no_stack` if none was named and none runs here.
    """
    if url:
        return site_at(url, credentials)
    for home in (kept_home(), ephemeral_home()) if homes is None else homes:
        record = load(home)
        if record.processes and all(find(process) for process in record.processes.values()):
            return site_at(record.public_url, credentials or home.credentials)
    message = "No local stack is running. Start one with: videosite up. Or name a site: --url ADDRESS."
    raise CommandError("no_stack", message)
