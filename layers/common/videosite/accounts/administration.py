"""Accounts as admins see and change them. Every change is in the audit log with what was before.

Of three things admins are kept from: giving a role with permissions they lack, touching somebody whose
role has such, and taking the last admin away.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from videosite.accounts import audit, roles, sessions, users
from videosite.accounts.audit import Actor
from videosite.accounts.permissions import ADMIN, permissions_of
from videosite.accounts.standing import load
from videosite.errors import ConflictError, RetryableError, changed
from videosite.store import cursors
from videosite.store.attempts import attempts
from videosite.store.tables import User
from videosite.store.transactions import commit

STATES = ("active", "suspended", "unverified")
QUOTAS = ("quota_storage_bytes", "quota_minutes", "quota_parallel_jobs")
MOST_READ = 1000
"""Accounts looked at for a page, of which few may fit."""
READ_AT_ONCE = 100
_AFTER_ALL = "\U0010ffff"
_CLASHES = 4


@dataclass(frozen=True)
class Manager:
    """Who changes accounts: for the log, and what they may do themselves."""

    by: Actor
    role: str


@dataclass(frozen=True)
class Page:
    """By address, perhaps short. `next_cursor`: pass it to get what follows; None at the end."""

    users: list[User]
    next_cursor: str | None


def list_page(role: str | None, state: str | None, email_prefix: str, limit: int, cursor: str | None) -> Page:
    """A page of accounts: of a role, in a state, whose address begins so.

    Raises:
        BadInputError: `bad_cursor`.
    """
    prefix = email_prefix.strip().lower()
    first = max(prefix, f"{_decode(cursor)}\0") if cursor else prefix
    last = prefix + _AFTER_ALL
    if first > last:
        return Page([], None)
    # A key condition has no empty strings.
    bounds = User.email.between(first or "\0", last)
    size = READ_AT_ONCE if role and state else limit + 1
    # Few are in any other state than active.
    if role is not None and state in (None, "active"):
        lists = [User.by_role.query(role, bounds, page_size=size)]
    else:
        states = STATES if state is None else (state,)
        lists = [User.by_state.query(one, bounds, page_size=size) for one in states]
    found: list[User] = []
    last = ""
    for read, user in enumerate(heapq.merge(*lists, key=lambda user: user.email)):
        if len(found) == limit or read == MOST_READ:
            return Page(found, cursors.encode(last))
        last = user.email
        if role in (None, user.role) and state in (None, user.state or "active"):
            found.append(user)
    return Page(found, None)


def change(
    manager: Manager, user: User, wanted: Mapping[str, Any], now_s: float, *, only_as_seen: bool = False
) -> None:
    """Set `role` and quotas (`QUOTAS`; None: the installation's default) to what is given.

    Raises:
        BadInputError: `bad_role`.
        ChangedError: `changed_meanwhile`.
        ConflictError: `last_admin`.
        ForbiddenError: `forbidden`.
        RetryableError: `table_busy`.
    """
    _apply(manager, user, "user.change", wanted, now_s, only_as_seen=only_as_seen)


def suspend(manager: Manager, user: User, reason: str, now_s: float) -> None:
    """Sign somebody out everywhere at once and keep them out. Their videos stay.

    Raises: as `change`; ConflictError: `unverified`.
    """
    if user.state == "unverified":
        # It cannot sign in and ends by itself: keeping it would confirm an address that nobody confirmed.
        raise ConflictError("unverified", "This address is not confirmed, so nobody can sign in with it.")
    wanted = {"state": "suspended", "suspended_reason": reason or None}
    _apply(manager, user, "user.suspend", wanted, now_s, ends_tokens=True)
    sessions.remove_sessions(user.user_id)


def restore(manager: Manager, user: User, now_s: float) -> None:
    """Let somebody in again who was suspended.

    Raises: as `change`; ConflictError: `not_suspended`.
    """
    if user.state != "suspended":
        raise ConflictError("not_suspended", "This account is not suspended.")
    _apply(manager, user, "user.restore", {"state": "active", "suspended_reason": None}, now_s)


def shut(manager: Manager, user: User, now_s: float, *, only_as_seen: bool = False) -> None:
    """Keep out whoever is about to be deleted, so that nothing new comes to what is removed.

    Raises: as `change`.
    """
    wanted = {"state": "suspended", "suspended_reason": "Being deleted"}
    _apply(manager, user, "user.suspend", wanted, now_s, only_as_seen=only_as_seen, ends_tokens=True)
    sessions.remove_sessions(user.user_id)


def delete(manager: Manager, user: User, now_s: float, *, only_as_seen: bool = False) -> None:
    """Remove an account and its sessions; its address is free again. What belongs to it goes before, by the
    caller: without the account nobody would look for it.

    Raises: as `change`.
    """

    def remove(write: TransactWrite, known: User) -> None:
        write.delete(known, condition=users.as_seen(known))
        own = User.user_id.does_not_exist() | (User.target_id == known.user_id)
        write.delete(users.reservation_of(known.email), condition=own)
        audit.record(
            manager.by, "user.delete", _target(known), now_s, before=users.audited(known), write=write
        )

    _until_written(manager, user, remove, _is_active_admin, only_as_seen)
    sessions.remove_sessions(user.user_id)


def check_manageable(manager: Manager, user: User) -> None:
    """Nothing, if the manager may do whatever the user may.

    Raises:
        ForbiddenError: `forbidden`.
    """
    roles.check_covered(permissions_of(user.role), manager.role)


def _apply(
    manager: Manager,
    user: User,
    action: str,
    wanted: Mapping[str, Any],
    now_s: float,
    *,
    only_as_seen: bool = False,
    ends_tokens: bool = False,
) -> None:
    """Set attributes of an account to what is wanted."""
    actions: list[Action] = [User.updated_at_s.set(now_s)]
    if ends_tokens:
        actions.append(User.token_version.add(1))
    for name, value in wanted.items():
        attribute = getattr(User, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))

    def write_change(write: TransactWrite, known: User) -> None:
        state = users.audited(known)
        before, after = audit.changes(state, {**state, **wanted})
        audit.record(manager.by, action, _target(known), now_s, before=before, after=after, write=write)
        write.update(known, actions=actions, condition=users.as_seen(known))
        if "role" in wanted:
            roles.check_assignable(wanted["role"], manager.role)
            roles.require(wanted["role"], write)

    def removes_admin(known: User) -> bool:
        after = {**users.audited(known), **wanted}
        return _is_active_admin(known) and (after["role"], after["state"]) != (ADMIN, "active")

    _until_written(manager, user, write_change, removes_admin, only_as_seen)
    user.refresh(consistent_read=True)


def _until_written(
    manager: Manager,
    user: User,
    fill: Callable[[TransactWrite, User], None],
    removes_admin: Callable[[User], bool],
    only_as_seen: bool,
) -> None:
    """Commit what `fill` adds, on the account as it was read; anew when somebody else was first."""
    for _ in attempts(_CLASHES):
        check_manageable(manager, user)
        other = _another_admin(user) if removes_admin(user) else None

        def write_all(write: TransactWrite, other: str | None = other) -> None:
            if other is not None:
                # Two admins who demote each other at once: one of these checks fails.
                still = (User.role == ADMIN) & users.in_state("active")
                write.condition_check(User, other, condition=still)
            fill(write, user)

        if not commit(write_all):
            return
        if only_as_seen:
            raise changed()
        user.refresh(consistent_read=True)
    raise RetryableError("table_busy", "The tables are busy.")


def _another_admin(user: User) -> str:
    """Somebody else who is an admin and not kept out.

    Raises:
        ConflictError: `last_admin`.
    """
    for other in User.by_role.query(ADMIN):
        standing = load(other.user_id) if other.user_id != user.user_id else None
        if standing is not None and (standing.role, standing.state) == (ADMIN, "active"):
            return other.user_id
    raise ConflictError("last_admin", "There is no other admin: make somebody else one first.")


def _is_active_admin(user: User) -> bool:
    return (user.role, user.state or "active") == (ADMIN, "active")


def _target(user: User) -> str:
    return f"user#{user.user_id}"


def _decode(cursor: str) -> str:
    email = cursors.decode(cursor)
    if not isinstance(email, str):
        raise cursors.bad_cursor()
    return email
