"""Requests that Schemathesis makes from the description, good ones and bad ones, as an admin, a viewer and
nobody: never a 5xx, answers as described, bad ones refused.

The same ones each time. `make fuzz` asks for more: VIDEOSITE_FUZZ_CASES.
"""

import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.functions.api.conftest import Mailbox, People
from tests.functions.api.described import document
from tests.functions.api.test_contract import adas
from videosite.accounts import limits
from videosite.web.app import create_app
from videosite.web.words import TAGS

__all__ = ["adas"]

CASES = int(os.environ.get("VIDEOSITE_FUZZ_CASES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations() if isinstance(result, Ok)]
APP = create_app()
WHO = ("admin", "viewer", "nobody")


def settings() -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("tag", TAGS)
def test_any_request_gets_an_answer_that_is_described(
    mailbox: Mailbox, people: People, adas: dict[str, str], monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    monkeypatch.setattr(limits, "take", lambda *_: None)
    there = {key.partition("{")[2].rstrip("}"): value for key, value in adas.items()}
    tokens = {"admin": people.admin, "viewer": people.viewer}
    for operation in OPERATIONS:
        if operation.tags == [tag]:
            _ask(operation, there, tokens)


def _ask(operation: Any, there: dict[str, str], tokens: dict[str, str]) -> None:
    @settings()
    @hypothesis.given(data=st.data())
    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
            # Of something that is there.
            case.path_parameters |= {key: there[key] for key in case.path_parameters if key in there}
        for who in WHO:
            headers = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
            response = case.call(app=APP, headers=headers)
            checks: list[Any] = [*CHECKS]
            if mode is GenerationMode.NEGATIVE and who == "admin":
                checks.append(negative_data_rejection)
            case.validate_response(response, checks=checks)

    ask()
