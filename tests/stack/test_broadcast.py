"""A broadcast in parallel invocations, through the real functions."""

import json

import pytest

from tests.stack.conftest import RunningStack, inside
from tests.stack.site import Site
from videosite.realtime import broadcast, channels
from videosite.settings import get_settings
from videosite.store.sockets import Outcome
from videosite.store.tables import Subscription

pytestmark = pytest.mark.stack


def test_each_shard_is_posted_to_by_a_call(
    stack: RunningStack, viewer: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [json.dumps({"type": "test", "seq": number}).encode() for number in (1, 2)]
    with viewer.socket() as one, viewer.socket() as two, inside(stack):
        monkeypatch.setenv("VIDEOSITE_SHARD_FUNCTION", stack.function_name("FanoutShardFunction"))
        get_settings.cache_clear()
        # As if there were many; and only of those shards that have somebody: sixteen cold starts take long.
        monkeypatch.setattr(broadcast, "DIRECT", 0)
        found = {row.channel_shard for row in Subscription.scan() if row.channel_shard.startswith("all#")}
        monkeypatch.setattr(channels, "shards", lambda _: (*sorted(found), "all#none"))
        outcomes = broadcast.broadcast("all", frames)
        assert outcomes[Outcome.SENT] >= 2
        for socket in (one, two):
            assert [socket.until("test")["seq"] for _ in frames] == [1, 2]
