"""Which tasks go out, in which order, and what follows the last one."""

import json
from collections.abc import Callable

import pytest

from tests.unit.pipeline.conftest import make_job, make_task, make_video
from videosite.pipeline.dispatch import after_task, dispatch, ready_codecs
from videosite.store.tables import Job, entry

Messages = Callable[[str], list[str]]


@pytest.mark.usefixtures("aws")
def test_urgent_tasks_go_first_and_the_rest_by_window(messages: Messages) -> None:
    job = make_job(make_video())
    make_task(job, "h264", 0, 1, urgent=True)
    make_task(job, "audio", 0, 9, urgent=True)
    make_task(job, "image", 0, 1, urgent=True)
    for first in (1, 3, 5):
        make_task(job, "h264", first, first + 2)
    assert dispatch(job) == 3
    assert sorted(json.loads(body)["task_id"] for body in messages("urgent")) == [
        "audio#000000",
        "h264#000000",
        "image#000000",
    ]
    assert messages("bulk") == []


@pytest.mark.usefixtures("aws")
def test_the_window_is_filled_and_not_passed(messages: Messages) -> None:
    job = make_job(make_video())
    for first in range(5):
        make_task(job, "h264", first, first + 1)
    assert dispatch(job) == 2
    assert dispatch(job) == 0
    assert [json.loads(body)["task_id"] for body in messages("bulk")] == ["h264#000000", "h264#000001"]


@pytest.mark.usefixtures("aws")
def test_a_long_film_never_stands_before_a_short_clip(messages: Messages) -> None:
    """Of the film at most its window is queued before the clip, and nothing but its own urgent tasks
    before the clip's first range."""
    film, clip = make_job(make_video(7)), make_job(make_video(8))
    for job, ranges in ((film, 300), (clip, 2)):
        make_task(job, "h264", 0, 1, urgent=True)
        for first in range(1, ranges):
            make_task(job, "h264", first, first + 1)
        dispatch(job)
    after_task(film)
    bulk = [json.loads(body)["video_id"] for body in messages("bulk")]
    # The urgent task counts for the window of two.
    assert bulk == [7, 8]
    assert [json.loads(body)["video_id"] for body in messages("urgent")] == [7, 8]


@pytest.mark.usefixtures("aws")
def test_h264_comes_before_av1(messages: Messages) -> None:
    job = make_job(make_video())
    make_task(job, "av1", 0, 1)
    make_task(job, "h264", 7, 8)
    make_task(job, "h264", 8, 9)
    dispatch(job)
    assert [json.loads(body)["task_id"] for body in messages("bulk")] == ["h264#000007", "h264#000008"]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("left", "sent"),
    [
        ({"h264": 1, "av1": 0, "previews": 1}, 0),
        ({"h264": 0, "av1": 1, "previews": 1}, 1),
        ({"av1": 1, "previews": 1}, 0),
        ({"av1": 0, "previews": 1}, 1),
    ],
)
def test_previews_wait_for_the_segments_they_are_made_of(
    left: dict[str, int], sent: int, messages: Messages
) -> None:
    job = make_job(make_video(), open_tasks=left)
    make_task(job, "previews", 0, 1)
    assert dispatch(job) == sent
    assert len(messages("bulk")) == sent


def test_a_codec_is_ready_when_its_tasks_and_audio_are_done() -> None:
    from videosite.store.tables import Job

    def job(**open_tasks: int) -> Job:
        return Job(1, "job#00001", open_tasks=open_tasks)

    assert ready_codecs(job(h264=0, audio=0, image=0)) == ["h264"]
    assert ready_codecs(job(h264=0, audio=1, image=0)) == []
    assert ready_codecs(job(h264=0, av1=2, image=0)) == ["h264"]
    assert ready_codecs(job(h264=2, av1=0, image=0)) == []
    assert ready_codecs(job(h264=0, av1=0, image=0)) == ["h264"]
    # Pictures delay the end, and nobody's play.
    assert ready_codecs(job(h264=0, av1=2, image=1, previews=1)) == ["h264"]
    assert ready_codecs(job(h264=0, image=0, previews=1)) == ["h264"]
    assert ready_codecs(Job(1, "job#00001", open_tasks={"h264": 0, "av1": 0}, published={"h264": 5})) == [
        "av1"
    ]
    # All published, and open: it ends when nothing is left.
    left = {"h264": 0, "previews": 1}
    assert ready_codecs(Job(1, "job#00001", open_tasks=left, published={"h264": 5})) == []
    assert ready_codecs(Job(1, "job#00001", open_tasks={"h264": 0}, published={"h264": 5})) == ["h264"]
    assert ready_codecs(Job(1, "job#00001")) == []


@pytest.mark.usefixtures("aws")
def test_sound_to_be_normalised_waits_until_it_is_measured(messages: Messages) -> None:
    job = make_job(make_video(), plan={"normalize": True}, open_tasks={"audio": 1, "loudness": 1})
    make_task(job, "audio", 0, 9, urgent=True)
    make_task(job, "loudness", 0, 1, urgent=True)
    dispatch(job)
    assert [json.loads(body)["task_id"] for body in messages("urgent")] == ["loudness#000000"]
    job.update(actions=[entry(Job.open_tasks, "loudness").set(0)])
    after_task(job)
    assert [json.loads(body)["task_id"] for body in messages("urgent")] == ["audio#000000"]


def test_only_the_end_waits_for_loudness_and_subtitles() -> None:
    left = {"h264": 0, "av1": 0, "audio": 0, "image": 0, "loudness": 1, "subtitles": 0}
    assert ready_codecs(Job(1, "job#00001", open_tasks=left)) == ["h264"]
    assert ready_codecs(Job(1, "job#00001", open_tasks=left, published={"h264": 5})) == ["av1"]
    assert ready_codecs(Job(1, "job#00001", open_tasks=left, published={"h264": 5, "av1": 5})) == []
    left["loudness"] = 0
    assert ready_codecs(Job(1, "job#00001", open_tasks=left, published={"h264": 5})) == ["av1"]


@pytest.mark.usefixtures("aws")
def test_repeating_what_follows_a_task_repeats_the_publish_message(messages: Messages) -> None:
    job = make_job(make_video(), open_tasks={"h264": 0, "audio": 0, "image": 0})
    after_task(job)
    after_task(job)
    assert [json.loads(body)["codec"] for body in messages("publish")] == ["h264", "h264"]


def test_loudness_of_a_long_film_goes_before_its_picture_when_the_sound_waits_for_it(
    messages: Messages,
) -> None:
    for video_id, normalize in ((7, True), (8, False)):
        left = {"h264": 1, "audio": 1, "loudness": 1}
        job = make_job(make_video(video_id), plan={"normalize": normalize}, open_tasks=left)
        make_task(job, "h264", 0, 1)
        make_task(job, "loudness", 0, 1)
        dispatch(job)
    sent = [json.loads(body)["task_id"] for body in messages("bulk")]
    assert sent == ["loudness#000000", "h264#000000", "h264#000000", "loudness#000000"]
