"""The paper plan for many sockets: its arithmetic, and that the page shows it."""

import math

import pytest

from infra import scale
from infra.build import ROOT
from infra.scale import need
from infra.template import load_template
from videosite.realtime.broadcast import BROADCAST_S, DIRECT
from videosite.realtime.fanout import BUDGET_S

PAGE = ROOT / "docs/features/websocket-scale.md"


def test_the_page_shows_what_is_computed() -> None:
    text = PAGE.read_text()
    assert scale.tables() in text, "python -m infra.scale prints the table anew"
    assert f"${scale.message_usd() * 1e6:.2f}" in text
    assert f"{scale.posts_per_s():.0f} posts a second" in text


def test_a_broadcast_fits_the_invocations_it_is_cut_into() -> None:
    for sockets in (1000, 100_000, 1_000_000, 5_000_000):
        it = need(sockets)
        assert sockets / it.shards / scale.posts_per_s() <= BROADCAST_S
        assert it.shard_reads_per_s <= scale.PARTITION_READS_PER_S
        assert it.quota_per_s - it.requests_per_s == pytest.approx(sockets / BUDGET_S)


def test_few_sockets_are_one_invocation() -> None:
    assert need(DIRECT).broadcast_s == pytest.approx(DIRECT / scale.posts_per_s())
    assert need(DIRECT + 1).broadcast_s < need(DIRECT).broadcast_s


def test_pings_take_the_quota_from_broadcasts() -> None:
    assert math.isinf(need(1_000_000, 30).broadcast_s)
    assert need(1_000_000, 300).broadcast_s < math.inf
    assert need(100_000, 300).broadcast_s < need(100_000, 30).broadcast_s


def test_the_page_says_when_the_stages_limit_is_reached() -> None:
    limit = load_template()["Parameters"]["SocketsRateLimit"]["Default"]
    assert need(54_000).said_per_s < limit < need(55_000).said_per_s
    assert "before there are 54,000 sockets" in PAGE.read_text()


def test_the_page_says_when_tickets_reach_the_apis_limit() -> None:
    limit = load_template()["Parameters"]["ApiRateLimit"]["Default"]
    assert need(30_000).tickets_per_s == limit
    assert "Beyond 30,000 sockets" in PAGE.read_text()


def test_the_counter_of_all_is_read_as_the_page_says() -> None:
    assert need(100_000).counter_reads_per_s == pytest.approx(333, abs=1)
    assert need(1_000_000).counter_reads_per_s > scale.PARTITION_READS_PER_S


def test_the_index_of_talking_sockets_stays_below_a_partitions_limit() -> None:
    for sockets in (100_000, 1_000_000):
        it = need(sockets)
        assert 2 * sockets / 60 / it.watch_shards <= scale.PARTITION_WRITES_PER_S


def test_money_grows_with_sockets_and_with_pings() -> None:
    assert need(200_000).hour_usd == pytest.approx(2 * need(100_000).hour_usd)
    assert need(100_000, 30).hour_usd > 3 * need(100_000, 300).hour_usd
