import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher
from mangum import Mangum

from tests.conftest import forget_process, kept_client
from tests.functions.api.http_api import Api
from videosite.accounts import passwords
from videosite.accounts.followup import follow_up
from videosite.accounts.tokens import issue_access_token
from videosite.library import playback
from videosite.store import mail, queues
from videosite.store.tables import User
from videosite.web.app import create_app

PUBLIC_URL = "https://videos.example.org"
EDGE_SECRET = "edge-secret-of-the-tests"
STORAGE_SECRET = "storage-secret-of-the-tests"
MEDIA_SECRET = "media-secret-of-the-tests"


@pytest.fixture(scope="session")
def handler() -> Mangum:
    """One application for all tests, as one worker serves many requests."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mangum = Mangum(create_app(), lifespan="off")
    asyncio.set_event_loop(None)
    loop.close()
    return mangum


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """What Mangum runs requests on."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def api(
    aws: None, handler: Mangum, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    """The API of an empty installation."""
    secrets = kept_client("secretsmanager")
    for name, value in (
        ("MEDIA_SECRET", MEDIA_SECRET),
        ("STORAGE_EVENTS_SECRET", STORAGE_SECRET),
        ("EDGE_SECRET", EDGE_SECRET),
    ):
        arn = secrets.create_secret(Name=name, SecretString=value)["ARN"]
        monkeypatch.setenv(f"VIDEOSITE_{name}_ARN", arn)
    monkeypatch.setenv("VIDEOSITE_PUBLIC_URL", PUBLIC_URL)
    forget_process()
    asyncio.set_event_loop(loop)
    yield Api(handler)
    asyncio.set_event_loop(None)
    playback.find_asset.cache_clear()
    playback._gave_up.cache_clear()


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with so little work that tests need not wait for it."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


@dataclass(frozen=True)
class Mail:
    """One that was sent."""

    sender: str
    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """What its link holds."""
        return self.text.partition("#token=")[2].split()[0]


class Mailbox:
    """The function that nobody waits for, called at once, and the mails it sends. Other queues are not
    touched."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.events: list[dict[str, Any]] = []
        self.done: list[str] = []
        self._send_elsewhere = queues.send

    def send(self, sender: str, to: str, subject: str, text: str) -> bool:
        self.mails.append(Mail(sender, to, subject, text))
        return True

    def call(self, queue_url: str, event: dict[str, Any], *how: Any, **else_how: Any) -> None:
        if not queue_url.endswith("/accounts"):
            self._send_elsewhere(queue_url, event, *how, **else_how)
            return
        self.events.append(json.loads(json.dumps(event)))
        self.done.append(follow_up(self.events[-1], time.time()))


@pytest.fixture
def mailbox(api: Api, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """An installation that people may register at, and that sends mails."""
    found = Mailbox()
    monkeypatch.setattr(mail, "send", found.send)
    monkeypatch.setattr(queues, "send", found.call)
    monkeypatch.setenv("VIDEOSITE_REGISTRATION", "creator")
    monkeypatch.setenv("VIDEOSITE_MAIL_FROM", "no-reply@example.org")
    forget_process()
    return found


@dataclass(frozen=True)
class People:
    """Access tokens by name. Ada and Bob are creators."""

    viewer: str
    ada: str
    bob: str
    moderator: str
    admin: str


@pytest.fixture
def people(api: Api) -> People:
    """Accounts of every role, without passwords: hashing one takes 50 ms."""
    roles = {
        "viewer": "viewer",
        "ada": "creator",
        "bob": "creator",
        "moderator": "moderator",
        "admin": "admin",
    }
    tokens = {}
    for name, role in roles.items():
        user = User(name, email=f"{name}@example.org", role=role, created_at_s=1.0)
        user.save()
        tokens[name] = issue_access_token(user)
    return People(**tokens)
