"""What all rounds share: rows that are due, each on its own."""

from collections.abc import Callable, Iterable

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from videosite.log import logger
from videosite.store.tables import Job, Task, Video
from videosite.store.transactions import applied

PAGE = 200
"""Rows looked at per round and kind; the rest waits a minute."""


def each[Row](rows: Iterable[Row], repair: Callable[[Row], bool]) -> int:
    """How many were repaired. One that fails is left for a later round and does not end this one."""
    count = 0
    for row in rows:
        try:
            count += repair(row)
        except Exception:
            logger.exception("not swept", extra={"row": repr(row)[:200]})
    return count


def look_again(row: Job | Task | Video, at_s: float | None, condition: Condition) -> None:
    """Say when a row is due again, None: never; nothing happens if it has moved on."""
    kind = type(row)
    actions: list[Action] = (
        [kind.watch.remove(), kind.look_at_s.remove()] if at_s is None else [kind.look_at_s.set(at_s)]
    )
    applied(lambda: row.update(actions=actions, condition=condition))
