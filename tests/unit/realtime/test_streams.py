import pytest

from videosite.realtime.streams import Record, answer


def test_what_failed_comes_again() -> None:
    assert answer({"Records": [{}, {}]}, lambda _: ["100", "105"]) == {
        "batchItemFailures": [{"itemIdentifier": "100"}, {"itemIdentifier": "105"}]
    }


def test_an_empty_batch_is_well() -> None:
    assert answer({}, lambda records: [] if not records else ["?"]) == {"batchItemFailures": []}


@pytest.mark.parametrize("error", [OSError("x"), KeyError("x"), RecursionError()])
def test_nothing_is_raised(error: Exception) -> None:
    def broken(_: object) -> list[str]:
        raise error

    record: Record = {}
    assert answer({"Records": [record]}, broken) == {"batchItemFailures": [{"itemIdentifier": ""}]}
