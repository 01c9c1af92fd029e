"""Which messages of a channel somebody has read, as numbers. Pure.

Messages of a channel are numbered without gaps and expire in order, so [oldest, last] are those there
are, and only the exceptions need to be kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Marks:
    """All up to `upto`, and `also`, which are beyond it."""

    upto: int = 0
    also: frozenset[int] = frozenset()

    def has(self, seq: int) -> bool:
        """Whether a message is read."""
        return seq <= self.upto or seq in self.also

    def read(self, seqs: Iterable[int], oldest: int) -> Marks:
        """With these read, too. What expired is forgotten, so that marks do not grow for ever."""
        upto = max(self.upto, oldest - 1)
        also = {seq for seq in self.also.union(seqs) if seq > upto}
        while upto + 1 in also:
            upto += 1
            also.remove(upto)
        return Marks(upto, frozenset(also))

    def unread(self, oldest: int, last: int) -> int:
        """How many of the messages [oldest, last] are not read."""
        first = max(self.upto + 1, oldest)
        return max(0, last + 1 - first) - sum(first <= seq <= last for seq in self.also)

    def to_dict(self) -> dict[str, Any]:
        """For storing."""
        return {"upto": self.upto, "also": sorted(self.also)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Marks:
        """As stored by `to_dict`."""
        return cls(stored["upto"], frozenset(stored["also"]))
