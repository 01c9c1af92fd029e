"""Requests are read as they are described, and nothing is made to fit."""

from typing import Any

import pytest

from tests.functions.api.conftest import STORAGE_SECRET, People
from tests.functions.api.http_api import Api
from tests.unit.library.factories import make_transcode
from videosite.store.tables import Video

VIDEO_ID = 1_420_070_400_001
NEW = {"filename": "a.mp4", "size_bytes": 1}


@pytest.fixture
def video(api: Api, people: People) -> str:
    make_transcode(VIDEO_ID, visibility="public")
    Video(VIDEO_ID).update([Video.owner_id.set("ada")])
    return f"/videos/{VIDEO_ID}"


def refused(answer: Any, field: str) -> None:
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert field in [error["field"] for error in answer.json["errors"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**NEW, "visiblity": "public"}, "body.visiblity"),
        ({**NEW, "size_bytes": "1"}, "body.size_bytes"),
        ({**NEW, "size_bytes": 1.5}, "body.size_bytes"),
        ({**NEW, "size_bytes": True}, "body.size_bytes"),
        ({**NEW, "normalize": "yes"}, "body.normalize"),
        ({**NEW, "title": 7}, "body.title"),
        ({**NEW, "tags": "beach"}, "body.tags"),
        ({**NEW, "title": "a\0b"}, "body"),
        ({**NEW, "tags": ["a", "\0"]}, "body"),
        ({**NEW, "title": "\ud800"}, "body.title"),
        ({**NEW, "\ud800": 1}, "body"),
        ({**NEW, "x" * 500: 1}, f"body.{'x' * 95}"),
        ([], "body"),
    ],
)
def test_bodies(api: Api, people: People, body: Any, field: str) -> None:
    refused(api.post("/videos", body, people.ada), field)


@pytest.mark.parametrize(
    "raw",
    [b"{", b'{"size_bytes": NaN', b"\xff", b"[" * 100_000, b'{"size_bytes": ' + b"9" * 5000 + b"}"],
    ids=["open", "cut off", "no UTF-8", "deep", "long number"],
)
def test_what_is_no_json(api: Api, people: People, raw: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = api.call("POST", "/videos", token=people.ada, headers=headers, raw_body=raw)
    assert (answer.status, answer.code) == (400, "bad_json")


@pytest.mark.parametrize("raw", [b"NaN", b"1e999", b"-Infinity", b"1" * 400])
def test_numbers_that_are_none(api: Api, people: People, video: str, raw: bytes) -> None:
    body = b'{"position_s": ' + raw + b"}"
    headers = {"content-type": "application/json"}
    answer = api.call("PUT", f"{video}/position", token=people.ada, headers=headers, raw_body=body)
    refused(answer, "body.position_s")


def test_a_deep_value_of_an_unknown_field(api: Api, people: People) -> None:
    raw = b'{"filename": "a.mp4", "size_bytes": 1, "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    headers = {"content-type": "application/json"}
    refused(api.call("POST", "/videos", token=people.ada, headers=headers, raw_body=raw), "body.x")


@pytest.mark.parametrize(
    "written", ["07", "+7", "%207", "7.0", "7_0", "1e3", "0x7", "%D9%A7", "9007199254740992", "0", "-1"]
)
def test_ids_in_addresses_are_plain_digits(api: Api, written: str) -> None:
    refused(api.get(f"/videos/{written}"), "path.video_id")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "1_0"}, "query.limit"),
        ({"limit": "5.0"}, "query.limit"),
        ({"limit": " 5"}, "query.limit"),
        ({"since": "0"}, "query.since"),
        ({"since": "2026-03-01"}, "query.since"),
        ({"since": "2026-03-01T10:30:00"}, "query.since"),
        ({"since": "2026-02-30T10:30:00Z"}, "query.since"),
        ({"q": "a\0b"}, "query"),
    ],
)
def test_query_parameters(api: Api, query: dict[str, str], field: str) -> None:
    refused(api.get("/videos", query={"scope": "public", **query}), field)


@pytest.mark.parametrize("moment", ["2026-03-01T10:30:00z", "2026-03-01t10:30:00.123456789+05:30"])
def test_moments_as_rfc_3339_has_them(api: Api, moment: str) -> None:
    assert api.get("/videos", query={"scope": "public", "since": moment}).status == 200


@pytest.mark.parametrize("written", ["yes", "1", "True", ""])
def test_truths_in_addresses(api: Api, people: People, video: str, written: str) -> None:
    answer = api.call(
        "PUT", f"{video}/subtitles/en", token=people.ada, query={"default": written}, raw_body=b"x"
    )
    refused(answer, "query.default")


def test_nul_in_a_path(api: Api) -> None:
    refused(api.get("/videos/%00"), "path")


def test_unknown_query_parameters_are_ignored(api: Api) -> None:
    assert api.get("/videos", query={"scope": "public", "utm_source": "mail"}).status == 200


def test_storage_may_send_what_it_likes(api: Api) -> None:
    headers = {"authorization": f"Bearer {STORAGE_SECRET}"}
    body = {"a": {"\ud800": ["\0"]}, "Records": None}
    assert api.post("/storage-events", body, headers=headers).json == {"taken": 0}
