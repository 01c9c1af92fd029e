"""Takes one rendition's fragments off FFmpeg, checks each against the plan and stores it at once."""

from collections.abc import Callable

from videosite.errors import RetryableError
from videosite.media.boxes import Fragment, FragmentParser, Init, codec_string
from videosite.media.plan import Plan
from videosite.pipeline.publish import INIT, media_prefix, segment_file
from videosite.pipeline.reporting import Reporter
from videosite.settings import get_settings
from videosite.store import objects
from videosite.store.tables import Job

SEGMENT_TYPE = "video/iso.segment"
INIT_TYPE = "video/mp4"


class BadSeekError(Exception):
    """The first fragment is not the one asked for: FFmpeg's seek landed too late."""


class SegmentSink:
    """Stores segments [first, end) of one rendition.

    Only a fragment with exactly the decode time and sample count the plan gives is accepted; the rest
    of the stream after a wrong one is ignored, so `good` counts segments that are final.

    `check_job` is called before each is stored and raises when nobody wants it any more. Those in `kept`
    are in storage already and stay as they are.
    """

    def __init__(
        self,
        job: Job,
        plan: Plan,
        rendition: str,
        first: int,
        end: int,
        check_job: Callable[[], None],
        kept: frozenset[int] = frozenset(),
    ) -> None:
        self._kept = kept
        self._check_job = check_job
        self._plan = plan
        self._rendition = rendition
        self._prefix = f"{media_prefix(job)}{rendition}/"
        self._first = first
        self._end = end
        self._parser = FragmentParser()
        self._off = False
        self.good = 0
        self.size_bytes = 0

    def feed(self, data: bytes, reporter: Reporter) -> bool:
        """Take bytes as they come off the pipe; True when a segment was stored.

        Raises:
            BadSeekError: the first fragment starts at the wrong time.
            RetryableError: `init_differs`, another worker made a different init segment.
            LostLeaseError: the job was cancelled, retried or deleted.
        """
        stored = False
        for item in self._parser.feed(data):
            if isinstance(item, Init):
                self._store_init(item, reporter)
            elif not self._off:
                stored = self._store(item) or stored
        return stored

    def _store_init(self, init: Init, reporter: Reporter) -> None:
        self._check_job()
        bucket = get_settings().media_bucket
        if not objects.put_once(bucket, f"{self._prefix}{INIT}", init.data, INIT_TYPE):
            raise RetryableError("init_differs", f"{self._rendition}: init segments differ between workers.")
        reporter.codec(self._rendition, codec_string(init.data))

    def _store(self, fragment: Fragment) -> bool:
        number = self._first + self.good
        if number >= self._end:
            self._off = True
            return False
        if (fragment.tfdt, fragment.samples) != self._plan.expected(self._rendition, number):
            if self.good == 0:
                raise BadSeekError(self._rendition)
            self._off = True
            return False
        if number not in self._kept:
            self._check_job()
            key = f"{self._prefix}{segment_file(number)}"
            objects.put(get_settings().media_bucket, key, fragment.data, SEGMENT_TYPE)
            self.size_bytes += len(fragment.data)
        self.good += 1
        return True
