"""UrgentQueue, BulkQueue → one range encoded into the media bucket; a segment measured; a frame taken."""

from collections.abc import Callable
from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import QueueRecord, each_record, hold
from videosite.pipeline.frames import make_frame
from videosite.pipeline.measure import measure
from videosite.pipeline.transcode import Delivery, transcode

app = Chalice(app_name="transcode")


@app.on_sqs_message(queue="bulk", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message names one task: {"video_id", "generation", "run", "task_id"}; or a segment to measure, or
    a frame to make pictures of."""
    return each_record(event, _handle)


def _handle(body: dict[str, Any], record: QueueRecord) -> None:
    delivery = Delivery.of(record)
    hold(record, delivery.queue_url)
    _work_of(body)(body, delivery)


def _work_of(body: dict[str, Any]) -> Callable[[dict[str, Any], Delivery], None]:
    if "measure" in body:
        return measure
    return make_frame if "wish" in body else transcode
