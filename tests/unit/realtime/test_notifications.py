from typing import Any

import pytest

from tests.unit.realtime.factories import NOW_S, make_transcode, stored_messages
from videosite.realtime.messages import system_message
from videosite.realtime.notifications import NotificationService

pytestmark = pytest.mark.usefixtures("aws")


def test_a_system_message_is_said_once_to_each_channel() -> None:
    service = NotificationService()
    frame = system_message("m1", "系统将于10分钟后维护", "warning", NOW_S, NOW_S + 600)
    assert service.notify_system_message(frame, ["all", "admin"], NOW_S)
    assert not service.notify_system_message(frame, ["all", "admin"], NOW_S)
    for channel in ("all", "admin"):
        (body,) = stored_messages(channel)
        assert body == {**frame, "channel": channel, "seq": 1}


def test_what_was_said_says_so() -> None:
    service = NotificationService()
    job = make_transcode(7, published={"h264": 5}, error_code="x")
    assert service.notify_transcode_complete(job, "h264", True, NOW_S)
    assert not service.notify_transcode_complete(job, "h264", True, NOW_S)
    assert service.notify_transcode_failed(job, NOW_S)
    assert not service.notify_transcode_failed(job, NOW_S)


def test_progress_is_sent_and_a_cancel_stored() -> None:
    sent: list[Any] = []
    kept: list[Any] = []

    def append(frame: Any, channels: Any, now_s: float) -> bool:
        kept.append((frame["id"], tuple(channels), now_s))
        return True

    service = NotificationService(lambda snapshots, _: sent.extend(snapshots), append)
    jobs = [make_transcode(7, run=3), make_transcode(8)]
    frames: Any = [{"id": "7.1.3.progress.x"}, {"id": "8.1.1.progress.y"}]
    service.notify_transcode_progress(zip(jobs, frames, strict=True), NOW_S)
    to = ("video#7", "user#ada", "admin")
    assert (sent, kept) == ([(frames[0], to), (frames[1], ("video#8", "user#ada", "admin"))], [])
    cancelled: Any = {"id": "7.1.3.progress.z", "video_id": 7, "generation": 1, "run": 3}
    assert service.notify_transcode_cancelled(cancelled, "ada", NOW_S)
    assert kept == [("7.1.3.cancelled", to, NOW_S)]
