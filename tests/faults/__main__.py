"""`make faults`: one job whose workers are killed at random, whose messages all come twice, and whose stack
is stopped and started in the middle; then one whose workers always die. Both must end as they should.

The dice are seeded: `python -m tests.faults --seed 7` throws the same again, as far as clocks allow.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local.stack import down, up
from tests.faults.harm import Repeater, encoders, kill_worker, spare_tasks, ticks
from tests.media.clips import make_clip, number_of
from tests.media.runner import decode_video
from tests.stack.conftest import RunningStack, inside, options_of, start_stack
from tests.stack.site import ENDED, Site
from tests.stack.test_pipeline import fetch_rendition
from videosite.pipeline import jobs, tasks
from videosite.store.tables import Task

CONSOLE = Console()
FRAMES = 2400
NOISE = "noise=alls=20:allf=t"
RENDITION = "h264-480p"
JOB_S, CRASH_S = 480.0, 120.0


def say(sentence: str) -> None:
    CONSOLE.print(sentence, markup=False, highlight=False)


def harm_one_job(stack: RunningStack, site: Site, clip: Path, kills: int, dice: random.Random) -> int:
    """Upload, and do everything to it that may happen; returns its id once it has ended."""
    video_id = site.upload(clip)
    repeater = Repeater(stack, video_id)
    killed, next_kill_s, restarts = 0, 0.0, 1
    for _ in ticks(JOB_S):
        if site.status(video_id)["status"] in ENDED:
            break
        repeater.repeat()
        if restarts and killed >= kills // 2:
            restarts -= 1
            say("the stack goes down and comes up again")
            down(stack.home, lambda _: None)
            up(stack.home, options_of(stack.record), lambda _: None)
        if killed < kills and time.monotonic() >= next_kill_s:
            is_spare = spare_tasks(stack, video_id)
            victims = [encoder for encoder in encoders(stack, video_id) if is_spare(encoder)]
            if victims and kill_worker(dice.choice(victims)):
                killed += 1
                next_kill_s = time.monotonic() + dice.uniform(0.1, 1.0)
                say(f"{site.status(video_id)['progress']:3} %  killed {killed} of {kills}")
    assert killed == kills, f"the job ended after {killed} of {kills} kills"
    assert not restarts
    say(f"{len(repeater.sent)} messages were sent twice")
    return video_id


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


def main() -> None:
    """Run both, print a table, end with 1 if one came out wrong."""
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
                table.add_row(f"{arguments.kills} kills, all twice, one restart", what, outcome)
            # Large and noisy: its workers live long enough to be caught.
            hard = make_clip(folder / "hard.mp4", frames=50, size="1920x1080", filters=NOISE, audio=False)
            for what, outcome in always_die(stack, site, hard).items():
                table.add_row("workers that always die", what, outcome)
        except AssertionError as error:
            CONSOLE.print(table)
            CONSOLE.print(f"wrong: {error}", style="red", markup=False)
            sys.exit(1)
        finally:
            down(stack.home, lambda _: None)
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
