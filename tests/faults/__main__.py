"""`make faults`: one job whose workers are killed at random, whose messages of every kind come twice, and
whose stack goes down in the middle, its storage by kill -9; then one whose workers always die, and one that
is cancelled. All must end as they should.

The dice are seeded: `python -m tests.faults --seed 7` throws the same again, as far as clocks allow.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local.stack import down, up
from tests.faults.harm import (
    Repeater,
    encoders,
    kill_storage,
    kill_worker,
    spare_tasks,
    survives_crash,
    ticks,
    wait_for,
)
from tests.media.clips import make_clip, number_of
from tests.media.runner import decode_video
from tests.stack.conftest import RunningStack, inside, options_of, start_stack
from tests.stack.site import ENDED, Site
from tests.stack.test_pipeline import fetch_rendition
from videosite.pipeline import jobs, tasks
from videosite.store.tables import Job, Task

CONSOLE = Console()
FRAMES = 4800
NOISE = "noise=alls=20:allf=t"
RENDITION = "h264-480p"
JOB_S, CRASH_S = 480.0, 120.0
REPEAT_S = 2.0
"""Between looks for messages to repeat, which take a while in which nobody is killed."""
CANCEL_S = 5.0
"""How long FFmpeg may go on after a cancel."""
QUIET_S = 5.0
"""How long messages that come after the end may take to do harm."""


def say(sentence: str) -> None:
    CONSOLE.print(sentence, markup=False, highlight=False)


def harm_one_job(stack: RunningStack, site: Site, clip: Path, kills: int, dice: random.Random) -> int:
    """Upload, and do everything to it that may happen; returns its id once it has ended."""
    video_id = site.upload(clip)
    repeater = Repeater(stack, video_id)
    killed, next_kill_s, next_repeat_s, restarts = 0, 0.0, 0.0, 1
    for _ in ticks(JOB_S):
        if site.status(video_id)["status"] in ENDED:
            break
        if time.monotonic() >= next_repeat_s:
            repeater.repeat()
            next_repeat_s = time.monotonic() + REPEAT_S
        if restarts and killed >= kills // 2:
            if not survives_crash(stack, video_id):
                continue
            restarts -= 1
            say("its storage is killed, the stack goes down and comes up again")
            kill_storage(stack)
            down(stack.home, lambda _: None)
            up(stack.home, options_of(stack.record), lambda _: None)
        if killed < kills and time.monotonic() >= next_kill_s:
            is_spare = spare_tasks(stack, video_id)
            victims = [encoder for encoder in encoders(stack, video_id) if is_spare(encoder)]
            if victims and kill_worker(dice.choice(victims)):
                killed += 1
                next_kill_s = time.monotonic() + dice.uniform(0.1, 1.0)
                say(f"{site.status(video_id)['progress']:3} %  killed {killed} of {kills}")
    ended_as = site.status(video_id)
    assert killed == kills, f"the job ended after {killed} of {kills} kills: {ended_as}"
    assert not restarts
    with inside(stack):
        ended = jobs.load(video_id, 1)
    repeater.repeat()
    site.wait_measured(video_id, JOB_S)
    time.sleep(QUIET_S)
    with inside(stack):
        assert standing(jobs.load(video_id, 1)) == standing(ended), "a message after the end changed the job"
    kinds = Counter(kind for kind, _ in repeater.sent)
    say("sent twice: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
    assert set(kinds) == {"ingest", "task", "publish", "measure"}
    return video_id


def standing(job: Job | None) -> dict[str, object]:
    """What no message may change after a job's end."""
    assert job is not None
    names = ("status", "run", "generation", "done_tasks", "total_tasks", "finished_at_s", "error_code")
    maps = ("open_tasks", "published", "sizes", "took_s")
    kept = {name: getattr(job, name) for name in names}
    return kept | {name: getattr(job, name).as_dict() for name in maps}


