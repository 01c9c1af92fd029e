from pathlib import Path

import httpx
import psutil
import pytest

from cli.client import Client, site_at
from cli.outcome import CommandError
from cli.site import find_site
from infra.local.home import Home
from infra.local.processes import Started
from infra.local.record import Record, save
from tests.unit.cli.fake_site import FakeSite, problem


def code_of(error: pytest.ExceptionInfo[CommandError]) -> tuple[str, bool]:
    return error.value.code, error.value.refused


# --- finding the site -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "api", "ws"),
    [
        ("http://localhost:8000", "http://localhost:8000/api/v1", "ws://localhost:8000/api/v1/ws"),
        ("https://v.example.org/", "https://v.example.org/api/v1", "wss://v.example.org/api/v1/ws"),
        ("https://v.example.org/api/v1/", "https://v.example.org/api/v1", "wss://v.example.org/api/v1/ws"),
    ],
)
def test_addresses_follow_from_one(url: str, api: str, ws: str) -> None:
    site = site_at(url, None)
    assert (site.api, site.ws) == (api, ws)


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(CommandError) as error:
        find_site("localhost:8000", None)
    assert code_of(error) == ("bad_url", False)


def test_without_an_address_the_local_stack_that_runs_is_found(tmp_path: Path) -> None:
    kept, ephemeral = Home(tmp_path / "kept"), Home(tmp_path / "ephemeral")
    with pytest.raises(CommandError) as error:
        find_site("", None, [kept, ephemeral])
    assert code_of(error) == ("no_stack", False)
    process = psutil.Process()
    gone = Started(pid=process.pid, started_at_s=process.create_time() - 5)
    here = Started(pid=process.pid, started_at_s=process.create_time())
    for home, port, started in ((kept, 8001, gone), (ephemeral, 8002, here)):
        home.create()
        save(home, Record(port=port, processes={"proxy": started}))
    site = find_site("", None, [kept, ephemeral])
    assert site.api == "http://localhost:8002/api/v1"
    assert site.credentials_file == ephemeral.credentials


# --- signing in -------------------------------------------------------------------------------------


def test_one_login_serves_many_calls(fake: FakeSite) -> None:
    client = fake.client()
    client.get("/videos/1")
    client.get("/videos/1")
    assert fake.requests == ["POST /auth/login", "GET /videos/1", "GET /videos/1"]


def test_a_token_is_renewed_before_it_ends(fake: FakeSite) -> None:
    client = fake.client()
    first = client.access_token()
    fake.now_s += 850
    second = client.access_token()
    assert first != second
    assert fake.requests == ["POST /auth/login", "POST /auth/refresh"]


def test_a_refused_refresh_becomes_a_login(fake: FakeSite) -> None:
    client = fake.client()
    client.access_token()
    fake.now_s += 900
    fake.override["POST /auth/refresh"] = [problem(401, "session_ended")]
    assert client.access_token() == "a2"


def test_a_revoked_token_costs_one_more_login(fake: FakeSite) -> None:
    client = fake.client()
    client.access_token()
    fake.token = 7
    assert client.get("/videos/1")["video_id"]


def test_credentials_the_site_does_not_know(fake: FakeSite) -> None:
    assert fake.site.credentials_file
    fake.site.credentials_file.write_text('{"email": "ada@x.org", "password": "wrong"}')
    with pytest.raises(CommandError) as error:
        fake.client().get("/videos/1")
    assert code_of(error) == ("bad_credentials", False)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"email": "x"}', "\xff"])
def test_credentials_files_that_are_none(fake: FakeSite, text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    client = Client(site_at("http://site.test", path), httpx.MockTransport(fake.handle))
    with pytest.raises(CommandError, match=r"credentials file .*other\.json|other\.json is no credentials"):
        client.get("/videos/1")


def test_no_credentials_at_all() -> None:
    with pytest.raises(CommandError, match="--credentials"):
        Client(site_at("http://site.test", None)).get("/videos/1")


# --- faults -----------------------------------------------------------------------------------------


def test_passing_faults_are_tried_again(fake: FakeSite) -> None:
    fake.override["GET /videos/1"] = [
        httpx.Response(503),
        httpx.ReadError("gone"),
        httpx.Response(429),
    ]
    assert fake.client().get("/videos/1")["video_id"]
    assert fake.slept_s == sorted(fake.slept_s)
    assert len(fake.slept_s) == 3


def test_faults_that_do_not_pass_end_it(fake: FakeSite) -> None:
    fake.override["GET /videos/1"] = [httpx.ReadError("gone") for _ in range(4)]
    with pytest.raises(httpx.ReadError):
        fake.client().get("/videos/1")


def test_a_post_that_may_have_been_heard_is_not_repeated(fake: FakeSite) -> None:
    fake.override["POST /videos"] = [httpx.ReadError("gone")]
    with pytest.raises(httpx.ReadError):
        fake.client().post("/videos", {"size_bytes": 1})
    fake.override["POST /videos"] = [httpx.ConnectError("refused")]
    assert fake.client().post("/videos", {"size_bytes": 1})["upload"]
    fake.override["POST /videos/1/upload/complete"] = [httpx.ReadError("gone")]
    assert fake.client().post("/videos/1/upload/complete", {"parts": []}, repeatable=True)


@pytest.mark.parametrize(
    ("response", "code", "refused", "message"),
    [
        (problem(422, "bad_title", "The title is empty."), "bad_title", True, "The title is empty."),
        (problem(403, "not_yours"), "not_yours", False, "It was refused."),
        (httpx.Response(500, text="oops"), "unexpected_answer", False, "does not look like a VideoSite"),
        (httpx.Response(500, json={}), "unexpected_answer", False, "status 500"),
        (httpx.Response(200, text="<html>"), "unexpected_answer", False, "does not look like a VideoSite"),
        (httpx.Response(200, json=[]), "unexpected_answer", False, "does not look like a VideoSite"),
        (
            problem(422, "validation_failed", "Bad.", errors=[{"field": "body.role", "message": "No role"}]),
            "validation_failed",
            True,
            "Bad. role: No role.",
        ),
    ],
)
def test_refusals_become_sentences(
    fake: FakeSite, response: httpx.Response, code: str, refused: bool, message: str
) -> None:
    fake.override["GET /videos/1"] = [response]
    with pytest.raises(CommandError) as error:
        fake.client().get("/videos/1")
    assert code_of(error) == (code, refused)
    assert message in error.value.message
