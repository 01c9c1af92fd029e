"""Roles that admins make: a name and a set of permissions."""

import re
from collections.abc import Collection, Iterator

from pynamodb.transactions import TransactWrite

from videosite.accounts import audit, permissions
from videosite.accounts.audit import Actor
from videosite.accounts.permissions import ALL_PERMISSIONS, PERMISSIONS, permissions_of
from videosite.errors import BadInputError, ConflictError, ForbiddenError, NotFoundError, RetryableError
from videosite.store.tables import Role, User
from videosite.store.transactions import commit

MOST = 50
NAME = re.compile(r"[a-z][a-z0-9_-]{1,31}")


def check_assignable(role: str, own_role: str) -> None:
    """Nothing, if the role exists and somebody of `own_role` may give it: nobody gives what they lack.

    Raises:
        BadInputError: `bad_role`.
        ForbiddenError: `forbidden`.
    """
    if role not in PERMISSIONS and load(role) is None:
        raise BadInputError("bad_role", "There is no such role.")
    check_covered(permissions_of(role), own_role)


def check_covered(wanted: Collection[str], own_role: str) -> None:
    """Nothing, if somebody of `own_role` has all of these permissions.

    Raises:
        ForbiddenError: `forbidden`.
    """
    if lacking := sorted(set(wanted) - permissions_of(own_role)):
        raise ForbiddenError("forbidden", f"You lack a permission yourself: {', '.join(lacking)}.")


def list_all() -> list[Role]:
    """The roles that were made, by name."""
    return sorted(Role.scan(consistent_read=True), key=lambda row: row.role)


def load(role: str) -> Role | None:
    """A role that was made, or None."""
    try:
        return Role.get(role, consistent_read=True)
    except Role.DoesNotExist:
        return None


def find(role: str) -> Role:
    """A role that was made.

    Raises:
        NotFoundError: `role_not_found`.
    """
    found = load(role)
    if found is None:
        raise NotFoundError("role_not_found", "There is no such role, or it cannot be changed.")
    return found


def save(
    by: Actor, own_role: str, role: str, wanted: Collection[str], description: str, now_s: float
) -> Role:
    """Make a role, or give one other permissions. Who has it may do less or more within a minute.

    Raises:
        BadInputError: `bad_role_name`, `unknown_permission`.
        ConflictError: `built_in_role`, `too_many_roles`, `role_in_use`.
        ForbiddenError: `forbidden`, the caller lacks one of the permissions, new or old.
        RetryableError: `table_busy`.
    """
    if role in PERMISSIONS:
        raise ConflictError("built_in_role", "This role is always there and always the same.")
    if not NAME.fullmatch(role):
        raise BadInputError("bad_role_name", "A name has 2 to 32 of a-z, 0-9, _ and -, a letter first.")
    if unknown := sorted(set(wanted) - ALL_PERMISSIONS):
        raise BadInputError("unknown_permission", f"There is no permission {unknown[0][:80]}.")
    old = load(role)
    check_covered({*wanted, *((old.permissions or ()) if old else ())}, own_role)
    if old is None:
        if len(list_all()) >= MOST:
            raise ConflictError("too_many_roles", f"There are {MOST} roles; remove one first.")
        if next(holders(role), None) is not None:
            raise ConflictError("role_in_use", "Somebody still has a removed role of this name.")
    row = Role(
        role,
        description=description,
        permissions=set(wanted) or None,
        created_at_s=old.created_at_s if old else now_s,
        updated_at_s=now_s,
    )
    action = "role.change" if old else "role.create"

    as_read = Role.updated_at_s == old.updated_at_s if old else Role.role.does_not_exist()

    def write_both(write: TransactWrite) -> None:
        write.save(row, condition=as_read)
        before = describe(old) if old else None
        audit.record(by, action, f"role#{role}", now_s, before=before, after=describe(row), write=write)

    if commit(write_both):
        # What it is to be checked against was changed meanwhile.
        raise RetryableError("table_busy", "The tables are busy.")
    permissions.forget()
    return row


def require(role: str, write: TransactWrite) -> None:
    """Let a transaction fail if the role is removed before it."""
    if role not in PERMISSIONS:
        write.condition_check(Role, role, condition=Role.role.exists())


def holders(role: str) -> Iterator[str]:
    """Ids of the users who have a role."""
    return (user.user_id for user in User.by_role.query(role))


def remove(by: Actor, own_role: str, role: Role, now_s: float) -> None:
    """Remove a role that nobody has.

    Raises:
        ConflictError: `role_in_use`.
        ForbiddenError: `forbidden`.
        RetryableError: `table_busy`.
    """
    check_covered(role.permissions or (), own_role)
    if next(holders(role.role), None) is not None:
        raise ConflictError("role_in_use", "Somebody has this role; give them another one first.")

    def write_both(write: TransactWrite) -> None:
        write.delete(role)
        audit.record(by, "role.remove", f"role#{role.role}", now_s, before=describe(role), write=write)

    commit(write_both)
    permissions.forget()


def describe(role: Role) -> dict[str, object]:
    """What the audit log keeps of a role."""
    return {"permissions": sorted(role.permissions or ()), "description": role.description}
