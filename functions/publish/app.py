"""PublishQueue → a finished codec becomes playable VOD."""

from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import QueueRecord, each_record, hold
from videosite.pipeline.publish import publish
from videosite.settings import require

app = Chalice(app_name="publish")


@app.on_sqs_message(queue="publish", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message is {"video_id", "generation", "run", "codec"}."""
    return each_record(event, _handle)


def _handle(body: Any, record: QueueRecord) -> None:
    hold(record, require("publish_queue_url"))
    publish(**body)