def check(stack: RunningStack, site: Site, video_id: int, folder: Path) -> dict[str, str]:
    """What came of it, in words.

    Raises:
        AssertionError: it is not what should have come.
    """
    status = site.status(video_id)
    assert status["status"] == "completed", status
    with inside(stack):
        job = jobs.load(video_id, 1)
        rows = list(Task.query(tasks.job_key(video_id, 1)))
    assert job is not None
    assert job.done_tasks == job.total_tasks == len(rows)
    assert set(job.open_tasks.as_dict().values()) == {0}
    base = site.get(f"videos/{video_id}")["playback"]["hls"].removesuffix("master.m3u8")
    numbers = [number_of(frame) for frame in decode_video(fetch_rendition(base, RENDITION), folder)]
    assert numbers == list(range(FRAMES)), "frames are missing or doubled"
    told = [
        note for note in site.get("notifications")["notifications"]
        if note["type"] == "transcode_complete" and note["video_id"] == video_id
    ]  # fmt: skip
    assert len(told) == 1, told
    return {
        "tasks": str(len(rows)),
        "most attempts of one": str(max(row.attempt for row in rows)),
        "frames": f"{len(numbers)} of {FRAMES}, each once, in order",
        "completion told": "once",
    }


def always_die(stack: RunningStack, site: Site, clip: Path) -> dict[str, str]:
    """Every worker that takes up this video's ranges is killed; the video must fail, and say why."""
    video_id = site.upload(clip)
    killed = 0
    for _ in ticks(CRASH_S, pause_s=0.05):
        killed += sum(kill_worker(encoder) for encoder in encoders(stack, video_id))
        if killed and (status := site.status(video_id))["status"] in ENDED:
            break
    assert status["status"] == "failed", status
    assert status["error"]["code"] == "worker_crashed", status
    return {"killed": str(killed), "status": "failed", "code": status["error"]["code"]}


def cancel(stack: RunningStack, site: Site, clip: Path) -> dict[str, str]:
    """How long after a cancel the last FFmpeg of its video ends."""
    video_id = site.upload(clip)
    wait_for(lambda: encoders(stack, video_id))
    asked_s = time.monotonic()
    site.post(f"videos/{video_id}/cancel")
    for _ in ticks(CRASH_S, pause_s=0.02):
        if not encoders(stack, video_id):
            break
    took_s = time.monotonic() - asked_s
    assert took_s <= CANCEL_S, f"FFmpeg went on for {took_s:.1f} s after the cancel"
    status = site.status(video_id)
    assert status["status"] == "cancelled", status
    return {"no FFmpeg left after": f"{took_s:.1f} s (bar {CANCEL_S:.0f} s)"}


def main() -> None:
    """Run all, print a table, end with 1 if one came out wrong."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    table = Table(title=f"faults, seed {arguments.seed}")
    for heading in ("job", "what", "came out"):
        table.add_column(heading)
    with tempfile.TemporaryDirectory(prefix="videosite-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        home = folder / "home"
        say("starting a stack of its own")
        stack = start_stack(home, ephemeral=False)
        try:
            site = Site(stack.url, **stack.credentials)
            clip = make_clip(folder / "clip.mp4", frames=FRAMES, size="854x480", audio=True)
            dice = random.Random(arguments.seed)
            video_id = harm_one_job(stack, site, clip, arguments.kills, dice)
            for what, outcome in check(stack, site, video_id, folder).items():
                table.add_row(f"{arguments.kills} kills, all twice, one crash", what, outcome)
            # Large and noisy: its workers live long enough to be caught.
            hard = make_clip(folder / "hard.mp4", frames=50, size="1920x1080", filters=NOISE, audio=False)
            for what, outcome in always_die(stack, site, hard).items():
                table.add_row("workers that always die", what, outcome)
            for what, outcome in cancel(stack, site, hard).items():
                table.add_row("cancelled", what, outcome)
        except AssertionError as error:
            CONSOLE.print(table)
            CONSOLE.print(f"wrong: {error}", style="red", markup=False)
            sys.exit(1)
        finally:
            down(stack.home, lambda _: None)
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
