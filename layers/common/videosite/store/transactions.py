"""Committing transactions: what failed for good, and what may be tried again."""

from collections.abc import Callable

from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TransactWriteError, UpdateError
from pynamodb.transactions import TransactWrite

from videosite.errors import UnavailableError
from videosite.store.attempts import MOST, attempts
from videosite.store.tables import transaction

_CONTENTION = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def commit(fill: Callable[[TransactWrite], None], most: int = MOST) -> frozenset[int]:
    """Commit the writes that `fill` adds to a transaction; it may be called several times.

    Returns the positions of the writes whose conditions did not hold; none of the writes happened then.
    Empty: all of them did. PynamoDB sends checks first, then deletes, saves and updates, each in the
    order they were added.

    Raises:
        UnavailableError: `table_busy`, others kept writing to the same items.
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
    raise UnavailableError("table_busy", "The tables are busy.")


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
