"""The most memory that a piece of work held."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_RESET_PEAK: Final = "5"


@dataclass(slots=True)
class Peak:
    """Filled in when the work is done."""

    mib: float | None = None
    """MiB of this process; None where the system does not tell."""


@contextlib.contextmanager
def peak_memory() -> Iterator[Peak]:
    """Watch the process's own peak while the work inside goes on; only Linux keeps one that can be reset."""
    peak = Peak()
    try:
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
        can_tell = True
    except OSError:
        can_tell = False
    yield peak
    if can_tell:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        peak.mib = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
