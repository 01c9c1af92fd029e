"""Which site the commands talk to: the one that was named, or the local stack."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cli.client import Site, site_at
from cli.outcome import CommandError
from cli.sessions import own_sessions
from infra.local.home import Home, ephemeral_home, kept_home
from infra.local.processes import find
from infra.local.record import load


def find_site(url: str, credentials: Path | None, homes: Iterable[Home] | None = None) -> Site:
    """The site at `url`; else the local stack that is up, with its admin's credentials unless somebody is
    signed in there; else the site that was signed in to last.

    Raises:
        CommandError: `bad_url`; `no_stack` if none was named and none is known.
    """
    if url:
        return site_at(url, credentials)
    home = _home_that_is_up(homes)
    if home is None:
        last = own_sessions().last
        if last is None:
            raise _no_stack()
        return site_at(last, credentials)
    site = site_at(load(home).public_url, credentials)
    if credentials is None and site.sessions.find(site.api) is None:
        return replace(site, credentials_file=home.credentials)
    return site


def find_address(url: str, homes: Iterable[Home] | None = None) -> Site:
    """As `find_site`, but nobody's: for signing in and out.

    Raises: as `find_site`.
    """
    return replace(find_site(url, None, homes), credentials_file=None)


def _home_that_is_up(homes: Iterable[Home] | None) -> Home | None:
    for home in (kept_home(), ephemeral_home()) if homes is None else homes:
        record = load(home)
        if record.processes and all(find(process) for process in record.processes.values()):
            return home
    return None


def _no_stack() -> CommandError:
    message = "No local stack is running. Start one with: videosite up. Or name a site: --url ADDRESS."
    return CommandError("no_stack", message)
