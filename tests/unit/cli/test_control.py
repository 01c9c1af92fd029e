import httpx
import pytest

from tests.unit.cli.fake_site import VIDEO_ID, FakeSite, problem, status_document
from tests.unit.cli.run import run

CANCEL, RETRY = f"POST /videos/{VIDEO_ID}/cancel", f"POST /videos/{VIDEO_ID}/retry"
ONE = f"POST /videos/{VIDEO_ID}/renditions/h264-720p/retry"


def test_cancel_says_how_to_go_on(fake: FakeSite) -> None:
    fake.override[CANCEL] = [httpx.Response(202, json=status_document("cancelled")) for _ in range(2)]
    ended = run("cancel", str(VIDEO_ID))
    assert (ended.code, f"videosite retry {VIDEO_ID}" in ended.stdout) == (0, True)
    assert run("cancel", str(VIDEO_ID), "--json").document["status"] == "cancelled"


@pytest.mark.parametrize(("options", "call"), [([], RETRY), (["--rendition", "h264-720p"], ONE)])
def test_retry_of_everything_or_of_one_rendition(fake: FakeSite, options: list[str], call: str) -> None:
    fake.override[call] = [httpx.Response(202, json=status_document())]
    ended = run("retry", str(VIDEO_ID), *options)
    assert (ended.code, call in fake.requests) == (0, True)
    assert f"videosite watch {VIDEO_ID}" in ended.stdout


def test_a_retry_can_be_watched_to_its_end(fake: FakeSite) -> None:
    fake.override[RETRY] = [httpx.Response(202, json=status_document())]
    ended = run("retry", str(VIDEO_ID), "--watch", "--json")
    assert (ended.code, ended.document["status"]) == (0, "completed")


@pytest.mark.parametrize(("verb", "call"), [("cancel", CANCEL), ("retry", RETRY)])
def test_what_cannot_be_done_is_said(fake: FakeSite, verb: str, call: str) -> None:
    fake.override[call] = [problem(409, "not_running", "This video is not being transcoded.")]
    ended = run(verb, str(VIDEO_ID), "--json")
    assert (ended.code, ended.document["error"]["code"]) == (1, "not_running")
