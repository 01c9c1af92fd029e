"""Makes the first admin: `python -m infra.local.seed`, with the API function's environment.

Takes {"email", "password"} on stdin. Doing it again with the same pair changes nothing; another
password replaces the old one (the credentials file was lost).
"""

import json
import sys
import time

from videosite.accounts.passwords import hash_password
from videosite.accounts.users import authenticate, create_user
from videosite.errors import ConflictError, UnauthorizedError
from videosite.store.tables import User


def seed(email: str, password: str) -> None:
    """Have an admin with this address and password."""
    try:
        create_user(email, password, "admin", time.time())
    except ConflictError:
        try:
            authenticate(email, password)
        except UnauthorizedError:
            _replace_password(email, password)


def _replace_password(email: str, password: str) -> None:
    reservation = User.get(f"email#{email}")
    User.get(str(reservation.target_id)).update(actions=[User.password_hash.set(hash_password(password))])


if __name__ == "__main__":
    given = json.load(sys.stdin)
    seed(given["email"], given["password"])
