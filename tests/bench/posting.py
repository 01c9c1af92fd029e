"""Frames to sockets by fan-out's own code, and by boto3 in threads: CPU and time per post.

    python -m tests.bench.posting fanout|boto3 COUNT < connection ids, one a line

A process of its own, so that its CPU is that of posting alone; works on the stack its environment names.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import boto3
from botocore.config import Config

from videosite.realtime.connections import ConnectionManager
from videosite.realtime.fanout import send_newest
from videosite.realtime.messages import encode
from videosite.settings import require

Frame = dict[str, str]

THREADS = 32
"""Where boto3 was fastest (/@connections with 20 ms latency: 1 thread 32 posts/s, 32 threads 313)."""
PATIENCE_S = 120.0


def by_fanout(connection_ids: Sequence[str], frame: Frame) -> None:
    """As the functions post; who hears the channel is not looked up."""
    with patch.object(ConnectionManager, "listeners", lambda *_: list(connection_ids)):
        outcomes = send_newest([(frame, ["all"])], time.time(), until_s=time.monotonic() + PATIENCE_S)
    assert outcomes == {"sent": len(connection_ids)}, outcomes


def by_boto3(connection_ids: Sequence[str], frame: Frame) -> None:
    """As one would without much thought: one client, a pool of threads."""
    client = boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=require("sockets_endpoint"),
        config=Config(max_pool_connections=THREADS),
    )
    data = encode(frame)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda it: client.post_to_connection(ConnectionId=it, Data=data), connection_ids))


WAYS: dict[str, Callable[[Sequence[str], Frame], None]] = {"fanout": by_fanout, "boto3": by_boto3}


def main() -> None:
    """Post COUNT frames to each socket and print the cost per post; the first round, which makes clients
    and connections, is not counted."""
    way, count = WAYS[sys.argv[1]], int(sys.argv[2])
    connection_ids = sys.stdin.read().split()
    way(connection_ids, _frame(0))
    began_s, cpu_s = time.monotonic(), time.process_time()
    for number in range(1, count + 1):
        way(connection_ids, _frame(number))
    posts = count * len(connection_ids)
    figures = {
        "cpu_ms": (time.process_time() - cpu_s) * 1000 / posts,
        "per_s": posts / (time.monotonic() - began_s),
    }
    sys.stdout.write(json.dumps(figures))


def _frame(number: int) -> Frame:
    """About 200 bytes, as most messages have."""
    return {"type": "bench", "id": f"bench.{number}", "padding": "x" * 160}


if __name__ == "__main__":
    main()
