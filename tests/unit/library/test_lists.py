"""Lists: whose, filtered, sorted, in pages; and that no page costs more the more videos there are."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import QueryError

from tests.unit.pipeline.conftest import make_video
from videosite import ids
from videosite.errors import BadInputError
from videosite.library import lists, names, terms
from videosite.library.lists import Wanted
from videosite.store.tables import Term, Video, base

pytestmark = pytest.mark.usefixtures("aws")

OWN = Wanted(owner_id="ada")
PUBLIC = Wanted(public_only=True)
ALL = Wanted()


def add(video_id: int, **values: Any) -> Video:
    title = values.get("title", "Clip")
    visibility = values.get("visibility", "private")
    keys = {
        f"{name}_key": f"{visibility}#{values[name]}" for name in ("category", "language") if name in values
    }
    video = make_video(
        video_id, **{"owner_id": "ada", "title_key": names.title_key(title), "views": 0, **keys, **values}
    )
    terms.sync(video_id)
    return video


def walk(wanted: Wanted, limit: int = 2) -> list[list[int]]:
    pages, cursor = [], None
    while True:
        page = lists.find(wanted, limit, cursor)
        pages.append([video.video_id for video in page.videos])
        cursor = page.next_cursor
        if cursor is None:
            return pages
        assert len(pages) < 50


def found(wanted: Wanted, limit: int = 2) -> list[int]:
    return [video_id for page in walk(wanted, limit) for video_id in page]


# --- whose ------------------------------------------------------------------------------------------


def test_own_videos_newest_first_in_pages() -> None:
    for number in range(1, 8):
        add(number, owner_id="ada" if number != 4 else "bob")
    add(9, status="deleting")
    assert walk(OWN) == [[7, 6], [5, 3], [2, 1]]
    assert walk(Wanted(owner_id="nobody")) == [[]]


def test_public_videos_are_those_to_watch() -> None:
    add(1, visibility="public", status="completed")
    add(2, visibility="private", status="completed")
    add(3, visibility="public", status="failed")
    add(4, visibility="public", status="processing")
    add(5, visibility="unlisted", status="completed")
    add(6, visibility="public", status="failed", published_generation=1)
    assert found(PUBLIC, 1) == [6, 4, 1]


def test_staff_see_everything_in_one_order() -> None:
    for number, visibility in enumerate(["public", "private", "unlisted", "private", "public", "public"], 1):
        add(number, visibility=visibility)
    assert walk(ALL, 4) == [[6, 5, 4, 3], [2, 1]]
    assert walk(ALL, 6) == [[6, 5, 4, 3, 2, 1]]


# --- sorted -----------------------------------------------------------------------------------------

SORTED = {
    "newest": [5, 4, 3, 2, 1],
    "oldest": [1, 2, 3, 4, 5],
    "title": [2, 4, 1, 3, 5],
    "duration": [3, 1, 2, 4],
    "views": [4, 1, 5, 3, 2],
}


@pytest.mark.parametrize("wanted", [OWN, ALL, PUBLIC], ids=["own", "all", "public"])
def test_every_order_in_pages_of_any_size(wanted: Wanted) -> None:
    """With equal views, and one that was not planned yet and has no duration."""
    mixed = ["public", "private", "private", "unlisted", "public"]
    titles = [("mole", 20.5, 3), ("Ant", 10, 0), ("Ｍouse", 99, 1), ("bee", 1.25, 4), ("zebra", None, 3)]
    for number, (title, duration_s, views) in enumerate(titles, 1):
        add(
            number, title=title, duration_s=duration_s, views=views, status="completed",
            visibility="public" if wanted is PUBLIC else mixed[number - 1],
        )  # fmt: skip
    orders: Any = SORTED
    for sort, expected in orders.items():
        for limit in (1, 2, 100):
            ordered = found(Wanted(wanted.public_only, wanted.owner_id, sort=sort), limit)
            if sort == "views":
                # Which of two that are equal comes first is nobody's business.
                assert (ordered[0], set(ordered[1:3]), ordered[3:]) == (4, {1, 5}, [3, 2])
            else:
                assert ordered == expected


def test_many_that_are_equal_are_all_listed_once() -> None:
    for number in range(1, 12):
        add(number, visibility=lists.VISIBILITIES[number % 3])
    for wanted in (Wanted(sort="views"), Wanted(sort="title"), Wanted(owner_id="ada", sort="views")):
        assert sorted(found(wanted, 3)) == list(range(1, 12))


# --- filtered ---------------------------------------------------------------------------------------


@pytest.fixture
def zoo(aws: None) -> None:
    add(1, visibility="public", status="completed", category="animals", language="en", tags={"cat", "night"})
    add(
        2, visibility="public", status="completed", category="music", language="de", tags={"cat"},
        video_codecs={"h264", "av1"},
    )  # fmt: skip
    add(3, visibility="private", status="failed", category="animals", language="de", tags={"night"})
    add(4, visibility="unlisted", status="completed", category="animals", language="en", owner_id="bob")
    add(
        5, visibility="public", status="processing", category="animals", tags={"cat", "night"}, owner_id="bob"
    )


@pytest.mark.usefixtures("zoo")
@pytest.mark.parametrize(
    ("filters", "own", "public", "everything"),
    [
        ({"status": "completed"}, [2, 1], [2, 1], [4, 2, 1]),
        ({"visibility": "public"}, [2, 1], [5, 2, 1], [5, 2, 1]),
        ({"category": "animals"}, [3, 1], [5, 1], [5, 4, 3, 1]),
        ({"language": "de"}, [3, 2], [2], [3, 2]),
        ({"tag": "cat"}, [2, 1], [5, 2, 1], [5, 2, 1]),
        ({"tag": "night", "category": "animals"}, [3, 1], [5, 1], [5, 3, 1]),
        ({"category": "animals", "language": "en"}, [1], [1], [4, 1]),
        ({"category": "animals", "status": "completed"}, [1], [1], [4, 1]),
        ({"tag": "dog"}, [], [], []),
        ({"codec": "av1"}, [2], [2], [2]),
        ({"category": "animals", "sort": "title"}, [1, 3], [1, 5], [1, 3, 4, 5]),
        ({"tag": "night", "sort": "oldest"}, [1, 3], [1, 5], [1, 3, 5]),
    ],
    ids=str,
)
def test_filters(filters: Any, own: list[int], public: list[int], everything: list[int]) -> None:
    for wanted, expected in (
        (Wanted(owner_id="ada", **filters), own),
        (Wanted(public_only=True, **filters), public),
        (Wanted(**filters), everything),
    ):
        for limit in (1, 50):
            assert found(wanted, limit) == expected


def test_videos_of_a_time() -> None:
    times_s = [1_760_000_000, 1_760_000_100, 1_760_000_200]
    made = [add(ids.video_id(at_s * 1000, 7), visibility="public", status="completed") for at_s in times_s]
    for whose in ({"owner_id": "ada"}, {"public_only": True}, {}):
        for sort in ("newest", "oldest", "title"):
            wanted: Any = {**whose, "since_s": times_s[1], "until_s": times_s[2], "sort": sort}
            assert found(Wanted(**wanted)) == [made[1].video_id]


# --- search -----------------------------------------------------------------------------------------


def test_words_of_title_tags_and_description_are_found() -> None:
    add(1, title="A day at the Sea", visibility="public", status="completed")
    add(2, title="Night", tags={"sea"}, visibility="public", status="completed")
    add(3, title="Night", description="Far from the SEA.", visibility="public", status="completed")
    add(4, title="Sea, private", status="completed")
    add(5, title="海边的日落", visibility="public", status="completed")
    assert found(Wanted(public_only=True, text="sea")) == [3, 2, 1]
    assert found(Wanted(public_only=True, text="night SEA")) == [3, 2]
    assert found(Wanted(public_only=True, text="日落")) == [5]
    assert found(Wanted(owner_id="ada", text="sea")) == [4, 3, 2, 1]
    assert found(Wanted(text="sea", tag="sea")) == [2]
    assert found(Wanted(public_only=True, text="sea lion")) == []
    assert found(Wanted(public_only=True, text="?!")) == []
    with pytest.raises(BadInputError, match="bad_sort"):
        lists.find(Wanted(text="sea", sort="title"), 10)


def test_a_rare_word_beside_a_common_one() -> None:
    for number in range(1, 40):
        add(number, title="cat and dog" if number in (3, 30) else "cat")
    assert walk(Wanted(owner_id="ada", text="cat dog"), 1) == [[30], [3]]


def test_a_late_row_of_the_index_shows_nobody_anything() -> None:
    video = add(1, title="sea", visibility="public", status="completed")
    video.update([Video.visibility.set("private")])
    assert found(Wanted(public_only=True, text="sea")) == []
    video.update([Video.visibility.set("public"), Video.title.set("sand")])
    assert found(Wanted(public_only=True, text="sea")) == []


# --- cost -------------------------------------------------------------------------------------------


class _Counter:
    """Counts the rows that tables hand out."""

    def __init__(self) -> None:
        self.rows = self.calls = 0


@pytest.fixture
def counter() -> Iterator[_Counter]:
    count = _Counter()
    client: Any = base.shared_connection().client

    def note(parsed: Any, model: Any, **_: Any) -> None:
        assert model.name != "Scan"
        count.calls += 1
        count.rows += parsed.get("ScannedCount", 0)

    client.meta.events.register("after-call.dynamodb", note, unique_id="count-rows")
    yield count
    client.meta.events.unregister("after-call.dynamodb", unique_id="count-rows")


def test_a_rare_word_beside_a_common_one_costs_few_calls(counter: _Counter) -> None:
    for number in range(1, 250):
        add(number, title="cat and dog" if number % 100 == 0 else "cat")
    counter.calls = 0
    page = lists.find(Wanted(owner_id="ada", text="cat dog"), 10)
    assert [video.video_id for video in page.videos] == [200, 100]
    # A page of each word, what is common to them, the videos.
    assert counter.calls == 4


def test_somebody_owns_videos_though_a_page_of_them_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of videos that were just deleted make pages short."""
    pages = [lists.Page([], "next"), lists.Page([add(1)], None)]
    monkeypatch.setattr(lists, "find", lambda *_: pages.pop(0))
    assert lists.owns_any("ada")
    pages = [lists.Page([], "next"), lists.Page([], None)]
    assert not lists.owns_any("ada")


