"""Faults of AWS and storage that pass by themselves, told from those that stay."""

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from pynamodb.exceptions import PynamoDBException

from videosite.errors import UnavailableError

_BUSY = {
    "Throttling",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "TransactionConflictException",
    "SlowDown",
}


def is_passing(error: BaseException | None) -> bool:
    """Whether the same call may work later: nobody answered, the service had a fault, or was busy."""
    if isinstance(error, PynamoDBException):
        return is_passing(error.cause)
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429 or error.response.get("Error", {}).get("Code") in _BUSY
    return isinstance(error, UnavailableError | ConnectionError | HTTPClientError)
