"""Reads at presigned addresses as FFmpeg does them: no redirect is followed, nothing is tried twice."""

from collections.abc import Mapping

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError as EndpointError
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from videosite.errors import UnavailableError

TIMEOUT_S = 5
"""To connect, and again until an answer."""
UNREADABLE = "storage_unreadable"


def read_range(url: str, headers: Mapping[str, str], first: int, last: int) -> tuple[int, bytes, int]:
    """(status, body, size of the whole object) of a read of the bytes `first` to `last`.

    Raises:
        UnavailableError: `storage_unreadable`, nothing answered.
    """
    wanted = AWSRequest("GET", url, {**headers, "Range": f"bytes={first}-{last}"})
    session = URLLib3Session(timeout=TIMEOUT_S)
    try:
        answer = session.send(wanted.prepare())
    except (EndpointError, HTTPClientError) as error:
        raise unreadable() from error
    finally:
        session.close()
    total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return answer.status_code, answer.content, int(total) if total.isdigit() else 0


def unreadable() -> UnavailableError:
    """The error of a source that storage does not give."""
    return UnavailableError(UNREADABLE, "The upload could not be fetched from storage.")