COSTLY = (
    OWN,
    PUBLIC,
    ALL,
    Wanted(sort="views"),
    Wanted(public_only=True, category="animals"),
    Wanted(public_only=True, tag="cat"),
    Wanted(public_only=True, text="cat"),
    Wanted(public_only=True, category="music"),
    Wanted(public_only=True, category="music", sort="title"),
)


def test_a_page_costs_the_same_however_many_videos_there_are(
    counter: _Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_READ", 30)
    monkeypatch.setattr(lists, "READ_AT_ONCE", 10)
    monkeypatch.setattr(terms, "PAGE", 10)
    monkeypatch.setattr(lists, "FETCHED_AT_ONCE", 5)
    costs = []
    for more in (range(1, 41), range(41, 121)):
        for number in more:
            make_video(
                number, owner_id="ada", visibility="public", status="completed", category="animals",
                category_key="public#animals", title_key=f"clip {number}", tags={"cat"}, title="cat",
            )  # fmt: skip
        with Term.batch_write() as batch:
            for term in ("public#tag#cat", "public#word#cat"):
                for number in more:
                    batch.save(Term(term, number))
        for wanted in COSTLY:
            counter.rows = counter.calls = 0
            lists.find(wanted, 5)
            costs.append((counter.calls, counter.rows))
    assert costs[: len(COSTLY)] == costs[len(COSTLY) :]
    assert max(rows for _, rows in costs) <= 3 * 10 + 30


# --- cursors ----------------------------------------------------------------------------------------


def cursor_of(document: Any) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "document",
    [
        "",
        1,
        [],
        [2, "x", {}],
        [1, OWN.digest, {}],
        [2, OWN.digest, {"ada": [1]}],
        [2, OWN.digest, {"ada": ["1", 1]}],
        [2, OWN.digest, {"ada": [1, -1]}],
        [2, OWN.digest, {"ada": [2**60, 1]}],
        [2, OWN.digest, {"ada": [7, 6]}],
        [2, OWN.digest, {"ada": [True, True]}],
        [2, OWN.digest, {"term": True}],
        [2, OWN.digest, {"term": "x"}],
        [2, OWN.digest, []],
    ],
    ids=str,
)
def test_made_up_cursors_are_refused(document: Any) -> None:
    with pytest.raises(BadInputError, match="bad_cursor"):
        lists.find(OWN, 2, cursor_of(document))


