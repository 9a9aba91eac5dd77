"""Temporary folders that do not stay behind, not even those of processes that were killed."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

if sys.platform != "win32":
    import fcntl

_PREFIX: Final = "videoedit-"
_MARK: Final = ".in-use"
"""File that is locked as long as its folder is used; the lock ends with the process, whatever ends that."""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder for as long as the context lasts, and delete those that killed processes have left."""
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name, _marked(Path(name)):
        yield Path(name)


@contextmanager
def _marked(folder: Path) -> Iterator[None]:
    """Mark a folder as used; the mark appears when it is locked, so that none is met that is not locked yet."""
    with (folder / f"{_MARK}-soon").open("w") as mark:
        _is_locked(mark)
        Path(mark.name).rename(folder / _MARK)
        yield


def _sweep(place: Path) -> None:
    """Delete the folders that are marked, but no longer locked."""
    for path in place.glob(f"{_PREFIX}*/{_MARK}"):
        with contextlib.suppress(OSError), path.open() as mark:  # another's, or gone meanwhile
            if _is_locked(mark):
                shutil.rmtree(path.parent, ignore_errors=True)


def _is_locked(mark: IO[str]) -> bool:
    """Lock a file; tell whether that went, and the system knows such locks."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
