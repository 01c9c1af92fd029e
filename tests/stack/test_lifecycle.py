"""The stack as its users meet it: where it answers, what it seeded, what its proxy lets through."""

import asyncio
import json
import os
import stat
import time

import aiohttp
import httpx

from infra.local.processes import find
from tests.stack.conftest import RunningStack
from videosite.library import media_token


def sign_in(stack: RunningStack) -> str:
    answer = httpx.post(f"{stack.api}/auth/login", json=stack.credentials)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def media_address(stack: RunningStack, key: str, scope: str, expires_at_s: int = 4_000_000_000) -> str:
    secret = stack.aws("secretsmanager").get_secret_value(SecretId=stack.outputs["MediaSecretArn"])
    return f"{stack.url}/m/{media_token.sign(scope, expires_at_s, secret['SecretString'])}/{key}"


def test_everything_answers_at_one_address(stack: RunningStack) -> None:
    assert httpx.get(f"{stack.api}/health").json()["status"] == "ok"
    assert "VideoSite" in httpx.get(f"{stack.url}/").text
    assert httpx.get(f"{stack.url}/nowhere.txt").status_code == 404


def test_the_seeded_admin_can_sign_in(stack: RunningStack) -> None:
    token = sign_in(stack)
    me = httpx.get(f"{stack.api}/users/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert me["role"] == "admin"


def test_what_holds_secrets_is_private(stack: RunningStack) -> None:
    for path in (
        stack.home.credentials,
        stack.home.keys,
        stack.home.record,
        stack.home.folder / "proxy.json",
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(stack.home.folder.stat().st_mode) == 0o700


def test_everything_listens_on_loopback_only(stack: RunningStack) -> None:
    for started in stack.record.processes.values():
        process = find(started)
        assert process is not None
        listening = {c.laddr[0] for c in process.net_connections() if c.status == "LISTEN"}
        assert listening
        assert listening <= {"127.0.0.1", "::1"}


def test_rows_that_end_expire(stack: RunningStack) -> None:
    tables = stack.aws("dynamodb")
    for name in ("sessions", "connections", "subscriptions", "messages"):
        found = tables.describe_time_to_live(TableName=stack.table_name(name))["TimeToLiveDescription"]
        assert (found["TimeToLiveStatus"], found["AttributeName"]) == ("ENABLED", "expires_at_s")


def test_media_is_served_to_tokens_only(stack: RunningStack) -> None:
    key = "videos/1/abc/h264-240p/seg_00000.m4s"
    body = os.urandom(100_000)
    stack.storage().put_object(Bucket=stack.media_bucket, Key=key, Body=body, ContentType="video/iso.segment")
    address = media_address(stack, key, "videos/1/abc/")
    whole = httpx.get(address)
    assert whole.content == body
    assert whole.headers["content-type"] == "video/iso.segment"
    assert whole.headers["access-control-allow-origin"] == "*"
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, body[10:20])
    assert part.headers["content-range"] == "bytes 10-19/100000"
    head = httpx.head(address)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "100000", b"")
    assert httpx.get(address, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304

    other = media_address(stack, key, "videos/2/abc/")
    assert httpx.get(other).status_code == 403
    assert httpx.get(media_address(stack, key, "videos/1/abc/", expires_at_s=1)).status_code == 403
    missing = media_address(stack, "videos/1/abc/none.m4s", "videos/1/abc/")
    assert httpx.get(missing).status_code == 404
    assert httpx.post(address).status_code == 405


def test_the_proxy_writes_no_tokens_down(stack: RunningStack) -> None:
    httpx.get(f"{stack.url}/m/sEcReT/videos/1/x")
    httpx.get(f"{stack.api}/health?token=sEcReT")
    assert "sEcReT" not in stack.home.log("proxy").read_text()


def test_sockets_open_with_a_token_and_the_scope_is_the_addresss(stack: RunningStack) -> None:
    token = sign_in(stack)

    async def pong(address: str) -> str:
        async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
            await socket.send_str("ping")
            return str((await socket.receive(timeout=20)).data)

    # A scope that the client sends changes nothing.
    for address in (f"{stack.ws}?token={token}&scope=admin", f"{stack.ws_admin}?token={token}"):
        assert json.loads(asyncio.run(pong(address)))["type"] == "pong"


def test_sockets_without_a_token_are_refused(stack: RunningStack) -> None:
    async def status() -> int:
        async with aiohttp.ClientSession() as http:
            try:
                async with http.ws_connect(stack.ws):
                    return 101
            except aiohttp.WSServerHandshakeError as refusal:
                return refusal.status

    assert asyncio.run(status()) == 403
    assert httpx.get(stack.ws.replace("ws", "http", 1)).status_code == 426


def test_queues_deliver_to_their_functions(stack: RunningStack) -> None:
    mappings = stack.aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert {mapping["State"] for mapping in mappings} == {"Enabled"}
    log = stack.home.log("ministack")
    before = log.stat().st_size
    time.sleep(2.5)  # the poller looks once a second
    assert "poller error" not in log.read_text()[before:]
