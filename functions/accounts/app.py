"""AccountsQueue → what follows a registration or a forgotten password: accounts and mails. The API does not
wait for it."""

import time
from typing import Any

from chalice.app import Chalice, SQSEvent

from videosite.accounts.followup import follow_up
from videosite.pipeline.batches import QueueRecord, each_record

app = Chalice(app_name="accounts")


@app.on_sqs_message(queue="accounts", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message is {"do", …}."""
    return each_record(event, _handle)


def _handle(body: Any, _: QueueRecord) -> None:
    follow_up(body, time.time())
