"""Whole tables as they are, for backups: rows in DynamoDB's own JSON, {"title": {"S": "Clip"}}."""

from collections.abc import Iterator
from typing import Any

from pynamodb.expressions.operand import Path

from videosite.store.tables import Table
from videosite.store.transactions import applied

Row = dict[str, dict[str, Any]]


def read_all(table: type[Table]) -> Iterator[Row]:
    """Every row of a table, in no order."""
    start: Any = None
    while True:
        answer = table._get_connection().scan(exclusive_start_key=start, consistent_read=True)
        yield from answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def put_new(table: type[Table], row: Row) -> bool:
    """Write a row unless there is one with its key; whether it was written."""
    meta, connection = table._get_connection().get_meta_table(), table._get_connection()
    return applied(
        lambda: connection.put_item(
            _value(row[meta.hash_keyname]),
            range_key=_value(row[meta.range_keyname]) if meta.range_keyname else None,
            attributes=row,
            condition=Path(meta.hash_keyname).does_not_exist(),
        )
    )


def _value(typed: dict[str, Any]) -> Any:
    """{"S": "x"} → "x"."""
    return next(iter(typed.values()))
