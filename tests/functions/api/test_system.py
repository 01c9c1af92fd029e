import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ORIGIN
from tests.functions.api.conftest import STORAGE_SECRET, People
from tests.functions.api.http_api import Api
from tests.unit.library.test_storage_events import KEY, MINIO, bridge_event, filer_event, s3_record
from tests.unit.pipeline.conftest import make_video
from videosite.log import logger
from videosite.pipeline.events import created_objects
from videosite.store import queues

Messages = Callable[[str], list[str]]


# --- storage's events -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"Records": [s3_record(bucket="uploads")]},
        MINIO,
        bridge_event(),
        filer_event(path=f"/buckets/uploads/{KEY}"),
    ],
    ids=["s3", "minio", "eventbridge", "seaweedfs"],
)
def test_events_of_every_store_reach_ingest_alike(api: Api, messages: Messages, body: dict[str, Any]) -> None:
    body = json.loads(json.dumps(body).replace('"name": "up"', '"name": "uploads"'))
    answer = api.post("/storage-events", body, STORAGE_SECRET)
    assert (answer.status, answer.json) == (200, {"taken": 1})
    (message,) = messages("ingest")
    (created,) = created_objects(json.loads(message))
    assert (created.bucket, created.key) == ("uploads", KEY)


def test_noise_is_taken_and_dropped(api: Api, messages: Messages) -> None:
    body = filer_event(path="/buckets/uploads/.uploads/x/0001.part")
    assert api.post("/storage-events", body, STORAGE_SECRET).json == {"taken": 0}
    assert messages("ingest") == []


@pytest.mark.parametrize("secret", [None, "", "wrong", STORAGE_SECRET + "x", "é"])
def test_only_the_storage_gets_in(api: Api, messages: Messages, secret: str | None) -> None:
    answer = api.post("/storage-events", {"Records": [s3_record(bucket="uploads")]}, secret)
    assert (answer.status, answer.code) == (401, "bad_storage_secret")
    assert messages("ingest") == []


def test_minio_may_ask_whether_somebody_is_there(api: Api) -> None:
    """Its webhook target sends HEAD first; any answer will do (isActive in its target/webhook.go)."""
    assert api.call("HEAD", "/storage-events").status == 405


def test_an_access_token_is_no_storage_secret(api: Api, people: People) -> None:
    assert api.post("/storage-events", {}, people.admin).code == "bad_storage_secret"


# --- health -----------------------------------------------------------------------------------------


def test_health(api: Api) -> None:
    assert api.get("/health").json == {"status": "ok", "stage": "local"}


# --- what is around every request -------------------------------------------------------------------


def test_what_is_not_there(api: Api) -> None:
    assert api.get("/nothing").code == "no_such_route"
    assert api.call("PUT", "/health").code == "method_not_allowed"


def test_bodies_that_are_no_json(api: Api) -> None:
    headers = {"content-type": "application/json"}
    answer = api.call("POST", "/auth/login", raw_body=b'{"email":', headers=headers)
    assert (answer.status, answer.code) == (400, "bad_json")


def test_bodies_that_are_too_large(api: Api) -> None:
    answer = api.post("/auth/login", {"email": "a@b.c", "password": "x" * (1 << 20)})
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("length", [(1 << 20) + 1, 5 << 30, 10**30])
def test_a_length_that_is_too_large_is_a_refusal_and_no_fault(
    api: Api, length: int, log: Callable[[], list[dict[str, Any]]]
) -> None:
    headers = {"content-type": "application/json", "content-length": str(length)}
    answer = api.call("POST", "/auth/login", raw_body=b"{}", headers=headers)
    assert (answer.status, answer.code) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [line["level"] for line in log()] == ["INFO"]


def test_answers_are_private_and_not_sniffed(api: Api) -> None:
    headers = api.get("/health").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


def test_cors_is_for_the_sites_own_origins(api: Api) -> None:
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    allowed = api.call("OPTIONS", "/videos", headers={"origin": ORIGIN, **preflight})
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    refused = api.call("OPTIONS", "/videos", headers={"origin": "https://evil.example", **preflight})
    assert "access-control-allow-origin" not in refused.headers
    answer = api.get("/health", headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was logged."""
    found: list[dict[str, Any]] = []

    def note(level: str) -> Callable[..., None]:
        return lambda text, extra: found.append({"level": level, "message": text, **extra})

    monkeypatch.setattr(logger, "info", note("info"))
    monkeypatch.setattr(logger, "exception", note("exception"))
    return found


def test_one_line_per_request_without_secrets(api: Api, people: People, lines: list[dict[str, Any]]) -> None:
    make_video(7, owner_id="ada")
    api.get("/videos/7", people.ada)
    api.get("/m/secret.token/videos/7/" + "a" * 32 + "/master.m3u8", query={"secret": "x"})
    api.post("/auth/login", {"email": "ada@example.org", "password": "secret"})
    assert [line["route"] for line in lines] == [
        "/api/v1/videos/{video_id}",
        "/m/{token}/videos/{video_id}/{asset_key}/master.m3u8",
        "/api/v1/auth/login",
    ]
    assert lines[0] | {"duration_ms": 0} == {
        "level": "info",
        "message": "request",
        "method": "GET",
        "route": "/api/v1/videos/{video_id}",
        "status": 200,
        "user_id": "ada",
        "request_id": "request-1",
        "duration_ms": 0,
    }
    text = json.dumps(lines)
    assert "secret" not in text
    assert people.ada not in text


def test_a_bug_is_noted_and_kept_from_the_client(
    api: Api, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the queue's address is secret")

    monkeypatch.setattr(queues, "send_ingest", fail)
    answer = api.post("/storage-events", {"Records": [s3_record(bucket="uploads")]}, STORAGE_SECRET)
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret" not in answer.body.decode()
    assert [line["level"] for line in lines] == ["exception", "info"]
    assert lines[1]["status"] == 500
