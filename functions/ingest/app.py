"""IngestQueue → probe, refuse or plan, dispatch."""

from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import QueueRecord, each_record, hold
from videosite.pipeline.ingest import ingest_event
from videosite.settings import require

app = Chalice(app_name="ingest")


@app.on_sqs_message(queue="ingest", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message is an S3 event notification."""
    return each_record(event, _handle)


def _handle(body: Any, record: QueueRecord) -> None:
    hold(record, require("ingest_queue_url"))
    ingest_event(body)
