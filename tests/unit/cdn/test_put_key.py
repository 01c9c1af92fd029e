from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.cdn import put_key


class Store:
    """The key-value store's API, as far as the script calls it."""

    def __init__(self, keys: dict[str, str], failure: int | None = None) -> None:
        self.keys = keys
        self.failure = failure

    def get_key(self, KvsARN: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if self.failure or Key not in self.keys:
            metadata = {"HTTPStatusCode": self.failure or 404}
            raise ClientError({"Error": {"Code": "X"}, "ResponseMetadata": metadata}, "GetKey")  # type: ignore[typeddict-item]
        return {"Value": self.keys[Key]}

    def describe_key_value_store(self, KvsARN: str) -> dict[str, Any]:  # noqa: N803
        return {"ETag": "v7"}

    def put_key(self, KvsARN: str, Key: str, Value: str, IfMatch: str) -> None:  # noqa: N803
        assert IfMatch == "v7"
        self.keys[Key] = Value


@pytest.mark.parametrize(
    ("before", "written"), [({}, True), ({"media": "old"}, True), ({"media": "new"}, False)]
)
def test_written_only_when_it_differs(before: dict[str, str], written: bool) -> None:
    store = Store(before)
    assert put_key.put_key("arn", "new", store) is written
    assert store.keys == {"media": "new"}


def test_other_failures_are_not_taken_for_an_empty_store() -> None:
    with pytest.raises(ClientError):
        put_key.put_key("arn", "new", Store({}, failure=403))


def test_outputs_by_name() -> None:
    class CloudFormation:
        def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
            return {"Stacks": [{"Outputs": [{"OutputKey": "A", "OutputValue": StackName}]}]}

    assert put_key.stack_outputs("s", CloudFormation()) == {"A": "s"}
