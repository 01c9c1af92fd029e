"""The messages table's stream → posts to the channels' sockets; the connections table's → greetings.

Of a channel with many sockets, each shard is a call of `shard`, another function.
"""

import time
from typing import Any

from chalice.app import Chalice, DynamoDBEvent

from videosite.realtime.broadcast import post_shard
from videosite.realtime.delivery import deliver
from videosite.realtime.greeting import greet
from videosite.realtime.streams import answer

app = Chalice(app_name="fanout")


@app.on_dynamodb_record(stream_arn="messages")
def handler(event: DynamoDBEvent) -> dict[str, Any]:
    """Returns which records should come again. Each takes the records of its own table."""
    now_s = time.time()
    return answer(event.to_dict(), lambda records: [*deliver(records, now_s), *greet(records, now_s)])


@app.lambda_function()
def shard(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Takes {"channel", "shard", "frames", "after", "budget_s"}; returns {"outcomes", "after", "done"}."""
    return post_shard(event, time.time())
