"""The HTTP API: warm, inside the function and through the local stack, as the table of videos grows.

Inside: the handler is called in this process, so that what a call to the tables takes can be told from the
rest. Through the stack, tables are MiniStack's, which goes through all rows of a partition for each query.
Growth is measured on tables that read by key, as DynamoDB does (`tables.py`).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
from botocore.client import BaseClient
from rich.console import Console
from rich.table import Table

from infra.local.home import Home
from infra.local.stack import down
from tests.bench.tables import sorted_tables
from tests.functions.api.http_api import event
from tests.functions.conftest import Handler, handler
from tests.stack.conftest import RunningStack, inside, start_stack
from tests.unit.library.factories import make_transcode
from videosite import ids
from videosite.accounts.tokens import issue_access_token
from videosite.library import media_token, names, terms
from videosite.settings import require
from videosite.store.secrets import get_secret
from videosite.store.tables import Term, User, Video

ROWS = (1_000, 10_000, 100_000)
BASE = 10_000
"""Rows at which the bars of the design hold."""
OWNERS = 50
RARE = 500
"""One video in so many has the rare word."""
CALLS = 200
CALLS_S = 15.0
"""A request that the emulator makes slow is called less often: for so long, and at least `FEWEST` times."""
FEWEST = 20
CLIENTS = (1, 8)
THROUGH = 400
WARMING = 3
PLAYED = 1_400_000_000_001
"""A video that is being transcoded, for the playlist."""

Figures = dict[str, float]
Token = Callable[[], str]
Request = tuple[str, str, dict[str, Any] | None, bytes | None]
"""Method, path, query, body."""


def requests() -> Mapping[str, Request]:
    """What is measured."""
    one = f"/api/v1/videos/{PLAYED}"
    public = {"scope": "public"}
    asset = f"videos/{PLAYED}/{PLAYED:032x}"
    playlist = f"/m/{_media_token(f'{asset}/')}/{asset}/h264-360p/live.m3u8"
    return {
        "health": ("GET", "/api/v1/health", None, None),
        "one video": ("GET", one, None, None),
        "own videos": ("GET", "/api/v1/videos", None, None),
        "public videos": ("GET", "/api/v1/videos", public, None),
        "public videos by title": ("GET", "/api/v1/videos", {**public, "sort": "title"}, None),
        "public videos of a category": ("GET", "/api/v1/videos", {**public, "category": "travel"}, None),
        "search, a word of all": ("GET", "/api/v1/videos", {**public, "q": "sea"}, None),
        "search, a rare word": ("GET", "/api/v1/videos", {**public, "q": "sea heron"}, None),
        "everybody's, for staff": ("GET", "/api/v1/admin/videos", None, None),
        "transcode status": ("GET", f"{one}/transcode-status", None, None),
        "playlist poll": ("GET", playlist, None, None),
        "a change": ("PATCH", one, None, b'{"description":"Waves"}'),
    }


def _media_token(scope: str) -> str:
    return media_token.sign(scope, int(time.time()) + 86_400, get_secret(require("media_secret_arn")))


GROWING = (
    "own videos", "public videos", "public videos by title", "public videos of a category",
    "search, a word of all", "search, a rare word", "everybody's, for staff",
)  # fmt: skip
THROUGH_STACK = ("one video", "public videos", "search, a rare word", "playlist poll")


def measure(console: Console, rows: Sequence[int] = ROWS) -> dict[str, Any]:
    """All of it, on a stack that is started for it."""
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        try:
            stack = start_stack(home)
            with inside(stack):
                return _measure(stack, console, rows)
        finally:
            down(Home(home), console.print)


def _measure(stack: RunningStack, console: Console, rows: Sequence[int]) -> dict[str, Any]:
    asked = requests()
    base = min(rows, key=lambda each: abs(each - BASE))
    found: dict[str, Any] = {"rows": base, "growth": {}}
    call, token = _caller(_people())
    make_transcode(PLAYED, h264={"0": 3}, audio={"0": 3}, visibility="public")
    Video(PLAYED).update([Video.owner_id.set("owner0")])
    console.print(f"filling MiniStack's table to {base:,} videos")
    fill(0, base)
    console.print("asking")
    found["inside"] = {name: _inside(call, request) for name, request in asked.items()}
    found["through"] = {
        clients: {name: _through(stack, token, asked[name], clients) for name in THROUGH_STACK}
        for clients in CLIENTS
    }
    with sorted_tables():
        call, token = _caller(_people())
        there = 0
        for count in sorted(rows):
            console.print(f"filling tables that read by key to {count:,} videos")
            fill(there, count)
            there = count
            found["growth"][count] = {name: _inside(call, asked[name]) for name in GROWING}
    return found


def _people() -> Token:
    """A moderator who owns videos; gives a fresh token of theirs."""
    user = User("owner0", email="owner0@example.org", role="moderator", created_at_s=1.0)
    user.save()
    return lambda: issue_access_token(user)


# --- rows -------------------------------------------------------------------------------------------


def fill(first: int, end: int) -> None:
    """Store videos number [first, end) with their terms in the public list."""
    with Video.batch_write() as videos, Term.batch_write() as index:
        for number in range(first, end):
            video = _video(number)
            videos.save(video)
            words = ["sea", "heron"] if number % RARE == 0 else ["sea"]
            for word in words:
                index.save(Term(terms.word_term("public", word), video.video_id))


def _video(number: int) -> Video:
    """One of a year, a few minutes apart."""
    title = f"{'Heron' if number % RARE == 0 else 'Gulls'} at the sea {number * 7919 % 100_003:06}"
    category = names.CATEGORIES[number % len(names.CATEGORIES)]
    made_s = ids.EPOCH_MS / 1000 + 300 * number
    return Video(
        ids.video_id(int(made_s * 1000), number % 4096),
        owner_id=f"owner{number % OWNERS}",
        title=title,
        title_key=names.title_key(title),
        category=category,
        category_key=f"public#{category}",
        visibility="public",
        status="completed",
        source_key="uploads/x/source.mp4",
        duration_s=60.0,
        views=number % 1000,
        created_at_s=made_s,
        updated_at_s=made_s,
    )


# --- inside the function ----------------------------------------------------------------------------

Call = Callable[[Request], int]


def _caller(token: Token) -> tuple[Call, Token]:
    handle: Handler = handler("api")
    kept: dict[str, Any] = {"token": "", "until_s": 0.0}

    def call(request: Request) -> int:
        if time.time() > kept["until_s"]:
            kept.update(token=token(), until_s=time.time() + 600)
        method, path, query, body = request
        headers = {"authorization": f"Bearer {kept['token']}", "content-type": "application/json"}
        answer = handle(event(method, path, body, query, headers), object())
        return int(answer["statusCode"])

    return call, token


def _inside(call: Call, request: Request) -> Figures:
    """Percentiles in ms of the whole and of what is not the tables', and calls to the tables."""
    for _ in range(WARMING):
        status = call(request)
        assert status == 200, (request[:2], status)
    all_s: list[float] = []
    own_s: list[float] = []
    with _tables() as tables:
        until_s = time.monotonic() + CALLS_S
        while len(all_s) < CALLS and (len(all_s) < FEWEST or time.monotonic() < until_s):
            tables.took_s = 0.0
            began = time.perf_counter()
            call(request)
            took_s = time.perf_counter() - began
            all_s.append(took_s)
            own_s.append(took_s - tables.took_s)
    own = spread(own_s)
    return {
        **spread(all_s),
        "own_p50_ms": own["p50_ms"],
        "own_p95_ms": own["p95_ms"],
        "table_calls": tables.calls / len(all_s),
    }


