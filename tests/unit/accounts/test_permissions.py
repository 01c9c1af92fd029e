"""Roles and what they may do."""

import itertools

import pytest

from videosite.accounts.permissions import (
    PERMISSIONS,
    ROLES,
    has_permission,
    permissions_of,
    require_permission,
)
from videosite.errors import ForbiddenError
from videosite.store.tables import Role


@pytest.fixture(autouse=True)
def _installation(aws: None) -> None:
    """Roles that are not built in are looked for."""


def test_each_role_may_do_what_the_one_before_it_may() -> None:
    assert ROLES == ("viewer", "creator", "moderator", "admin")
    for lower, higher in itertools.pairwise(ROLES):
        assert PERMISSIONS[lower] < PERMISSIONS[higher]


@pytest.mark.parametrize(
    ("permission", "first"),
    [
        ("videos.create", "creator"),
        ("videos.read_any", "moderator"),
        ("videos.manage_any", "admin"),
        ("users.create", "admin"),
        ("sockets.admin", "admin"),
        ("messages.announce", "admin"),
    ],
)
def test_who_may(permission: str, first: str) -> None:
    allowed = [role for role in ROLES if has_permission(role, permission)]
    assert allowed == list(ROLES[ROLES.index(first) :])


@pytest.mark.parametrize("role", ["viewer", "", "root", "Admin"])
def test_others_are_refused(role: str) -> None:
    with pytest.raises(ForbiddenError) as caught:
        require_permission(role, "users.create")
    assert caught.value.code == "forbidden"


def test_nothing_happens_to_who_may() -> None:
    require_permission("admin", "users.create")


def test_roles_that_admins_made_count_within_a_minute() -> None:
    assert not has_permission("curator", "videos.read_any", 1000.0)
    Role("curator", permissions={"videos.read_any", "no.more"}, created_at_s=1.0, updated_at_s=1.0).save()
    assert not has_permission("curator", "videos.read_any", 1059.0)
    assert has_permission("curator", "videos.read_any", 1060.0)
    assert permissions_of("curator", 1060.0) == {"videos.read_any"}
    Role("curator").delete()
    assert has_permission("curator", "videos.read_any", 1100.0)
    assert permissions_of("curator", 1120.0) == frozenset()


def test_a_role_of_the_table_cannot_take_the_place_of_one_that_is_always_there() -> None:
    Role("viewer", permissions={"users.manage"}, created_at_s=1.0, updated_at_s=1.0).save()
    assert permissions_of("viewer") == frozenset()
