"""Signing in, slowed down for who guesses.

Failures are counted per address that they come from, and per account. A stranger who fails at an account
from many addresses uses up what all strangers share; addresses that the account was signed in from within
`KNOWN_S` have a count of their own, so its owner gets in meanwhile. Open sessions go on, too, and a password
reset makes the address it comes from known.

Unknown accounts are counted as well, by the hash of the address that was tried, and cost the same reads,
writes and the same hash.
"""

import hashlib

from videosite.accounts import limits, users
from videosite.accounts.limits import Rate
from videosite.accounts.sessions import Client, Opened, open_session
from videosite.accounts.standing import require_active
from videosite.errors import ForbiddenError
from videosite.store.tables import Limit, User

PER_ADDRESS = Rate(burst=20, interval_s=6)
PER_ACCOUNT = Rate(burst=10, interval_s=60)
PER_KNOWN_ADDRESS = Rate(burst=10, interval_s=30)
KNOWN_S = 90 * 24 * 3600


def sign_in(email: str, password: str, client: Client, now_s: float) -> Opened:
    """Open a session for whoever has the password.

    Raises:
        TooManyError: `rate_limited`.
        UnauthorizedError: `bad_credentials`.
        ForbiddenError: with the right password only: `account_suspended`, `email_not_verified`.
    """
    account, network = account_key(email), limits.network_of(client.address)
    known = f"known#{account}#{network}"
    buckets = [(f"login#address#{network}", PER_ADDRESS)]
    if _is_known(known, now_s):
        buckets.append((f"login#{known}", PER_KNOWN_ADDRESS))
    else:
        buckets.append((f"login#account#{account}", PER_ACCOUNT))
    for bucket, rate in buckets:
        limits.take(bucket, rate, now_s)
    user = users.authenticate(email, password)
    for bucket, rate in buckets:
        limits.give_back(bucket, rate)
    require_usable(user)
    note_known(email, client, now_s)
    return open_session(user, client, now_s)


def require_usable(user: User) -> None:
    """Nothing, if the account may be used.

    Raises:
        ForbiddenError: `account_suspended`, `email_not_verified`.
    """
    require_active(user.state or "active")
    if user.state == "unverified":
        raise ForbiddenError("email_not_verified", "Confirm your address first, by the link in our mail.")


def note_known(email: str, client: Client, now_s: float) -> None:
    """The owner of an account was at this address."""
    bucket = f"known#{account_key(email)}#{limits.network_of(client.address)}"
    Limit(bucket, expires_at_s=now_s + KNOWN_S).save()


def _is_known(bucket: str, now_s: float) -> bool:
    try:
        return Limit.get(bucket).expires_at_s > now_s
    except Limit.DoesNotExist:
        return False


def account_key(email: str) -> str:
    """What attempts at an account are counted under: no address, and no longer than a key may be."""
    return hashlib.sha256(email.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()[:32]
