"""What many sockets need of AWS, and cost: `python -m infra.scale` prints the tables of
docs/features/websocket-scale.md. Arithmetic; nothing is measured here.

Prices and quotas are those of us-east-1 as the page names their sources. What our code does per socket and
message is taken from it (`realtime/`), so that a change there shows here.
"""

import math
from dataclasses import dataclass

from videosite.media.cost import GB_SECOND_USD
from videosite.realtime.broadcast import BROADCAST_S, DIRECT
from videosite.realtime.channels import ALL_SHARDS
from videosite.realtime.connections import SOCKET_LIFE_S, WATCH_SHARDS
from videosite.realtime.fanout import BUDGET_S

CONNECTS_PER_S = 500
"""API Gateway: new connections, per account and region; can be raised."""
REQUESTS_PER_S = 10_000
"""API Gateway: messages, posts and HTTP requests together, per account and region; can be raised."""
MESSAGE_USD = 1.0e-6
"""API Gateway, first thousand million a month; per 32 KB, in either direction."""
CONNECTION_MINUTE_USD = 0.25e-6
WRITE_USD = 0.625e-6
"""DynamoDB on demand, per write unit (1 KB; twice that in transactions)."""
READ_USD = 0.125e-6
"""Per read unit (4 KB, strongly consistent)."""
PARTITION_WRITES_PER_S = 1000
PARTITION_READS_PER_S = 3000
LAMBDA_REQUEST_USD = 0.20e-6
GB_S_USD = GB_SECOND_USD["x86_64"]
MB_PER_VCPU = 1769

POST_CPU_S = 0.0007
"""CPU of one post (docs/performance.md)."""
POSTING_MB = 1024
SUBSCRIPTION_BYTES = 100
CONNECT_WRITES = 2 * 5 + 1
"""One transaction of five rows and an index entry; the same when it closes."""
PING_S = 30
"""How often clients ping unless they are told otherwise."""
PINGS_PER_CHECK = 10
"""Clients ask so often whether they missed something: one message, and an answer for each of their two
channels."""
LONGEST_PAUSE_S = 60
"""Clients that are refused again and again wait up to so long, at random: half of it on average."""
ANSWER_S = 0.02
"""Of the function that answers a ping, at 512 MB."""


@dataclass(frozen=True)
class Need:
    """What so many open sockets need. Rates per second; money in dollars."""

    sockets: int
    ping_s: float
    ramp_s: float
    """Until all are connected at the quota on new connections."""
    tickets_per_s: float
    """Asked of the HTTP API while all come back and most are refused: one before each attempt. Its stage has
    a limit, too."""
    said_per_s: float
    """What clients say: pings, and whether they missed something. The stage has a limit on this."""
    requests_per_s: float
    """That and the answers."""
    reconnects_per_s: float
    """Since a socket lives for two hours at most."""
    watch_shards: int
    """Of the index in which each talking socket moves once a minute."""
    shards: int
    """Of the channel `all`, for a broadcast within its time."""
    broadcast_s: float
    """To everybody, with those shards and what pings leave of the default quota; infinite if nothing."""
    quota_per_s: float
    """The quota it takes to do that within an invocation's time."""
    counter_reads_per_s: float
    """Of the counter of `all`, which each check reads."""
    shard_reads_per_s: float
    """Of one shard's partition, read within a second."""
    hour_usd: float
    """Standing there and pinging."""
    broadcast_usd: float


