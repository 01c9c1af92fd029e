"""What all tables have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pynamodb.attributes import Attribute, MapAttribute, NumberAttribute
from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable
from pynamodb.constants import NUMBER
from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.operand import Path
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from videosite.settings import get_settings
from videosite.store.attempts import MOST, attempts


class IntegerAttribute(Attribute[int]):
    """A whole number. PynamoDB's NumberAttribute is typed float."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return json.dumps(int(value))

    def deserialize(self, value: str) -> int:
        return int(value)


class ExpiryAttribute(NumberAttribute):
    """When time-to-live may delete a row, in Unix seconds: DynamoDB asks for whole ones. Also a row that is
    past it and still there counts as gone, so that is up to a second early."""

    def serialize(self, value: float) -> str:
        return json.dumps(int(value))


def entry(attribute: MapAttribute[str, Any], key: str) -> Path:
    """The path of one key inside a map attribute, for conditions and updates."""
    path: Any = attribute[key]
    assert isinstance(path, Path)
    return path


class Table(Model):
    """Base of all tables: resolves the table's name from settings on first use, not at import."""

    class Meta:
        name = ""
        table_name = ""

    @classmethod
    def _get_connection(cls) -> Any:
        if cls._connection is None:
            cls.Meta.table_name = get_settings().table_prefix + cls.Meta.name
            table = super()._get_connection()
            shared_connection().learn(table.get_meta_table())
            table.connection = shared_connection()
        return super()._get_connection()


class TablesConnection(Connection):
    """Tries a plain write again that met a transaction on its item: neither DynamoDB nor botocore does."""

    def learn(self, schema: MetaTable) -> None:
        """Know a table by a model's schema. Of several models of one table that with its indexes counts."""
        known = self._tables.get(schema.table_name)
        if known is None or len(_indexes(schema)) > len(_indexes(known)):
            self._tables[schema.table_name] = schema

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        for attempt in attempts():
            try:
                return super()._make_api_call(operation_name, operation_kwargs)
            except VerboseClientError as error:
                code = error.response["Error"]["Code"]
                if code != "TransactionConflictException" or attempt == MOST - 1:
                    raise
        raise AssertionError("unreachable")


def _indexes(schema: MetaTable) -> list[Any]:
    return list(schema.data.get("GlobalSecondaryIndexes") or ())


@lru_cache(maxsize=1)
def shared_connection() -> TablesConnection:
    """One client for all tables and transactions; making one takes 50-90 ms of CPU (measured)."""
    return TablesConnection()


def forget_connections() -> None:
    """Connect anew on next use. For tests, which change where the tables are."""
    shared_connection.cache_clear()
    for model in _below(Table):
        model._connection = None


def _below(model: type[Table]) -> Iterator[type[Table]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def transaction() -> TransactWrite:
    """A DynamoDB transaction (at most 100 items); used as a context manager, committed on exit."""
    return TransactWrite(connection=shared_connection())
