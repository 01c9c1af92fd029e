"""Committing transactions: what failed for good, and what may be tried again."""

import random
import time
from collections.abc import Callable, Iterator

from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from videosite.errors import RetryableError
from videosite.store.tables import transaction

ATTEMPTS = 4
FIRST_PAUSE_S = 0.02
_DICE = random.SystemRandom()
"""The system's: workers that begin from one snapshot would else draw the same numbers."""
_CONTENTION = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def commit(fill: Callable[[TransactWrite], None], most: int = ATTEMPTS) -> frozenset[int]:
    """Commit the writes that `fill` adds to a transaction; it may be called several times.

    Returns the positions of the writes whose conditions did not hold; none of the writes happened then.
    Empty: all of them did. PynamoDB sends checks first, then deletes, saves and updates, each in the
    order they were added.

    Raises:
        RetryableError: `table_busy`, others kept writing to the same items.
    """
    for _ in attempts(most):
        try:
            with transaction() as write:
                fill(write)
        except TransactWriteError as error:
            reasons = [reason.code if reason else "None" for reason in error.cancellation_reasons]
            failed = frozenset(n for n, code in enumerate(reasons) if code == "ConditionalCheckFailed")
            if failed:
                return failed
            if not _CONTENTION.intersection(reasons):
                raise
        else:
            return frozenset()
    raise RetryableError("table_busy", "The tables are busy.")


def attempts(most: int) -> Iterator[int]:
    """0, 1 … `most` - 1, with a pause before each but the first: anything up to a limit that doubles
    (full jitter)."""
    for attempt in range(most):
        if attempt:
            time.sleep(_DICE.uniform(0, FIRST_PAUSE_S * 2**attempt))
        yield attempt


def applied(write: Callable[[], object]) -> bool:
    """Do a conditional write; False: its condition did not hold, as when somebody else did it before."""
    try:
        write()
    except (PutError, UpdateError, DeleteError) as error:
        if _is_failed_condition(error):
            return False
        raise
    return True


def _is_failed_condition(error: PynamoDBException) -> bool:
    return error.cause_response_code == "ConditionalCheckFailedException"
