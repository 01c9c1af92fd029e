"""`videosite login` and `logout`, and the sessions they keep."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from cli.client import Client
from cli.outcome import CommandError
from cli.sessions import Kept, Sessions, own_sessions
from cli.site import find_address, find_site
from infra.local.home import Home
from infra.local.processes import Started
from infra.local.record import Record, save
from tests.unit.cli.fake_site import PASSWORD, URL, FakeSite, problem
from tests.unit.cli.run import run

API = f"{URL}/api/v1"


def sign_in(fake: FakeSite) -> None:
    assert run("login", "ada@x.org", "--password-stdin", stdin=f"{PASSWORD}\n").code == 0


def client(fake: FakeSite) -> Client:
    """A command to come."""
    return fake.client(replace(fake.site, credentials_file=None))


def test_login_keeps_the_session_and_not_the_password(fake: FakeSite) -> None:
    ended = run("login", "ada@x.org", "--password-stdin", "--json", stdin=f"{PASSWORD}\n")
    assert ended.document == {"email": "ada@x.org", "site": API, "role": "creator", "error": None}
    path = own_sessions().path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD not in path.read_text()
    assert own_sessions().find(API) == Kept("ada@x.org", "a1", "r1", fake.now_s + 900)


def test_commands_use_the_session_without_a_login(fake: FakeSite) -> None:
    sign_in(fake)
    fake.requests.clear()
    client(fake).get("/videos/1")
    assert fake.requests == ["GET /videos/1"]


def test_a_token_that_is_old_or_refused_is_exchanged_and_kept(fake: FakeSite) -> None:
    sign_in(fake)
    fake.now_s += 850
    client(fake).get("/videos/1")
    kept = own_sessions().find(API)
    assert kept is not None
    assert kept.refresh_token == "r2"
    fake.override["GET /videos/1"] = [problem(401, "expired_token")]
    client(fake).get("/videos/1")
    assert fake.requests.count("POST /auth/refresh") == 2


def test_a_command_goes_on_with_what_another_exchanged(fake: FakeSite) -> None:
    sign_in(fake)
    one = client(fake)
    one.access_token()
    fake.now_s += 850
    client(fake).access_token()
    assert one.access_token() == "a2"
    assert fake.requests.count("POST /auth/refresh") == 1


def test_an_ended_session_says_how_to_go_on(fake: FakeSite) -> None:
    sign_in(fake)
    fake.now_s += 900
    fake.override["POST /auth/refresh"] = [problem(401, "bad_refresh_token")]
    with pytest.raises(CommandError, match="videosite login"):
        client(fake).get("/videos/1")
    assert own_sessions().find(API) is None


def test_a_site_that_is_away_does_not_end_the_session(fake: FakeSite) -> None:
    sign_in(fake)
    fake.now_s += 900
    fake.override["POST /auth/refresh"] = [httpx.ConnectError("refused")] * 4
    with pytest.raises(httpx.ConnectError):
        client(fake).get("/videos/1")
    assert own_sessions().find(API) is not None


def test_a_wrong_password(fake: FakeSite) -> None:
    ended = run("login", "ada@x.org", "--password-stdin", "--json", stdin="wrong\n")
    assert (ended.code, ended.document["error"]["code"]) == (1, "bad_credentials")
    assert own_sessions().last is None


@pytest.mark.parametrize("options", [[], ["--password-stdin"]])
def test_no_password(fake: FakeSite, options: list[str]) -> None:
    ended = run("login", "ada@x.org", "--json", *options, stdin="")
    assert (ended.code, ended.document["error"]["code"]) == (1, "no_password")
    assert fake.requests == []


def test_logout_ends_it_there_and_here(fake: FakeSite) -> None:
    sign_in(fake)
    assert run("logout", "--json").document == {"site": API, "signed_out": True, "error": None}
    assert fake.bodies["POST /auth/logout"] == {"refresh_token": "r1"}
    assert own_sessions().find(API) is None
    assert "Nobody was signed in" in run("logout").stdout


# --- which site -------------------------------------------------------------------------------------


def test_the_last_site_is_used_where_no_stack_runs(fake: FakeSite) -> None:
    sign_in(fake)
    own_sessions().keep("http://other.test/api/v1", Kept("a", "b", "c", 1.0))
    assert find_site("", None, []).api == "http://other.test/api/v1"
    sign_in(fake)
    assert find_address("", []).api == API


def test_a_session_at_the_local_stack_goes_before_its_admin(tmp_path: Path) -> None:
    home, process = Home(tmp_path / "home"), psutil.Process()
    home.create()
    here = Started(pid=process.pid, started_at_s=process.create_time())
    save(home, Record(port=8002, processes={"proxy": here}))
    local = "http://localhost:8002/api/v1"
    assert find_site("", None, [home]).credentials_file == home.credentials
    assert find_address("", [home]).credentials_file is None
    own_sessions().keep(local, Kept("ada@x.org", "a", "r", 1.0))
    assert find_site("", None, [home]).credentials_file is None
    assert find_site("", tmp_path / "given", [home]).credentials_file == tmp_path / "given"


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{", json.dumps({API: 1}), json.dumps({API: {"email": "x"}})]
)
def test_what_is_no_sessions_file_holds_nobody(tmp_path: Path, text: str | None) -> None:
    sessions = Sessions(tmp_path / "sessions.json")
    if text is not None:
        sessions.path.write_text(text)
    assert sessions.find(API) is None
    sessions.forget(API)
    sessions.keep(API, Kept("a", "b", "c", 1.0))
    assert sessions.find(API) == Kept("a", "b", "c", 1.0)
