"""The index of terms: which videos have a tag, or a word in their title, tags or description.

A row per video, term and list it is in: `public` (what anybody may find), `owner#…` and `all` (for staff).
What a row says is checked against the video when it is read, so a late row shows nobody what is not theirs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from videosite.pipeline import jobs
from videosite.store.attempts import attempts
from videosite.store.tables import Term, Video
from videosite.store.transactions import applied

MAX_WORDS = 60
"""Of one video: title and tags first, then its description."""
MAX_WORD_CHARS = 32
PAGE = 100
MOST_READS = 20
"""Pages read for one answer; what was not reached is on the next page."""
MAX_ASKED = 10
"""Words looked up; of what else is asked for, the videos found are checked for it."""
_CLASHES = 5

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")


def words(text: str) -> list[str]:
    """The words of a text, each once, in its order: case and width make no difference. Of Chinese, Japanese
    and Korean, which put no spaces between words, every two neighbours are one.

    >>> words("A day at the SEA, 海边的日")
    ['day', 'at', 'the', 'sea', '海边', '边的', '的日']
    """
    found: dict[str, None] = {}
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if re.match(f"[{_CJK}]", run):
            found |= dict.fromkeys(run[at : at + 2] for at in range(max(1, len(run) - 1)))
        elif len(run) > 1 or run.isdigit():
            found[run[:MAX_WORD_CHARS]] = None
    return list(found)


def words_of(video: Video) -> list[str]:
    """What a video is found by."""
    text = " ".join((video.title, *sorted(video.tags or ()), video.description))
    return words(text)[:MAX_WORDS]


def tag_term(where: str, tag: str) -> str:
    """The key of a tag in a list."""
    return f"{where}#tag#{tag}"


def word_term(where: str, word: str) -> str:
    """The key of a word in a list."""
    return f"{where}#word#{word}"


def owner_list(owner_id: str) -> str:
    """The name of the list of a user's videos."""
    return f"owner#{owner_id}"


def wanted(video: Video) -> set[str]:
    """All terms that the index should have of a video."""
    if video.status == "deleting":
        return set()
    lists = ["all", owner_list(video.owner_id), *(["public"] if video.visibility == "public" else [])]
    found = {word_term(where, word) for where in lists for word in words_of(video)}
    return found | {tag_term(where, tag) for where in lists for tag in video.tags or ()}


def sync(video_id: int) -> None:
    """Bring the index to what the video says now. Safe to repeat; after a crash the next change mends it.

    The row names what the index may hold before the index does, so that nothing of it is ever forgotten.
    """
    for _ in attempts(_CLASHES):
        video = jobs.load_video(video_id)
        before, after = set(video.terms or ()), wanted(video)
        if before == after or _write(video, before, after):
            return


def _write(video: Video, before: set[str], after: set[str]) -> bool:
    same = Video.updated_at_s == video.updated_at_s
    if not applied(lambda: video.update([Video.terms.set(before | after)], condition=same)):
        return False
    with Term.batch_write() as batch:
        for term in after - before:
            batch.save(Term(term, video.video_id))
        for term in before - after:
            batch.delete(Term(term, video.video_id))
    return applied(
        lambda: video.update(
            [Video.terms.set(after) if after else Video.terms.remove()],
            condition=same & (Video.status != "deleting"),
        )
    )


def remove_all(video: Video) -> None:
    """Take a video off the index, for good."""
    with Term.batch_write() as batch:
        for term in video.terms or ():
            batch.delete(Term(term, video.video_id))
    applied(lambda: video.update([Video.terms.remove()], condition=Video.video_id.exists()))


class Search:
    """The videos that have all of some terms, the newest first, from `top` down.

    Rows are read, in pages, of the term that is rarest just below `top`, and each page is looked up among the
    others' rows. After `MOST_READS` it stops: `done` is False, and `top` is where to go on from.
    """

    def __init__(self, terms: Sequence[str], top: int) -> None:
        self._terms = terms
        self._reads = 0
        self.top = top
        self.done = False

    def __iter__(self) -> Iterator[int]:
        rarest, page = self._rarest()
        others = [term for term in self._terms if term != rarest]
        while page:
            for found in self._in_all(page, others):
                self.top = found - 1
                yield found
            self.top = page[-1] - 1
            if len(page) < PAGE:
                break
            if self._reads >= MOST_READS:
                return
            page = self._read(rarest)
        self.done = True

    def _rarest(self) -> tuple[str, list[int]]:
        """The term whose first page reaches furthest, and that page."""

        def reach(item: tuple[str, list[int]]) -> tuple[int, int]:
            _, page = item
            return page[-1] if len(page) == PAGE else 0, len(page)

        return min(((term, self._read(term)) for term in self._terms), key=reach)

    def _read(self, term: str) -> list[int]:
        """The first videos of a term from `top` down."""
        self._reads += 1
        rows = Term.query(term, Term.video_id <= self.top, scan_index_forward=False, limit=PAGE)
        return [row.video_id for row in rows]

    def _in_all(self, page: list[int], terms: Sequence[str]) -> list[int]:
        """Those of some videos that have all of some terms."""
        for term in terms:
            if not page:
                break
            self._reads += 1
            there = {row.video_id for row in Term.batch_get([(term, video_id) for video_id in page])}
            page = [video_id for video_id in page if video_id in there]
        return page
