"""UrgentQueue, BulkQueue → one range encoded, its segments in the media bucket; or one segment measured."""

from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import each_record
from videosite.pipeline.measure import measure
from videosite.pipeline.transcode import Delivery, transcode

app = Chalice(app_name="transcode")


@app.on_sqs_message(queue="bulk", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message names one task: {"video_id", "generation", "run", "task_id"}; or a segment to measure."""
    return each_record(
        event,
        lambda body, record: (measure if "measure" in body else transcode)(body, Delivery.of(record)),
    )
