"""What happens after a request that must not show whether an address has an account.

Registering and asking for a mail take the same time and give the same answer for every address, because
the API only hands them on: a function that nobody waits for looks at the accounts.

    {"do": "register", "email", "password_hash", "role", "locale", "address", "request_id"}
    {"do": "verify" | "reset", "email"}

It may be called twice for one request.
"""

from collections.abc import Mapping
from typing import Any

from pynamodb.transactions import TransactWrite

from videosite.accounts import links, mails, users
from videosite.accounts.audit import Actor
from videosite.log import logger
from videosite.settings import get_settings
from videosite.store.tables import User
from videosite.store.transactions import commit

UNVERIFIED_LIFE_S = 7 * 24 * 3600


def follow_up(event: Mapping[str, Any], now_s: float) -> str:
    """Do it; returns what was done, for the log."""
    done = _follow_up(event, now_s)
    logger.info("followed_up", extra={"do": event["do"], "done": done})
    return done


def _follow_up(event: Mapping[str, Any], now_s: float) -> str:
    if event["do"] == "register":
        return _register(event, now_s)
    user = users.find_by_email(event["email"])
    if user is None:
        return "nothing"
    if event["do"] == "verify" and user.state == "unverified" and user.password_hash:
        return _ask_to_verify(user, user.password_hash, user.created_at_s, now_s)
    # Who registered twice has no password yet: setting one confirms the address as well.
    if event["do"] == "reset" or user.state == "unverified":
        mails.write("reset", user.email, user.locale, links.make(links.RESET, user, now_s))
        return "asked_to_reset"
    return "nothing"


def _register(event: Mapping[str, Any], now_s: float) -> str:
    user = users.new_user(event["email"], event["password_hash"], event["role"], now_s)
    user.locale = event["locale"]
    if get_settings().mail_from:
        user.state = "unverified"
        user.expires_at_s = now_s + UNVERIFIED_LIFE_S
    by = Actor(user.user_id, event["address"], event["request_id"])
    if users.insert(user, by, "user.register", now_s):
        asked = user.state == "unverified"
        return _ask_to_verify(user, user.password_hash, now_s, now_s) if asked else "registered"
    there = users.find_by_email(user.email)
    if there is None:
        return "nothing"
    if there.state == "unverified":
        _register_again(there, user, now_s)
        return _ask_to_verify(there, user.password_hash, now_s, now_s)
    mails.write("registered", there.email, there.locale)
    return "told_of_account"


def _register_again(there: User, new: User, now_s: float) -> None:
    """Nobody has shown that the address is theirs: each link sets the password it was sent for, and no
    other is known any more. Nothing changes if it is the same registration, called twice."""
    if there.password_hash == new.password_hash:
        return

    def change(write: TransactWrite) -> None:
        write.update(
            there,
            actions=[
                User.password_hash.remove(),
                User.expires_at_s.set(new.expires_at_s),
                User.updated_at_s.set(now_s),
                User.locale.set(new.locale) if new.locale else User.locale.remove(),
            ],
            condition=User.state == "unverified",
        )
        write.update(
            users.reservation_of(there.email),
            actions=[User.expires_at_s.set(new.expires_at_s)],
            condition=User.target_id == there.user_id,
        )

    commit(change)


def _ask_to_verify(user: User, password_hash: str | None, registered_s: float, now_s: float) -> str:
    key = links.make(links.VERIFY, user, now_s, password_hash)
    mails.write("verify", user.email, user.locale, key, registered_s)
    return "asked_to_verify"
