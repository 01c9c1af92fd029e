"""Names and shards of channels, and who may subscribe."""

import pytest

from videosite.realtime.channels import (
    home_channels,
    may_subscribe,
    shard,
    shards,
    transcode_channels,
    user_channel,
    video_channel,
)
from videosite.store.tables import Video


def test_names() -> None:
    assert (user_channel("ada"), video_channel(7)) == ("user#ada", "video#7")
    assert home_channels("user", "ada") == ("user#ada", "all")
    assert home_channels("admin", "ada") == ("admin", "all")
    assert transcode_channels(7, "ada") == ("video#7", "user#ada", "admin")


def test_only_the_channel_of_all_is_cut_up() -> None:
    assert shards("all") == tuple(f"all#{number}" for number in range(16))
    assert shards("user#ada") == ("user#ada#0",)
    assert shard("user#ada", "any") == "user#ada#0"


def test_connections_spread_over_the_shards() -> None:
    found = [shard("all", f"Dx1Tg{number}cCFQ=") for number in range(800)]
    assert set(found) == set(shards("all"))
    assert max(found.count(key) for key in shards("all")) < 100
    assert shard("all", "Dx1T9GTNPHcCIhw=") == shard("all", "Dx1T9GTNPHcCIhw=")


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
@pytest.mark.parametrize(
    ("user_id", "role", "may"),
    [
        ("ada", "viewer", True),
        ("bob", "viewer", False),
        ("bob", "creator", False),
        ("bob", "moderator", True),
        ("bob", "admin", True),
    ],
)
def test_who_may_subscribe(visibility: str, user_id: str, role: str, may: bool) -> None:
    video = Video(7, owner_id="ada", visibility=visibility, status="processing")
    assert may_subscribe(video, user_id, role) is may


def test_a_video_that_is_being_deleted_has_no_channel() -> None:
    video = Video(7, owner_id="ada", visibility="private", status="deleting")
    assert not may_subscribe(video, "ada", "admin")
