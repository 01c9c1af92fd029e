import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from mangum import Mangum

from tests.conftest import forget_process, kept_client
from tests.functions.api.http_api import Api
from videosite.accounts.tokens import issue_access_token
from videosite.library import playback
from videosite.store.tables import User
from videosite.web.app import create_app

PUBLIC_URL = "https://videos.example.org"
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
    for name, value in (("MEDIA_SECRET", MEDIA_SECRET), ("STORAGE_EVENTS_SECRET", STORAGE_SECRET)):
        arn = secrets.create_secret(Name=name, SecretString=value)["ARN"]
        monkeypatch.setenv(f"VIDEOSITE_{name}_ARN", arn)
    monkeypatch.setenv("VIDEOSITE_PUBLIC_URL", PUBLIC_URL)
    forget_process()
    asyncio.set_event_loop(loop)
    yield Api(handler)
    asyncio.set_event_loop(None)
    playback.find_asset.cache_clear()
    playback._gave_up.cache_clear()


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
