"""The jobs table's stream: what people are told of a transcode."""

import asyncio
import json
import time
from typing import Any

import pytest

from tests.functions.conftest import Gateway, handler
from tests.functions.events import job_record, message_event, stream_event
from tests.unit.realtime.factories import (
    encode_frames,
    end,
    make_transcode,
    open_socket,
    publish,
    stored_messages,
)
from videosite.pipeline import jobs
from videosite.realtime import history
from videosite.realtime.connections import ConnectionManager
from videosite.store.tables import Job, Message, SocketConnection, Video, job_item

progress = handler("progress")

ALL_WELL: dict[str, Any] = {"batchItemFailures": []}
CHANNELS = ("user#ada", "admin", "video#7")


def change(*items: str, video_id: int = 7) -> dict[str, Any]:
    """Hand the function a batch of changes of one video's rows."""
    records = [
        job_record(video_id, item, sequence_number=str(100 + n))
        for n, item in enumerate(items or ["job#00001"])
    ]
    return progress(stream_event(*records), None)


def listen() -> None:
    """Sockets of the owner, of somebody else and of an admin, and one that follows video 7."""
    open_socket("owner=", "ada", at_s=time.time())
    open_socket("other=", "bob", at_s=time.time())
    open_socket("admin=", "eve", "admin", "admin", at_s=time.time())


