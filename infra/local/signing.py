"""SigV4 for reading objects."""

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.local.ministack import REGION


def sign_get(method: str, address: str, access_key: str, secret_key: str) -> dict[str, str]:
    """Headers that sign a GET or HEAD of an object at `address` (path style, no query)."""
    request = AWSRequest(method=method, url=address)
    # The payload of a GET is empty and needs no hash.
    request.context["payload_signing_enabled"] = False
    S3SigV4Auth(Credentials(access_key, secret_key), "s3", REGION).add_auth(request)
    return dict(request.headers.items())
