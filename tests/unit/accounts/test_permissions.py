"""Roles and what they may do."""

import itertools

import pytest

from videosite.accounts.permissions import PERMISSIONS, ROLES, has_permission, require_permission
from videosite.errors import ForbiddenError


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
