"""PublishQueue → a finished codec becomes playable VOD."""

from typing import Any

from chalice import Chalice
from chalice.app import SQSEvent

from videosite.pipeline.batches import each_record
from videosite.pipeline.publish import publish

app = Chalice(app_name="publish")


@app.on_sqs_message(queue="publish", batch_size=1)
def handler(event: SQSEvent) -> dict[str, Any]:
    """Each message is {"video_id", "generation", "run", "codec"}."""
    return each_record(event, lambda body, _: publish(**body))
