"""What is written down about a running stack: `stack.json`."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from infra.local.home import Home, read_json, write_private
from infra.local.keys import KeyPair
from infra.local.ministack import url
from infra.local.processes import Started, find

StorageKind = Literal["seaweedfs", "ministack"]


@dataclass
class Record:
    """Ports are remembered over restarts: addresses made from them are in tables and bookmarks."""

    port: int = 8000
    storage: StorageKind = "seaweedfs"
    ephemeral: bool = False
    endpoint: str = ""
    """An AWS-compatible endpoint that somebody else runs (`--on`); empty: our own MiniStack."""
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Started] = field(default_factory=dict)
    unclean: bool = False
    """MiniStack had been killed before this start. It writes its tables when it is stopped."""
    lost_videos: int = 0
    """How many videos storage had at this start, up to 50, when the tables had none."""
    deployed: str = ""
    """Fingerprint of what was deployed last."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Outputs of the template."""
    reader: KeyPair | None = None
    """Reads the media bucket where MiniStack is the storage (an IAM user's key)."""

    @property
    def missing(self) -> list[str]:
        """Processes that should run and do not: a start that was cut off leaves some out."""
        wanted = ["proxy"]
        if not self.endpoint:
            wanted += ["ministack"]
        if self.storage == "seaweedfs":
            wanted += ["seaweedfs"]
        return [name for name in wanted if not find(self.processes.get(name))]

    @property
    def aws(self) -> str:
        """The endpoint AWS calls go to."""
        return self.endpoint or url(self.ports["ministack"])

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.port}"


def load(home: Home) -> Record:
    """The record of a home; a fresh one if there is none."""
    values: dict[str, Any] = read_json(home.record)
    try:
        reader = values.pop("reader", None)
        values["reader"] = KeyPair(**reader) if reader else None
        values["processes"] = {name: Started(**it) for name, it in values.get("processes", {}).items()}
        return Record(**values)
    except (TypeError, AttributeError):
        return Record()


def save(home: Home, record: Record) -> None:
    """Write the record, all of it or nothing."""
    write_private(home.record, json.dumps(asdict(record), indent=2) + "\n")
