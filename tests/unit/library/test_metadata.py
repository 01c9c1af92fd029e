"""What owners say of their videos, cleaned and limited; who may see them; the index that follows."""

from typing import Any

import pytest

from tests.unit.library.factories import complete, make_transcode
from tests.unit.pipeline.conftest import make_video
from videosite.errors import BadInputError, ChangedError, NotFoundError
from videosite.library import lists, metadata, names
from videosite.library.lists import Wanted
from videosite.library.metadata import WATCH_REKEY, Changes, change, find_shared
from videosite.pipeline import jobs
from videosite.pipeline.deletion import begin
from videosite.store.tables import Term, Video

pytestmark = pytest.mark.usefixtures("site")

NOW_S = 1_800_000_000.0


def changed(**values: Any) -> Video:
    return change(jobs.load_video(7), Changes(**values), NOW_S)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"title": "  The \u202e sea\n "}, {"title": "The sea"}),
        ({"description": "a\r\n\r\n\r\n\r\nb\x00  c\u202e"}, {"description": "a\n\nb c"}),
        ({"description": ""}, {"description": ""}),
        pytest.param(
            {"tags": ["#Sea ", "sea", "  ", "Caf\u0065\u0301"]}, {"tags": {"sea", "caf\u00e9"}}, id="tags"
        ),
        ({"tags": []}, {"tags": None}),
        ({"category": "travel"}, {"category": "travel", "category_key": "public#travel"}),
        ({"category": ""}, {"category": None, "category_key": None}),
        ({"language": "ZH-hans-cn"}, {"language": "zh-Hans-CN", "language_key": "public#zh-Hans-CN"}),
        ({}, {"title": "Clip", "visibility": "public"}),
    ],
    ids=str,
)
def test_what_is_given_is_cleaned_and_the_rest_stays(given: Any, kept: dict[str, Any]) -> None:
    make_video(7, visibility="public")
    video = changed(**given)
    assert {name: getattr(video, name) for name in kept} == kept
    assert video.updated_at_s == NOW_S


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"title": " "}, "bad_title"),
        ({"description": "x" * 5001}, "bad_description"),
        ({"tags": [str(n) for n in range(21)]}, "bad_tags"),
        ({"tags": ["x" * 51]}, "bad_tags"),
        ({"category": "cooking"}, "bad_category"),
        ({"language": "english"}, "bad_language"),
        ({"language": "e"}, "bad_language"),
        ({"language": "en_US"}, "bad_language"),
    ],
    ids=str,
)
def test_what_cannot_be_kept_is_refused(given: Any, code: str) -> None:
    make_video(7)
    with pytest.raises(BadInputError, match=code):
        changed(**given)


@pytest.mark.parametrize(
    "tag", ["de", "pt-BR", "zh-Hans", "sr-Latn-RS", "es-419", "de-1996", "sl-rozaj-biske"]
)
def test_languages_are_bcp_47(tag: str) -> None:
    assert names.clean_language(tag.upper()) == tag


def test_a_change_survives_one_of_the_transcode_meanwhile() -> None:
    seen = make_video(7)
    Video(7).update([Video.status.set("processing"), Video.updated_at_s.set(2.0)])
    assert change(seen, Changes(title="Sea"), NOW_S).title == "Sea"
    assert jobs.load_video(7).status == "processing"
    with pytest.raises(ChangedError):
        change(seen, Changes(title="Sand"), NOW_S, only_as_seen=True)


def test_what_is_deleted_meanwhile_stays_deleted() -> None:
    seen = make_video(7)
    begin(jobs.load_video(7), NOW_S)
    with pytest.raises(NotFoundError):
        change(seen, Changes(title="Sea"), NOW_S + 1)
    assert jobs.load_video(7).title == ""


def test_the_index_follows_every_change() -> None:
    make_video(7, visibility="public", status="completed")
    changed(title="Sea", tags=["beach"])
    assert {row.term for row in Term.scan()} == {
        f"{where}#{what}"
        for where in ("public", "owner#owner", "all")
        for what in ("word#sea", "word#beach", "tag#beach")
    }
    changed(title="Sand", tags=[], visibility="private")
    left = {row.term for row in Term.scan()}
    assert left == {"owner#owner#word#sand", "all#word#sand"} == jobs.load_video(7).terms
    assert lists.find(Wanted(public_only=True, text="sand"), 5).videos == []


def test_an_unlisted_video_is_found_by_its_slug_alone() -> None:
    make_video(7)
    slug = changed(visibility="unlisted").share_slug
    assert slug is not None
    assert len(slug) == 22
    assert find_shared(slug).video_id == 7
    for other in ("x" * 22, slug[:-1] + ("A" if slug[-1] != "A" else "B")):
        with pytest.raises(NotFoundError):
            find_shared(other)
    assert changed(visibility="private").share_slug is None
    again = changed(visibility="unlisted").share_slug
    assert again != slug
    with pytest.raises(NotFoundError):
        find_shared(slug)
    begin(jobs.load_video(7), NOW_S)
    with pytest.raises(NotFoundError):
        find_shared(str(again))


@pytest.mark.parametrize("before", metadata.WIDTH)
@pytest.mark.parametrize("after", metadata.WIDTH)
def test_media_move_when_fewer_may_see_them(before: str, after: str) -> None:
    complete(*make_transcode(visibility=before))
    video = changed(visibility=after)
    narrower = metadata.WIDTH[after] < metadata.WIDTH[before]
    assert (video.watch, video.rekey_since_s) == ((WATCH_REKEY, NOW_S) if narrower else (None, None))


def test_a_video_without_a_transcode_has_nothing_to_move() -> None:
    make_video(7, visibility="public", watch="open", look_at_s=1.0)
    assert changed(visibility="private").watch == "open"
