"""Looking through everything of one kind, a page at a time, once a day."""

from collections.abc import Callable

from videosite.store.tables import Round

ROUND_S = 24 * 3600
_NOBODYS_VIDEO = 0


def next_page[Found](
    kind: str, now_s: float, list_page: Callable[[str | None], tuple[list[Found], str | None]]
) -> list[Found]:
    """The next page of a kind; empty while the day's round is done.

    `list_page(after)` returns a page and where it ends, None at the end of everything. Where it ends is
    stored before the page is looked at, so that no page can stop the round.
    """
    row = _load(kind)
    if row.not_before_s > now_s:
        return []
    found, after = list_page(row.after)
    Round(_NOBODYS_VIDEO, row.item, after=after, not_before_s=now_s if after else now_s + ROUND_S).save()
    return found


def _load(kind: str) -> Round:
    item = f"round#{kind}"
    try:
        return Round.get(_NOBODYS_VIDEO, item, consistent_read=True)
    except Round.DoesNotExist:
        return Round(_NOBODYS_VIDEO, item)
