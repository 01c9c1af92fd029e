import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from rich.console import Console
from websockets.sync.server import ServerConnection, serve

from cli import watch
from cli.client import Site
from tests.unit.cli.fake_site import VIDEO_ID, FakeSite, problem, status_document
from tests.unit.cli.run import run


@contextmanager
def socket_server(handler: Callable[[ServerConnection], None]) -> Iterator[int]:
    """A WebSocket server on a free loopback port."""
    with serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join()


def wait_for_end(socket: ServerConnection) -> None:
    for _ in socket:
        pass


def point_to(fake: FakeSite, port: int) -> None:
    site = fake.site
    fake.site = Site(site.api, f"ws://127.0.0.1:{port}/api/v1/ws", site.credentials_file)


def test_the_sockets_messages_are_shown_and_the_end_is_asked_for(fake: FakeSite) -> None:
    heard: list[str] = []

    def speak(socket: ServerConnection) -> None:
        assert socket.request
        heard.append(socket.request.path)
        heard.append(str(socket.recv()))
        progress = {**status_document(progress=60), "type": "transcode_progress", "message": "正在转码"}
        for message in (
            "not json",
            json.dumps(5),
            json.dumps({"type": "system_message", "message": "x"}),
            json.dumps({**progress, "video_id": 1}),
            json.dumps({**progress, "text": {"en": "Transcoding (1/2)"}}),
            json.dumps({"type": "transcode_complete", "video_id": VIDEO_ID, "final": True}),
        ):
            socket.send(message)
        wait_for_end(socket)

    fake.statuses = [status_document(progress=10), status_document("completed", 100)]
    with socket_server(speak) as port:
        point_to(fake, port)
        found = list(watch.statuses(fake.client(), VIDEO_ID))
    assert [(status["progress"], status["message"]) for status in found] == [
        (10, "Processing"),
        (60, "Transcoding (1/2)"),
        (100, "Completed"),
    ]
    assert heard[0] == "/api/v1/ws?token=a1"
    assert json.loads(heard[1]) == {"action": "subscribe", "video_id": VIDEO_ID}
    assert fake.slept_s == []


def test_an_end_in_a_progress_message_is_asked_for_too(fake: FakeSite) -> None:
    """Its last numbers may be older than the end."""

    def speak(socket: ServerConnection) -> None:
        socket.send(json.dumps({**status_document("cancelled", 40), "type": "transcode_progress"}))
        wait_for_end(socket)

    fake.statuses = [status_document(progress=10), status_document("cancelled", 45)]
    with socket_server(speak) as port:
        point_to(fake, port)
        found = list(watch.statuses(fake.client(), VIDEO_ID))
    assert [status["progress"] for status in found] == [10, 45]


