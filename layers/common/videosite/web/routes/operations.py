"""What operators look at and mend: queues, dead letters, statistics, use of quotas."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from videosite.accounts import audit
from videosite.accounts.tokens import Claims
from videosite.errors import BadInputError
from videosite.pipeline import quotas
from videosite.pipeline.snapshot import iso_time
from videosite.store import letters, statistics
from videosite.store.letters import Depth
from videosite.web import schemas
from videosite.web.auth import Allowed, By, SignedIn
from videosite.web.declared import raises
from videosite.web.routes import ROOT
from videosite.web.values import Moment, Whole

router = APIRouter(prefix=ROOT, tags=["operations"])

Operator = Annotated[Claims, Depends(Allowed("queues.manage"))]
QueueName = Annotated[str, Path(max_length=40, examples=["transcode"])]
MessageId = Annotated[str, Path(max_length=100, examples=["5fea7756-0ea4-451a-a703-a558b933e274"])]


# --- queues -----------------------------------------------------------------------------------------


@router.get("/admin/queues", response_model=schemas.operations.Queues)
def list_queues(_: Operator) -> dict[str, Any]:
    """How much waits in each queue, and how many dead letters there are."""
    found, dead = letters.depths()
    return {"queues": [_depth(one) for one in found], "dead_letters": [_depth(one) for one in dead]}


@router.get(
    "/admin/queues/{queue}/dead-letters",
    response_model=schemas.operations.Letters,
)
@raises("queue_not_found")
def list_letters(
    queue: QueueName, _: Operator, limit: Annotated[int, Query(ge=1, le=100), Whole] = 20
) -> dict[str, Any]:
    """Some dead letters, the oldest first; they stay where they are."""
    found = letters.look(queue, limit)
    return {
        "letters": [
            {
                "message_id": letter.message_id,
                "body": letter.body,
                "sent_at": iso_time(letter.sent_at_s),
                "receives": letter.receives,
            }
            for letter in found
        ]
    }


@router.post(
    "/admin/queues/{queue}/dead-letters/redrive",
    response_model=schemas.operations.LettersHandled,
)
@raises("queue_not_found")
def redrive_letters(queue: QueueName, _: Operator, by: By) -> dict[str, int]:
    """Send dead letters back to their queue, up to 500."""
    count = letters.redrive(queue)
    audit.record(by, "queue.redrive", f"queue#{queue}", after={"count": count})
    return {"count": count}


@router.post(
    "/admin/queues/{queue}/dead-letters/{message_id}/redrive",
    response_model=schemas.operations.LettersHandled,
)
@raises("queue_not_found", "letter_not_found")
def redrive_letter(queue: QueueName, message_id: MessageId, _: Operator, by: By) -> dict[str, int]:
    """Send one dead letter back to its queue."""
    count = letters.redrive(queue, message_id)
    audit.record(by, "queue.redrive", f"queue#{queue}", after={"message_id": message_id})
    return {"count": count}


@router.delete(
    "/admin/queues/{queue}/dead-letters",
    response_model=schemas.operations.LettersHandled,
)
@raises("queue_not_found")
def delete_letters(queue: QueueName, _: Operator, by: By) -> dict[str, int]:
    """Delete dead letters for good, up to 500."""
    count = letters.delete(queue)
    audit.record(by, "queue.delete", f"queue#{queue}", after={"count": count})
    return {"count": count}


@router.delete(
    "/admin/queues/{queue}/dead-letters/{message_id}",
    response_model=schemas.operations.LettersHandled,
)
@raises("queue_not_found", "letter_not_found")
def delete_letter(queue: QueueName, message_id: MessageId, _: Operator, by: By) -> dict[str, int]:
    """Delete one dead letter for good."""
    count = letters.delete(queue, message_id)
    audit.record(by, "queue.delete", f"queue#{queue}", after={"message_id": message_id})
    return {"count": count}


def _depth(depth: Depth) -> dict[str, Any]:
    return {
        "name": depth.name,
        "waiting": depth.waiting,
        "in_flight": depth.in_flight,
        "delayed": depth.delayed,
    }


# --- statistics and quotas --------------------------------------------------------------------------


@router.get("/admin/statistics", response_model=schemas.operations.Statistics)
@raises("bad_span")
def get_statistics(
    _: Annotated[Claims, Depends(Allowed("statistics.read"))],
    metrics: Annotated[
        list[schemas.operations.Metric] | None, Query(alias="metric", description="None: all")
    ] = None,
    step: Annotated[statistics.Step, Query()] = "day",
    since: Annotated[Moment | None, Query(description="None: 30 steps before `until`")] = None,
    until: Annotated[Moment | None, Query(description="None: now")] = None,
) -> dict[str, Any]:
    """What there was per hour (of the last 90 days) or per day, in UTC."""
    first, end = _span(step, since, until)
    return {
        "step": step,
        "series": {
            metric: [
                {"starts_at": moment, "amount": amount}
                for moment, amount in statistics.series(metric, step, first, end)
            ]
            for metric in metrics or statistics.METRICS
        },
    }


def _span(step: str, since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """From when to when; the last 30 steps unless said otherwise.

    Raises:
        BadInputError: `bad_span`.
    """
    one = timedelta(hours=1) if step == "hour" else timedelta(days=1)
    wrong = BadInputError("bad_span", f"Ask for at most {statistics.MOST_BUCKETS} steps, forwards.")
    try:
        end = until.astimezone(UTC) if until else datetime.now(UTC)
        first = since.astimezone(UTC) if since else end - 29 * one
    except OverflowError:
        raise wrong from None
    if not timedelta(0) <= end - first <= statistics.MOST_BUCKETS * one:
        raise wrong
    return first, end


@router.get("/users/me/usage", response_model=schemas.operations.Usage)
def get_usage(claims: SignedIn) -> dict[str, Any]:
    """What one uses of one's quota."""
    return quotas.describe(claims.user_id, time.time())


@router.get("/admin/users/{user_id}/usage", response_model=schemas.operations.Usage)
def get_any_usage(
    user_id: Annotated[str, Path(max_length=64)],
    _: Annotated[Claims, Depends(Allowed("statistics.read"))],
) -> dict[str, Any]:
    """What somebody uses of their quota."""
    return quotas.describe(user_id, time.time())
