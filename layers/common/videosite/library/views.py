"""Counting views: once per viewer, video and day, after some seconds of play, and not by machines.

A player asks for a play token when it starts, and hands it back when it has played for `COUNT_AFTER_S`. The
time is the server's: a token that comes back too soon counts nothing, however often it comes. A viewer is a
user, or a hash of address and browser with a salt of the day, which nobody can turn back, nor link to the
next day's. A browser may give itself any name, so one network's strangers are counted `PER_NETWORK` at most.

The total is an item of its own, and housekeeping writes it into the video's row once a minute: a write costs
by the size of the whole row, and those of two indexes besides.
"""

import hmac
import re
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from pynamodb.expressions.update import Action

from videosite.accounts import limits
from videosite.accounts.limits import Rate
from videosite.errors import BadInputError, ConflictError, TooManyError
from videosite.settings import require
from videosite.store.secrets import get_secret
from videosite.store.statistics import count
from videosite.store.tables import Video, View
from videosite.store.transactions import applied

COUNT_AFTER_S = 10.0
TOKEN_LIFE_S = 6 * 3600
KEPT_S = 2 * 86_400
TOTAL = "total"
WATCH = "counted"
SHOWN_AFTER_S = 60
PER_NETWORK = Rate(burst=50, interval_s=600)
"""Of one video: a school's or an operator's address is many people's."""

_TOKEN = re.compile(r"([0-9]{1,11})\.([A-Za-z0-9_-]{43})", re.ASCII)
_MACHINES = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|facebookexternalhit|embedly|whatsapp|headless|phantom|puppeteer"
    r"|playwright|selenium|lighthouse|monitor|pingdom|uptime|curl/|wget|python-|httpx|aiohttp|go-http|java/"
    r"|okhttp|libwww|axios|node-fetch|scrapy|archiver|validator",
    re.IGNORECASE,
)


def is_machine(agent: str) -> bool:
    """Whether a User-Agent is one of a known crawler, monitor or library; who names none is one, too."""
    return not agent.strip() or bool(_MACHINES.search(agent))


@dataclass(frozen=True)
class Viewer:
    """Who views: a user, or a stranger (`user_id` None) with a browser in a network (`limits.network_of`)."""

    user_id: str | None
    network: str
    agent: str

    def name(self, at_s: float) -> str:
        """The same for one user, or for one network and browser on one day (UTC)."""
        if self.user_id is not None:
            return f"user#{self.user_id}"
        return _mac(f"viewer|{_day(at_s)}|{self.network}|{self.agent}")[:22]


def start(video: Video, viewer: Viewer, now_s: float | None = None) -> str:
    """A play token. It is given to machines, too, which learn nothing from it."""
    now_s = time.time() if now_s is None else now_s
    if not is_machine(viewer.agent):
        count("plays", 1, now_s)
    return f"{int(now_s)}.{_mac(_played(video.video_id, viewer, int(now_s)))}"


def count_after_s(video: Video) -> float:
    """How long a video has to be played to be viewed: half of a short one."""
    return min(COUNT_AFTER_S, (video.duration_s or 2 * COUNT_AFTER_S) / 2)


def count_view(video: Video, token: str, viewer: Viewer, now_s: float | None = None) -> bool:
    """Count a view; False where it does not count: seen today, one's own, a machine's, or one of too many of
    a network's strangers.

    Raises:
        BadInputError: `bad_play_token`, it is of another viewer or video, or too old.
        ConflictError: `too_soon`.
    """
    now_s = time.time() if now_s is None else now_s
    match = _TOKEN.fullmatch(token)
    began_s = int(match[1]) if match else 0
    expected = _mac(_played(video.video_id, viewer, began_s))
    if not match or not hmac.compare_digest(match[2], expected) or now_s - began_s > TOKEN_LIFE_S:
        raise BadInputError("bad_play_token", "This play token is not valid here; start anew.")
    # It was rounded down by up to a second.
    if now_s - began_s < count_after_s(video):
        raise ConflictError("too_soon", f"A view counts after {count_after_s(video):g} seconds.")
    if is_machine(viewer.agent) or viewer.user_id == video.owner_id:
        return False
    view = View(video.video_id, f"{_day(began_s)}#{viewer.name(began_s)}", expires_at_s=int(now_s) + KEPT_S)
    if not applied(lambda: view.save(condition=View.video_id.does_not_exist())):
        return False
    if viewer.user_id is None and not _has_room(video.video_id, viewer.network, now_s):
        return False
    try:
        _add(video.video_id, now_s)
    except Exception:
        # So that it can be counted by the next attempt.
        view.delete()
        raise
    count("views", 1, now_s)
    return True


def _has_room(video_id: int, network: str, now_s: float) -> bool:
    bucket = f"views#{video_id}#{_mac(f'network|{_day(now_s)}|{network}')[:22]}"
    try:
        limits.take(bucket, PER_NETWORK, now_s)
    except TooManyError:
        return False
    return True


def _add(video_id: int, now_s: float) -> None:
    View(video_id, TOTAL).update(
        [
            View.views.add(1),
            View.watch.set(WATCH),
            View.look_at_s.set(View.look_at_s | (now_s + SHOWN_AFTER_S)),
        ]
    )


def show(video_id: int) -> bool:
    """Write a video's total into its row; whether it was not there yet."""
    total = View.get(video_id, TOTAL, consistent_read=True)
    # Only ever more: an older reading may come later.
    grown = Video.video_id.exists() & (Video.status != "deleting") & (Video.views < total.views)
    shown = applied(lambda: Video(video_id).update([Video.views.set(total.views)], condition=grown))
    # Unless there were more meanwhile: then again in the next round.
    done: list[Action] = [View.watch.remove(), View.look_at_s.remove()]
    applied(lambda: total.update(done, condition=View.views == total.views))
    return shown


def restore(video: Video) -> None:
    """Begin the total of a video whose rows are made again with what its row says."""
    if video.views:
        View(video.video_id, TOTAL, views=video.views).save()


def forget_video(video_id: int, most: int = 20_000) -> bool:
    """Remove the rows of a deleted video's viewers, so many at a time; whether that were all."""
    count = 0
    with View.batch_write() as batch:
        for view in View.query(video_id, consistent_read=True, limit=most):
            batch.delete(view)
            count += 1
    return count < most


def _played(video_id: int, viewer: Viewer, began_s: int) -> str:
    return f"play|{video_id}|{viewer.name(began_s)}|{began_s}"


def _day(now_s: float) -> str:
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%d")


def _mac(text: str) -> str:
    # Of the day, since the day is in what is hashed.
    digest = hmac.digest(get_secret(require("media_secret_arn")).encode(), text.encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
