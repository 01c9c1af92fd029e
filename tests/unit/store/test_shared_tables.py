"""Several models of one table: its indexes are known whichever was used first."""

import pytest

from videosite.store.tables import Job, Sidecar

pytestmark = pytest.mark.usefixtures("aws")


def test_the_model_without_indexes_may_come_first() -> None:
    assert list(Sidecar.query(7)) == []
    assert list(Job.by_status.query("completed")) == []


def test_the_model_with_indexes_may_come_first() -> None:
    assert list(Job.by_status.query("completed")) == []
    assert list(Sidecar.query(7)) == []
    assert list(Job.by_status.query("completed")) == []
