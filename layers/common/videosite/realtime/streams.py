"""DynamoDB stream batches.

Records are taken as they came: Chalice's record objects want fields that are not always there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from videosite.log import logger

Record = Mapping[str, Any]


def answer(
    event: Mapping[str, Any], handle: Callable[[Sequence[Record]], list[str]]
) -> dict[str, list[dict[str, str]]]:
    """Handle a batch; `handle` returns the sequence numbers of records that should come again.

    Lambda hands out again everything from the lowest of them on, so what was done already is repeated.
    Whatever happens, one line is logged.
    """
    records = event.get("Records", [])
    try:
        failed = handle(records)
    except Exception:
        # A raising batch is repeated without end where retries have no limit. An empty identifier asks for
        # the whole batch again, under the limits of the event source mapping.
        logger.exception("batch failed")
        failed = [""]
    logger.debug("batch", extra={"records": len(records), "failed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
