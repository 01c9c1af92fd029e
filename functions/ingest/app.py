"""IngestQueue → probe, refuse or plan, dispatch."""

from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import each_record
from videosite.pipeline.ingest import ingest_event

app = Chalice(app_name="ingest")


@app.on_sqs_message(queue="ingest", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message is an S3 event notification."""
    return each_record(event, lambda body, _: ingest_event(body))
