"""What an attempt takes of the machine, whether it ends well or not."""

import platform
import resource
import time
from dataclasses import dataclass

from videosite.media.cost import usd_of


@dataclass(frozen=True)
class Measured:
    """What one attempt took."""

    cpu_s: float
    """Of its child processes, user and system."""
    wall_s: float
    memory_mb: int

    @property
    def gb_s(self) -> float:
        """What Lambda bills."""
        return self.wall_s * self.memory_mb / 1024

    @property
    def spent(self) -> dict[str, float]:
        """{cpu_s, gb_s}, to be added up."""
        return {"cpu_s": round(self.cpu_s, 3), "gb_s": round(self.gb_s, 3)}


class Meter:
    """Counts from its making on. All children that ended since are the attempt's, since a worker's process
    does one thing at a time."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._started_s = time.monotonic()
        self._cpu_before_s = _children_cpu_s()

    def read(self) -> Measured:
        """What was taken until now."""
        return Measured(
            _children_cpu_s() - self._cpu_before_s, time.monotonic() - self._started_s, self._memory_mb
        )


def usd_here(gb_s: float) -> float:
    """Dollars for gigabyte-seconds on this machine; all functions run on one architecture."""
    return round(usd_of(gb_s, platform.machine()), 9)


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
