"""What is generated from the models of the sockets' messages is in step with them."""

from typing import get_args

import pytest

from infra import messages as generator
from videosite.realtime import requests
from videosite.realtime.inbox import ACTIONS


def test_the_clients_types_are_those_of_the_models() -> None:
    """Otherwise: python -m infra.messages"""
    assert generator.TYPES.read_text() == generator.typescript()


def test_the_documentations_tables_are_those_of_the_models() -> None:
    """Otherwise: python -m infra.messages"""
    page = generator.PAGE.read_text()
    assert generator.with_tables(page) == page


def test_every_action_has_a_model() -> None:
    modelled = {get_args(model.__annotations__["action"])[0] for model in get_args(requests.Request)}
    assert modelled == set(ACTIONS)


def test_a_field_of_a_model_comes_out_with_its_words() -> None:
    tables = generator.tables()
    assert "| `expires_at` | string | When the socket will be closed, unless it is refreshed. |" in tables
    assert "| `seq` (may be absent) | integer |" in tables
    assert "| `level` | `info`, `warning`, `error` |" in tables


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        generator.with_tables("# A page")