AGED = Wanted(owner_id="ada", since_s=1_764_504_000.0)
BY_TITLE, BY_VIEWS = Wanted(owner_id="ada", sort="title"), Wanted(owner_id="ada", sort="views")


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (AGED, [1, 1]),
        (BY_TITLE, ["a" * 1200, 1]),
        (BY_TITLE, ["\ud800", 1]),
        (BY_TITLE, ["", 1]),
        (BY_VIEWS, [True, 1]),
        (BY_VIEWS, [float("nan"), 1]),
        (BY_VIEWS, [1, True]),
    ],
    ids=str,
)
def test_places_that_no_table_takes_are_refused(wanted: Wanted, place: list[Any]) -> None:
    """Anybody can make a cursor: DynamoDB would refuse these itself, as a fault of ours."""
    text = json.dumps([2, wanted.digest, {"ada": place}])
    with pytest.raises(BadInputError, match="bad_cursor"):
        lists.find(wanted, 2, urlsafe_b64encode(text.encode()).decode())


def test_what_the_table_refuses_of_a_cursor_is_the_cursors_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        cause = ClientError({"Error": {"Code": "ValidationException"}}, "Query")
        raise QueryError("The provided starting key is invalid", cause)

    monkeypatch.setattr(Video.by_owner, "query", refuse)
    with pytest.raises(BadInputError, match="bad_cursor"):
        lists.find(OWN, 2, cursor_of([2, OWN.digest, {"ada": [1, 1]}]))
    with pytest.raises(QueryError):
        lists.find(OWN, 2)


@pytest.mark.parametrize("cursor", ["é", "%%%", "=", "a", "W10"])
def test_cursors_that_are_none_are_refused(cursor: str) -> None:
    with pytest.raises(BadInputError, match="bad_cursor"):
        lists.find(OWN, 2, cursor)


def test_a_cursor_is_of_its_list_only() -> None:
    for number in range(1, 5):
        add(number)
    cursor = lists.find(OWN, 2).next_cursor
    assert [video.video_id for video in lists.find(OWN, 2, cursor).videos] == [2, 1]
    for other in (ALL, Wanted(owner_id="bob"), Wanted(owner_id="ada", sort="oldest")):
        with pytest.raises(BadInputError, match="bad_cursor"):
            lists.find(other, 2, cursor)
