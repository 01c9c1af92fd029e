"""The messages table's stream → deliveries; WebhooksQueue → one attempt each. Two functions: only the second
knows secrets and talks to strangers."""

import time
from typing import Any

from chalice.app import Chalice, DynamoDBEvent, SQSEvent

from videosite.pipeline.batches import each_record
from videosite.realtime.streams import answer

app = Chalice(app_name="webhooks")


@app.on_dynamodb_record(stream_arn="messages")
def route(event: DynamoDBEvent) -> dict[str, Any]:
    """Returns which records should come again."""
    from videosite.webhooks.routing import route as route_records

    return answer(event.to_dict(), lambda records: route_records(records, time.time()))


@app.on_sqs_message(queue="webhooks", batch_size=1)
def deliver(event: SQSEvent) -> dict[str, Any]:
    """Each message names one delivery: {"owner_id", "webhook_id", "message_id", "tries"}; or, under "spread",
    a stored message for all webhooks."""
    from videosite.webhooks.sending import handle

    return each_record(event, lambda body, _: handle(body))
