"""Views that were counted, into the rows of their videos, by which lists sort."""

from videosite.housekeeping.rows import PAGE, each
from videosite.library import views
from videosite.store.tables import View


def show(now_s: float) -> int:
    """Write totals that have grown into the rows of their videos; returns how many."""
    due = View.by_deadline.query(views.WATCH, View.look_at_s <= now_s, limit=PAGE)
    return each(list(due), lambda found: views.show(found.video_id))
