"""The first admin of a local stack."""

import json
import secrets

from infra.local.beside import run_beside
from infra.local.home import Home, read_json, write_private
from infra.local.keys import KeyPair

EMAIL = "admin@videosite.local"


def seed_admin(home: Home, endpoint: str, root: KeyPair) -> None:
    """Have an admin whose address and password stand in the home's credentials file.

    Raises:
        DeployError: the account could not be made.
    """
    credentials = read_json(home.credentials)
    if not credentials.get("password"):
        credentials = {"email": EMAIL, "password": secrets.token_urlsafe(18)}
    write_private(home.credentials, json.dumps(credentials) + "\n")
    run_beside("infra.local.seed", endpoint, root, "ApiFunction", stdin=json.dumps(credentials))