def need(sockets: int, ping_s: float = PING_S) -> Need:
    """What `sockets` that ping every `ping_s` seconds need."""
    per_shard = posts_per_s() * BROADCAST_S
    shards = max(ALL_SHARDS, _power_of_two(sockets / per_shard))
    pings_per_s = sockets / ping_s
    checks_per_s = pings_per_s / PINGS_PER_CHECK
    # The index entry is deleted and put again: two writes, at most once a minute.
    moves_per_s = 2 * sockets / max(ping_s, 60)
    reconnects_per_s = sockets / SOCKET_LIFE_S
    requests_per_s = 2 * pings_per_s + 3 * checks_per_s
    invocations = shards if sockets > DIRECT else 1
    rate = min(REQUESTS_PER_S - requests_per_s, invocations * posts_per_s())
    return Need(
        sockets=sockets,
        ping_s=ping_s,
        ramp_s=sockets / CONNECTS_PER_S,
        tickets_per_s=sockets / (LONGEST_PAUSE_S / 2),
        said_per_s=pings_per_s + checks_per_s,
        requests_per_s=requests_per_s,
        reconnects_per_s=reconnects_per_s,
        watch_shards=max(WATCH_SHARDS, _power_of_two(moves_per_s / PARTITION_WRITES_PER_S)),
        shards=shards,
        broadcast_s=sockets / rate if rate > 0 else math.inf,
        quota_per_s=requests_per_s + sockets / BUDGET_S,
        counter_reads_per_s=checks_per_s,
        shard_reads_per_s=sockets / shards * SUBSCRIPTION_BYTES / 4096,
        hour_usd=_hour_usd(sockets, pings_per_s, checks_per_s, moves_per_s, reconnects_per_s),
        broadcast_usd=sockets * message_usd(),
    )


def posts_per_s() -> float:
    """What one invocation posts in a second: posting is CPU."""
    return POSTING_MB / MB_PER_VCPU / POST_CPU_S


def message_usd() -> float:
    """One stored message to one socket: the post, the function's time, its row read."""
    function_usd = POSTING_MB / 1024 / posts_per_s() * GB_S_USD
    return MESSAGE_USD + function_usd + SUBSCRIPTION_BYTES / 4096 * READ_USD


def _hour_usd(
    sockets: int, pings_per_s: float, checks_per_s: float, moves_per_s: float, reconnects_per_s: float
) -> float:
    heard_usd = LAMBDA_REQUEST_USD + ANSWER_S / 2 * GB_S_USD + WRITE_USD
    ping_usd = 2 * MESSAGE_USD + heard_usd
    check_usd = 3 * MESSAGE_USD + heard_usd + 2 * READ_USD
    reconnect_usd = 2 * CONNECT_WRITES * WRITE_USD + 2 * LAMBDA_REQUEST_USD
    per_s = pings_per_s * ping_usd + checks_per_s * check_usd
    per_s += moves_per_s * WRITE_USD + reconnects_per_s * reconnect_usd
    return 3600 * per_s + 60 * sockets * CONNECTION_MINUTE_USD


def _power_of_two(at_least: float) -> int:
    return 1 << max(0, math.ceil(math.log2(max(at_least, 1))))


ROWS = ((1_000, 30.0), (100_000, 30.0), (100_000, 300.0), (1_000_000, 30.0), (1_000_000, 300.0))


def tables() -> str:
    """The page's table."""
    lines = [
        "| sockets, ping every | all connected after | tickets meanwhile (`ApiRateLimit`) | "
        "`SocketsRateLimit` at least | that and the answers | "
        "reconnects | shards of `all` | a broadcast takes, at the default quota | quota to take 20 s | "
        "shards of the watch index | an hour | a broadcast |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for sockets, ping_s in ROWS:
        it = need(sockets, ping_s)
        cells = [
            f"{sockets:,}, {ping_s:.0f} s",
            _time(it.ramp_s),
            f"{it.tickets_per_s:,.0f}/s",
            f"{it.said_per_s:,.0f}/s",
            f"{it.requests_per_s:,.0f}/s",
            f"{it.reconnects_per_s:,.1f}/s",
            str(it.shards),
            _time(it.broadcast_s),
            f"{it.quota_per_s:,.0f}/s",
            str(it.watch_shards),
            f"${it.hour_usd:,.2f}",
            f"${it.broadcast_usd:,.3f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    if math.isinf(seconds):
        return "no quota is left"
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.1f} s"


if __name__ == "__main__":
    print(tables())
    print(f"\nA million messages to sockets: ${message_usd() * 1e6:.2f}")
