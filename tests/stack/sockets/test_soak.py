"""Half a minute of `make soak` with fewer sockets."""

import asyncio
from pathlib import Path

from tests.soak.soak import soak
from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site

SOCKETS = 30
SECONDS = 30


def test_nothing_is_lost_while_sockets_come_and_go(stack: RunningStack, admin: Site, tmp_path: Path) -> None:
    with inside(stack):
        report = asyncio.run(soak(stack, admin, tmp_path, SOCKETS, SECONDS))
    assert report.lost_nothing, report
    assert report.opened > SOCKETS
    assert report.replayed > 0
    assert report.slow > 0
    assert report.heard > report.stored
    assert report.videos > 0