def test_progress_goes_to_its_owner_and_to_admins_and_to_nobody_else(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    assert change() == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["owner=", "admin="]
    owner, admin = (frame for _, frame in gateway.frames)
    assert (owner["channel"], admin["channel"]) == ("user#ada", "admin")
    assert owner["id"] == admin["id"]
    assert "seq" not in owner
    assert Message.count() == 0


def test_the_frame_is_what_the_contract_says(gateway: Gateway) -> None:
    make_transcode(7, open_tasks={"h264": 0, "audio": 1, "image": 0}, updated_at_s=1.0)
    encode_frames(7, h264_000000=250)
    listen()
    change()
    frame = gateway.to("owner=")[0]
    assert frame["type"] == "transcode_progress"
    assert frame["video_id"] == 7
    assert frame["status"] == "processing"
    assert isinstance(frame["progress"], int)
    assert frame["message"] == "已完成720p转码 (3/3)"
    assert (frame["code"], frame["params"]) == ("encoded", {"resolution": "720p", "done": 3, "total": 3})
    assert frame["timestamp"] == "1970-01-01T00:00:02Z"


def test_many_changes_are_one_message_of_the_newest_state(gateway: Gateway) -> None:
    make_transcode(7)
    encode_frames(7, h264_000000=50)
    listen()
    change("job#00001", *["progress#00001"] * 40, "job#00001")
    assert len(gateway.to("owner=")) == 1


def test_the_same_state_has_the_same_id(gateway: Gateway) -> None:
    """So that a batch that comes twice is one event for clients."""
    make_transcode(7)
    listen()
    change()
    change()
    encode_frames(7, h264_000000=50)
    change()
    first, again, later = (frame["id"] for frame in gateway.to("owner="))
    assert first == again != later


@pytest.mark.parametrize(
    ("status", "values", "percent", "message"),
    [
        ("accepted", {"plan": None}, 0, "正在读取文件"),
        ("planned", {}, 10, "正在准备转码"),
        ("processing", {}, 10, "正在转码，已完成 3/5 段"),
        (
            "processing",
            {"open_tasks": {"h264": 0, "audio": 0, "image": 0}, "published": {}},
            80,
            "已完成720p转码 (3/3)",
        ),
    ],
)
def test_the_bands(gateway: Gateway, status: str, values: dict[str, Any], percent: int, message: str) -> None:
    make_transcode(7, status=status, **values)
    listen()
    change()
    (frame,) = gateway.to("owner=")
    assert (frame["status"], frame["progress"], frame["message"]) == ("processing", percent, message)


def test_the_end_is_stored_once_on_every_channel(gateway: Gateway) -> None:
    make_transcode(7)
    end(7, "completed", published={"h264": 1234})
    for _ in range(3):
        assert change() == ALL_WELL
    for channel in CHANNELS:
        (body,) = stored_messages(channel)
        assert (body["type"], body["video_id"], body["title"]) == ("transcode_complete", 7, "示例视频")
        assert (body["format_type"], body["file_size"], body["final"]) == ("h264", 1234, True)
        assert (body["channel"], body["seq"], body["id"]) == (channel, 1, "7.1.1.complete.h264")


def test_bars_reach_a_hundred_before_the_end_and_never_after(gateway: Gateway) -> None:
    make_transcode(7)
    end(7, "completed", published={"h264": 1234})
    listen()
    change()
    (frame,) = gateway.to("owner=")
    assert (frame["status"], frame["progress"], frame["message"]) == ("completed", 100, "转码完成")
    change("progress#00001")
    change()
    assert len(gateway.to("owner=")) == 1


def test_the_last_codec_waits_for_the_end(gateway: Gateway) -> None:
    """Between the publication and the job's end, `final` is not known yet."""
    make_transcode(7, published={"h264": 1234}, open_tasks={"h264": 0})
    change()
    assert stored_messages("user#ada") == []
    end(7, "completed")
    change()
    assert [body["final"] for body in stored_messages("user#ada")] == [True]


def two_codecs() -> dict[str, Any]:
    """The plan of a job with AV1 as well."""
    plan = Job.get(7, job_item(1)).plan
    av1 = [
        {**rung, "codec": "av1", "name": rung["name"].replace("h264", "av1")} for rung in plan["renditions"]
    ]
    return {**plan, "renditions": [*plan["renditions"], *av1]}


def test_each_codec_is_said_when_it_is_published(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    Job(7, job_item(1)).update([Job.plan.set(two_codecs()), Job.published.set({"h264": 10})])
    change()
    assert gateway.to("owner=")[-1]["status"] == "processing"
    end(7, "completed", published={"h264": 10, "av1": 7})
    change()
    change()
    said = [(body["format_type"], body["file_size"], body["final"]) for body in stored_messages("user#ada")]
    assert said == [("h264", 10, False), ("av1", 7, True)]


def test_both_codecs_at_once_end_once(gateway: Gateway) -> None:
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    end(7, "completed", published={"h264": 10, "av1": 7})
    change()
    assert [body["final"] for body in stored_messages("user#ada")] == [False, True]


def test_a_codec_published_before_a_failure_is_said_first(gateway: Gateway) -> None:
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    end(7, "failed", published={"h264": 10}, error_code="worker_crashed", error_message="It crashed.")
    change()
    first, last = stored_messages("user#ada")
    assert (first["type"], first["final"]) == ("transcode_complete", False)
    assert last["type"] == "transcode_failed"


def test_a_failure_is_stored_once_and_says_why(gateway: Gateway) -> None:
    make_transcode(7, plan=None)
    listen()
    end(7, "failed", error_code="no_video", error_message="The file has no video, only sound.")
    change()
    change("progress#00001")
    for channel in CHANNELS:
        (body,) = stored_messages(channel)
        assert (body["type"], body["title"]) == ("transcode_failed", "示例视频")
        assert (body["error"], body["code"]) == ("The file has no video, only sound.", "no_video")
    assert gateway.frames == []


def test_each_run_may_fail(gateway: Gateway) -> None:
    make_transcode(7)
    end(7, "failed", run=1, error_code="x")
    change()
    end(7, "failed", run=2, error_code="y")
    change()
    assert [body["code"] for body in stored_messages("user#ada")] == ["x", "y"]


def test_a_cancel_is_progress_that_is_stored(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    end(7, "cancelled", run=2)
    change()
    change("progress#00001")
    (body,) = stored_messages("video#7")
    assert (body["type"], body["status"], body["message"]) == (
        "transcode_progress",
        "cancelled",
        "转码已取消",
    )
    assert gateway.frames == []


def test_a_retry_goes_on_telling(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    end(7, "failed", error_code="x")
    change()
    end(7, "processing", run=2)
    change()
    assert gateway.to("owner=")[-1]["status"] == "processing"


def said() -> list[tuple[Any, ...]]:
    """Codec, run and whether it was the last, of each codec that was told of."""
    return [
        (body["format_type"], body["run"], body["final"])
        for body in stored_messages("user#ada")
        if body["type"] == "transcode_complete"
    ]


def complete_two() -> None:
    """A transcode of two codecs that was told of to its end."""
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    publish(7, time.time() - 20, h264=10)
    publish(7, time.time() - 10, av1=7)
    end(7, "completed")
    change()
    assert said() == [("h264", 1, False), ("av1", 1, True)]


@pytest.mark.parametrize(
    ("anew", "told"), [({"h264": 10}, [("h264", 2, True)]), ({}, [("av1", 2, True)])], ids=["lost", "nothing"]
)
def test_the_end_of_a_later_run_is_told_though_its_codecs_were(
    gateway: Gateway, anew: dict[str, int], told: list[Any]
) -> None:
    """Published anew since files were lost; or cancelled after the last publication, and retried."""
    complete_two()
    listen()
    end(7, "processing", run=2)
    change()
    assert gateway.to("owner=")[-1]["progress"] == 99
    publish(7, run=2, **anew)
    change()
    assert len(said()) == 2
    end(7, "completed", run=2)
    for _ in range(2):
        change()
    assert said()[2:] == told
    assert (gateway.to("owner=")[-1]["status"], gateway.to("owner=")[-1]["progress"]) == ("completed", 100)


def test_what_was_published_before_a_cancel_is_not_told_again_by_the_retry(gateway: Gateway) -> None:
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    publish(7, h264=10)
    change()
    end(7, "cancelled", run=2)
    change()
    end(7, "processing", run=3)
    publish(7, run=3, av1=7)
    end(7, "completed", run=3)
    change()
    assert said() == [("h264", 1, False), ("av1", 3, True)]


def test_after_a_week_an_old_publication_is_not_news(gateway: Gateway) -> None:
    """What was told is forgotten by then."""
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    publish(7, time.time() - history.KEPT_S - 60, h264=10, av1=7)
    end(7, "failed", error_code="media_lost")
    change()
    assert [body["type"] for body in stored_messages("user#ada")] == ["transcode_failed"]


def test_a_retry_after_a_week_tells_what_is_new(gateway: Gateway) -> None:
    make_transcode(7)
    Job(7, job_item(1)).update([Job.plan.set(two_codecs())])
    publish(7, time.time() - history.KEPT_S - 60, h264=10)
    end(7, "processing", run=2)
    change()
    assert said() == []
    publish(7, run=2, av1=7)
    end(7, "completed", run=2)
    change()
    assert said() == [("av1", 2, True)]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_change_long_after_the_end_tells_nothing(gateway: Gateway, status: str) -> None:
    make_transcode(7)
    listen()
    long_ago_s = time.time() - history.KEPT_S - 60
    publish(7, long_ago_s, h264=10)
    end(7, status, at_s=long_ago_s)
    change()
    assert (stored_messages("user#ada"), gateway.frames) == ([], [])


def test_one_transcodes_hanging_socket_keeps_no_others_progress_waiting(gateway: Gateway) -> None:
    """Ada's takes its frame when Bob's has its own, which can only come past it."""
    for video_id, user_id in ((7, "ada"), (8, "bob")):
        make_transcode(video_id)
        Job(video_id, job_item(1)).update([Job.owner_id.set(user_id)])
        open_socket(f"{user_id}=", user_id, at_s=time.time())
    gateway.slow["ada="] = asyncio.Event()

    def taken(connection_id: str, _: object) -> None:
        gateway.slow["ada="].set()

    gateway.taken = taken
    assert progress(stream_event(job_record(7), job_record(8)), None) == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["bob=", "ada="]


def test_an_end_is_stored_though_no_snapshot_could_be_posted(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_transcode(7)
    end(7, "completed", published={"h264": 1234})
    monkeypatch.setattr(ConnectionManager, "listeners", lambda *_: 1 / 0)
    assert change() == {"batchItemFailures": [{"itemIdentifier": "100"}]}
    assert said() == [("h264", 1, True)]


def test_an_older_generation_is_silent(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    Video(7).update([Video.active_generation.set(2)])
    assert change() == ALL_WELL
    assert gateway.frames == []


@pytest.mark.parametrize("gone", ["job", "video", "deleting"])
def test_what_is_gone_is_silent(gateway: Gateway, gone: str) -> None:
    job = make_transcode(7)
    listen()
    if gone == "job":
        job.delete()
    elif gone == "video":
        Video(7).delete()
    else:
        Video(7).update([Video.status.set("deleting")])
    assert change() == ALL_WELL
    assert gateway.frames == []


def test_bad_records_are_passed_over(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    bad: list[Any] = [
        {},
        {"dynamodb": {}},
        {"eventName": "MODIFY", "dynamodb": {"Keys": {"video_id": {"N": "x"}, "item": {"S": "job#00001"}}}},
        job_record(7, "availability#00001"),
        job_record(7, "nonsense"),
        job_record(7, name="REMOVE"),
    ]
    assert progress(stream_event(*bad), None) == ALL_WELL
    assert gateway.frames == []
    assert progress(stream_event(*bad, job_record(7)), None) == ALL_WELL
    assert len(gateway.to("owner=")) == 1


def test_one_videos_trouble_does_not_keep_others_waiting(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for video_id in (7, 8, 9):
        make_transcode(video_id)
    listen()
    load = jobs.load

    def trouble(video_id: int, generation: int) -> Job | None:
        if video_id == 8:
            raise OSError("no table")
        return load(video_id, generation)

    monkeypatch.setattr(jobs, "load", trouble)
    records = [job_record(video_id, sequence_number=str(100 + video_id)) for video_id in (7, 8, 9)]
    answer = progress(stream_event(*records, job_record(8, sequence_number="200")), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "108"}]}
    assert [frame["video_id"] for frame in gateway.to("owner=")] == [7, 9]


def test_a_broken_batch_is_answered_not_raised(gateway: Gateway) -> None:
    """MiniStack repeats a batch that raises without end."""
    broken: Any = {"Records": [None]}
    assert progress(broken, None) == {"batchItemFailures": [{"itemIdentifier": ""}]}


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_slow_socket_is_passed_over(gateway: Gateway, status: int) -> None:
    make_transcode(7)
    listen()
    gateway.statuses["owner="] = status
    assert change() == ALL_WELL
    assert [to for to, _ in gateway.frames] == ["admin="]
    assert SocketConnection.count() == 3


def test_a_socket_that_is_gone_is_forgotten(gateway: Gateway) -> None:
    make_transcode(7)
    open_socket("owner=", "ada", at_s=time.time() - 60)
    gateway.statuses["owner="] = 410
    change()
    assert SocketConnection.count() == 0


def test_two_users_never_see_each_others_messages(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    end(7, "completed", published={"h264": 1})
    change()
    assert gateway.to("other=") == []
    assert stored_messages("user#bob") == []
    assert {row.channel for row in Message.scan(Message.kind == "message")} == set(CHANNELS)


def test_a_subscribed_owner_gets_progress_once(gateway: Gateway) -> None:
    make_transcode(7)
    listen()
    subscribe = handler("sockets", "message")
    subscribe(message_event("owner=", json.dumps({"action": "subscribe", "video_id": 7})), None)
    gateway.frames.clear()
    change()
    (frame,) = gateway.to("owner=")
    assert frame["channel"] == "video#7"


def test_what_is_stored_expires_after_a_week(gateway: Gateway) -> None:
    make_transcode(7)
    end(7, "failed", error_code="x")
    change()
    lives = {
        row.kind: row.expires_at_s and round(row.expires_at_s - time.time(), -2) for row in Message.scan()
    }
    assert lives == {"message": history.KEPT_S, "event": history.KEPT_S, "counter": None}