class _Tables:
    """What calls to AWS took since `took_s` was set to 0, and how many there were."""

    took_s = 0.0
    calls = 0


@contextmanager
def _tables() -> Iterator[_Tables]:
    meter = _Tables()
    real = BaseClient._make_api_call  # type: ignore[attr-defined]

    def timed(self: BaseClient, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return real(self, *arguments)
        finally:
            meter.took_s += time.perf_counter() - began
            meter.calls += 1

    with mock.patch.object(BaseClient, "_make_api_call", timed):
        yield meter


# --- through the stack ------------------------------------------------------------------------------


def _through(stack: RunningStack, token: Token, request: Request, clients: int) -> Figures:
    """Percentiles in ms of requests from so many clients, each with a connection of its own."""
    method, path, query, body = request
    headers = {"Authorization": f"Bearer {token()}"}

    def one_client(count: int) -> list[float]:
        took_s = []
        with httpx.Client(base_url=stack.url, headers=headers, timeout=60) as http:
            until_s = time.monotonic() + CALLS_S
            for number in range(WARMING + count):
                if number >= WARMING + FEWEST and time.monotonic() > until_s:
                    break
                began = time.perf_counter()
                answer = http.request(method, path, params=query, content=body)
                assert answer.status_code == 200, (path, answer.status_code)
                if number >= WARMING:
                    took_s.append(time.perf_counter() - began)
        return took_s

    with ThreadPoolExecutor(clients) as pool:
        began = time.perf_counter()
        found = [one for took_s in pool.map(one_client, [THROUGH // clients] * clients) for one in took_s]
        wall_s = time.perf_counter() - began
    return {**spread(found), "per_s": len(found) / wall_s}


def spread(seconds: Sequence[float]) -> Figures:
    """Percentiles in ms."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50_ms": cuts[49] * 1000, "p95_ms": cuts[94] * 1000}


# --- showing ----------------------------------------------------------------------------------------


def show(found: Mapping[str, Any], console: Console) -> None:
    """Print the tables."""
    table = Table(title=f"warm, inside the function, {found['rows']:,} videos (bar: p95 < 20 ms of ours)")
    for name in ("request", "p50 ms", "p95 ms", "without tables p50", "p95", "table calls"):
        table.add_column(name, justify="left" if name == "request" else "right")
    for name, one in found["inside"].items():
        table.add_row(
            name,
            *(f"{one[key]:.1f}" for key in ("p50_ms", "p95_ms", "own_p50_ms", "own_p95_ms", "table_calls")),
        )
    console.print(table)
    table = Table(title="through the local stack (bars: p95 < 100 ms at one client, < 200 ms at eight)")
    for name in ("request", *(f"{clients} client(s): p50, p95 ms, per s" for clients in found["through"])):
        table.add_column(name)
    for name in THROUGH_STACK:
        cells = [found["through"][clients][name] for clients in found["through"]]
        table.add_row(name, *(f"{c['p50_ms']:.0f}, {c['p95_ms']:.0f}, {c['per_s']:.0f}" for c in cells))
    console.print(table)
    table = Table(title="as rows grow: p50 ms, of it ours, table calls")
    for name in ("request", *(f"{count:,}" for count in found["growth"])):
        table.add_column(name)
    for name in GROWING:
        cells = [found["growth"][count][name] for count in found["growth"]]
        table.add_row(
            name, *(f"{c['p50_ms']:.1f}, {c['own_p50_ms']:.1f}, {c['table_calls']:.1f}" for c in cells)
        )
    console.print(table)
