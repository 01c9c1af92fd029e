"""Every error this project raises on purpose.

    VideoSiteError
    ├── PermanentError        never try again; the user is told why
    │   ├── BadInputError     the upload or request is wrong (HTTP 422)
    │   │   ├── BrokenFileError   … at a line of a text file
    │   │   └── TooLargeError     a file has more bytes than its kind may have (413)
    │   ├── UnauthorizedError (401)
    │   ├── ForbiddenError    (403)
    │   ├── NotFoundError     (404)
    │   ├── ConflictError     the state does not allow it (409)
    │   ├── ChangedError      somebody else changed it meanwhile (412)
    │   └── TooManyError      a limit is reached (429)
    └── RetryableError        the same call may work later (HTTP 503)
        └── UnavailableError  … whatever the call was about: storage or the tables do not answer

`code` is stable and part of the API; `message` is one plain sentence for people and may change.
"""


class VideoSiteError(Exception):
    """Base of the tree. `code`: stable snake_case identifier; `message`: a sentence for people."""

    http_status = 500

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class PermanentError(VideoSiteError):
    """Trying again gives the same result."""


class BadInputError(PermanentError):
    """The upload or the request cannot be accepted as it is."""

    http_status = 422


class BrokenFileError(BadInputError):
    """A text file is wrong at `line`, counted from 1. `reason`: a clause, without an end."""

    def __init__(self, code: str, line: int, reason: str) -> None:
        super().__init__(code, f"Line {line:,}: {reason}.")
        self.line = line


class TooLargeError(BadInputError):
    """A file that came as a request's body is too large; it was not looked at."""

    http_status = 413


class UnauthorizedError(PermanentError):
    """No valid credentials came with the request."""

    http_status = 401


class ForbiddenError(PermanentError):
    """The caller is known and may not do this."""

    http_status = 403


class NotFoundError(PermanentError):
    """The object does not exist, or the caller may not know that it does."""

    http_status = 404


class ConflictError(PermanentError):
    """The object's present state does not allow this."""

    http_status = 409


class ChangedError(PermanentError):
    """The object is not as the caller has seen it."""

    http_status = 412


def changed() -> ChangedError:
    """What an update hears that came too late."""
    return ChangedError("changed_meanwhile", "It was changed meanwhile; look at it again first.")


class TooManyError(PermanentError):
    """More than a limit allows; trying at once again gives the same. `retry_after_s`: when it may work."""

    http_status = 429

    def __init__(self, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after_s = retry_after_s


class RetryableError(VideoSiteError):
    """A passing fault: storage, a lost lease, a throttle."""

    http_status = 503


class UnavailableError(RetryableError):
    """Storage or the tables do not answer. That says nothing about the work at hand."""
