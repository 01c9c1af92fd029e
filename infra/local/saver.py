"""MiniStack that writes its tables down while it runs, so that a kill costs seconds and not everything; and
that does not wait for logs.

MiniStack 1.5.33 writes its state only when it is stopped. This starts the same server and writes the same
files from a thread: everything when SIGUSR1 asks for it (`up` does, when what it deployed is there), and
after that tables, queues and secrets every few seconds. Each file is replaced whole, so a kill while one is
written leaves the one before.

Run by MiniStack's own Python, which has nothing of ours: `python -P saver.py`.
"""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partialmethod
from pathlib import Path
from typing import Any

CHANGING = ("dynamodb", "sqs", "secretsmanager")
"""State that changes without a deployment."""
PAUSE_S = 5.0
SHARE = 0.01
"""Of one core that saving may take: a large library is saved less often."""
ATTEMPTS = 3
"""Requests go on while state is copied, and may change what is being walked through."""
LOG_WAIT_S = 0.005
"""For the first line an invocation may have logged."""

logger = logging.getLogger("saver")


class Saver:
    """Writes states that may change meanwhile.

    Args:
        states: what there is, by name; each is asked for as it is at that moment, None: there is nothing.
        encode: the text of a state's file, by name and state.
        folder: where `{name}.json` go.
    """

    def __init__(
        self,
        states: Callable[[], Mapping[str, Callable[[], Any]]],
        encode: Callable[[str, Any], str],
        folder: Path,
    ) -> None:
        self._states = states
        self._encode = encode
        self._folder = folder
        self._wanted = threading.Event()
        self._written: dict[str, int] = {}
        self._writing = threading.Lock()
        self._ended = False
        # Tables alone would not fit to the rest: without a deployment on disk nothing is written.
        self._deployed = (folder / "cloudformation.json").exists()

    def ask(self, *_: object) -> None:
        """Have everything saved soon; a signal handler."""
        self._wanted.set()

    def end(self) -> None:
        """Write nothing any more: MiniStack does, for the last time, and nothing older may come after it."""
        with self._writing:
            self._ended = True

    def run(self) -> None:
        """Save for ever."""
        pause_s = PAUSE_S
        while True:
            pause_s = self.turn(pause_s)

    def turn(self, pause_s: float) -> float:
        """Wait so long, or until it is asked for, and save; returns the next pause in seconds."""
        everything = self._wanted.wait(pause_s)
        self._wanted.clear()
        self._deployed = self._deployed or everything
        if not self._deployed:
            return PAUSE_S
        started_s = time.thread_time()
        states = self._states()
        for name in states if everything else CHANGING:
            if name in states:
                self._save(name, states[name])
        return max(PAUSE_S, (time.thread_time() - started_s) / SHARE)

    def _save(self, name: str, state: Callable[[], Any]) -> None:
        for _ in range(ATTEMPTS):
            try:
                found = state()
                text = None if found is None else self._encode(name, found)
            except RuntimeError:  # "dictionary changed size during iteration"
                continue
            except Exception:
                logger.exception("%s is not saved", name)
                return
            if text is not None and self._written.get(name) != hash(text):
                with self._writing:
                    if not self._ended:
                        _replace(self._folder / f"{name}.json", text)
                self._written[name] = hash(text)
            return


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def wait_less_for_logs() -> None:
    """Have a function free again at once.

    MiniStack (1.5.33) keeps it for 50 ms after an invocation that logged nothing, and all of an API's
    sockets have one process per route. A line that comes later is told with the next invocation's.
    """
    from ministack.core.lambda_runtime import Worker

    drain = partialmethod(Worker._drain_stderr_bounded, first_line_wait=LOG_WAIT_S)
    Worker._drain_stderr_bounded = drain


def main() -> None:
    """Start MiniStack, saving beside it."""
    from ministack import app
    from ministack.core import persistence

    wait_less_for_logs()

    def encode(name: str, state: Any) -> str:
        # As its `save_state`, but by one call of json's C encoder: ten times faster than to a file.
        version = persistence._state_format_version(name)
        document = {"__ministack_format__": version, "payload": state}
        return json.dumps(document, default=persistence._json_default)

    if persistence.PERSIST_STATE:
        load = app._load_persisted_state

        def load_and_read_streams_anew() -> None:
            load()
            # It keeps how far functions have read each stream but not the records (1.5.33): as many new ones
            # would be passed over.
            if functions := sys.modules.get("ministack.services.lambda_svc"):
                functions._dynamodb_stream_positions._data.clear()

        app._load_persisted_state = load_and_read_streams_anew
        saver = Saver(app._build_persistence_save_dict, encode, Path(persistence.STATE_DIR))
        save_all = app.save_all

        def save_at_the_end(states: Any) -> None:
            saver.end()
            save_all(states)

        app.save_all = save_at_the_end
        signal.signal(signal.SIGUSR1, saver.ask)
        threading.Thread(target=saver.run, name="saver", daemon=True).start()
    app.main()


if __name__ == "__main__":
    os.umask(0o077)
    sys.argv = ["ministack"]
    main()
