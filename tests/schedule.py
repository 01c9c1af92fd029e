"""How pytest-xdist deals the tests out: the stack's to one worker and first, the others by file.

They share one stack per session, and take longest. (xdist's own groups do nothing under pytest 9.2.)
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

STACK = "tests/stack/"
REAL = (STACK, "tests/media/", "tests/storage/")
"""Tests of real processes and sockets. They wait for a machine that others keep busy too, so each is
given a second chance; the summary tells of those that took it."""
MOST_SHOWN = 6000
"""Characters of a failure, from its end."""


class Schedule(LoadScopeScheduling):  # type: ignore[misc]
    """One unit of work per file, and one for all of the stack."""

    def _split_scope(self, nodeid: str) -> str:
        return STACK if nodeid.startswith(STACK) else nodeid.partition("::")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the stack that tests share keeps its objects; whether all of the console's specs are run."""
    parser.addoption("--storage", choices=("ministack", "seaweedfs"), default="ministack")
    parser.addoption("--every-spec", action="store_true")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Schedule:
    """xdist asks for the scheduler here."""
    config.option.loadscopereorder = False
    return Schedule(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stack's tests first: nothing else takes as long."""
    for item in items:
        if item.nodeid.startswith(REAL):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: not item.nodeid.startswith(STACK))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Which tests took their second chance, and what went wrong with the first."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"first attempt of {report.nodeid}")
        terminalreporter.write_line(report.longreprtext[-MOST_SHOWN:])
