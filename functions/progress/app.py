"""The jobs table's stream → progress on sockets, ends as stored messages."""

import time
from typing import Any

from chalice.app import Chalice, DynamoDBEvent

from videosite.realtime.changes import report_changes
from videosite.realtime.streams import answer

app = Chalice(app_name="progress")


@app.on_dynamodb_record(stream_arn="jobs")
def handler(event: DynamoDBEvent) -> dict[str, Any]:
    """Returns which records should come again."""
    return answer(event.to_dict(), lambda records: report_changes(records, time.time()))