def test_a_silent_socket_is_not_trusted(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SILENCE_S", 0.05)
    fake.statuses = [status_document(progress=10), status_document("completed", 100)]

    def say_nothing(socket: ServerConnection) -> None:
        wait_for_end(socket)

    with socket_server(say_nothing) as port:
        point_to(fake, port)
        assert list(watch.statuses(fake.client(), VIDEO_ID))[-1]["status"] == "completed"


def test_a_socket_that_closes_leaves_polling(fake: FakeSite) -> None:
    fake.statuses = [
        status_document(progress=10),
        status_document(progress=20),
        status_document("completed", 100),
    ]
    with socket_server(lambda socket: socket.close()) as port:
        point_to(fake, port)
        found = list(watch.statuses(fake.client(), VIDEO_ID))
    assert [status["progress"] for status in found] == [10, 20, 100]
    assert fake.slept_s == [watch.POLL_S] * 2


def test_no_socket_leaves_polling(fake: FakeSite) -> None:
    fake.statuses = [status_document(progress=10), status_document("cancelled", 10)]
    point_to(fake, 9)
    assert [status["status"] for status in watch.statuses(fake.client(), VIDEO_ID)] == [
        "processing",
        "cancelled",
    ]


PLAY = "http://site.test/m/tok/videos/1/a/master.m3u8"


def test_without_a_terminal_there_is_a_line_per_step(fake: FakeSite) -> None:
    point_to(fake, 9)
    fake.statuses = [
        *(status_document(progress=done) for done in (40, 41, 43, 60)),
        status_document("completed", 100),
    ]
    ended = run("watch", str(VIDEO_ID))
    assert ended.code == 0
    assert ended.stdout.splitlines() == [
        "asking how it stands",
        f"It plays already: {PLAY}",
        " 40 %  Processing",
        " 60 %  Processing",
        "100 %  Completed",
        f"Completed. Play it: {PLAY}",
        "Poster: http://site.test/m/tok/thumbnails/video_1_poster.jpg?v=1",
    ]


def test_on_a_terminal_there_is_a_bar_per_rendition(fake: FakeSite) -> None:
    point_to(fake, 9)
    fake.statuses = [status_document(progress=40), status_document("completed", 100)]
    out = Console(force_terminal=True, width=200, file=io.StringIO(), record=True)
    assert watch.follow(fake.client(), VIDEO_ID, out)["status"] == "completed"
    shown = out.export_text()
    assert "h264-360p" in shown
    assert "━" in shown
    assert f"It plays already: {PLAY}" in shown


def test_a_narrow_terminal_keeps_the_percentage(fake: FakeSite) -> None:
    point_to(fake, 9)
    fake.statuses = [status_document(progress=40), status_document("completed", 100)]
    out = Console(force_terminal=True, width=40, file=io.StringIO(), record=True)
    watch.follow(fake.client(), VIDEO_ID, out)
    shown = out.export_text()
    assert "h264-360p" in shown
    assert "100 %" in shown
    assert "━" not in shown


def test_the_play_address_is_told_once_and_when_it_plays(fake: FakeSite) -> None:
    point_to(fake, 9)
    playback = fake.video["playback"]
    fake.video["playback"] = None
    playable = watch._Playable(fake.client(), VIDEO_ID)
    assert playable.news() is None
    fake.video["playback"] = playback
    assert playable.news() is None, "a second has not gone by"
    playable._asked_s -= watch.POLL_S
    assert playable.news() == PLAY
    playable._asked_s -= watch.POLL_S
    assert playable.news() is None


def test_ctrl_c_says_that_the_transcode_goes_on(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> Iterator[None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "statuses", interrupt)
    ended = run("watch", str(VIDEO_ID), "--json")
    assert ended.code == 130
    assert ended.document["error"]["code"] == "interrupted"
    assert f"videosite watch {VIDEO_ID}" in ended.stderr


def test_json_is_alone_on_stdout(fake: FakeSite) -> None:
    point_to(fake, 9)
    fake.statuses = [status_document("cancelled", 40)]
    ended = run("watch", str(VIDEO_ID), "--json")
    assert ended.code == 2
    assert ended.document["status"] == "cancelled"
    assert "cancelled" in run("watch", str(VIDEO_ID)).stdout


def test_a_video_that_is_not_there(fake: FakeSite) -> None:
    answer = problem(404, "video_not_found", "There is no such video.")
    fake.override["GET /videos/5/transcode-status"] = [answer]
    ended = run("watch", "5", "--json")
    assert ended.code == 1
    assert ended.document["error"] == {"code": "video_not_found", "message": "There is no such video."}
    fake.override["GET /videos/5/transcode-status"] = [answer]
    assert "Failed" not in run("watch", "5").stdout


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({}, "2.0×, 0:03 left"),
        ({"eta_s": None}, "2.0×"),
        ({"speed": None, "eta_s": None}, "processing"),
        ({"status": "completed"}, "completed"),
    ],
)
def test_notes_beside_bars(values: dict[str, object], note: str) -> None:
    (row,) = status_document()["renditions"]
    assert watch._note(row | values) == note


def test_an_answer_that_breaks_off_ends_the_command(fake: FakeSite) -> None:
    fake.override[f"GET /videos/{VIDEO_ID}/transcode-status"] = [httpx.ReadError("gone") for _ in range(4)]
    assert run("watch", str(VIDEO_ID)).code == 1
