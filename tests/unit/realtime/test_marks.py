"""What is read, as numbers."""

import random

import pytest

from videosite.realtime.marks import Marks


def test_a_growing_run_needs_one_number() -> None:
    assert Marks().read([1, 2, 3], oldest=1) == Marks(3)
    assert Marks().read([2, 3], oldest=1) == Marks(0, frozenset({2, 3}))
    assert Marks(0, frozenset({2, 3})).read([1], oldest=1) == Marks(3)


def test_what_expired_is_forgotten() -> None:
    assert Marks(1, frozenset({3, 5})).read([], oldest=5) == Marks(5)
    assert Marks(1, frozenset({3, 7})).read([], oldest=5) == Marks(4, frozenset({7}))


@pytest.mark.parametrize(
    ("marks", "oldest", "last", "unread"),
    [
        (Marks(), 1, 0, 0),
        (Marks(), 1, 5, 5),
        (Marks(), 4, 5, 2),
        (Marks(3), 1, 5, 2),
        (Marks(3, frozenset({5})), 1, 5, 1),
        (Marks(0, frozenset({1, 2})), 3, 5, 3),
        (Marks(5), 6, 5, 0),
        (Marks(9), 1, 5, 0),
    ],
    ids=str,
)
def test_unread(marks: Marks, oldest: int, last: int, unread: int) -> None:
    assert marks.unread(oldest, last) == unread


def test_it_is_a_set_of_numbers_in_few() -> None:
    """Against a plain set, over many changes."""
    source = random.Random(7)
    for _ in range(50):
        marks, plain = Marks(), set[int]()
        for _ in range(20):
            seqs = source.sample(range(1, 31), 3)
            marks, plain = Marks.from_dict(marks.read(seqs, 1).to_dict()), plain | set(seqs)
            assert [marks.has(n) for n in range(1, 31)] == [n in plain for n in range(1, 31)]
            assert marks.unread(1, 30) == 30 - len(plain)
