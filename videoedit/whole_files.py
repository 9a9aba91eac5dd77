"""Files that appear under their names only when they are whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from videoedit.errors import MediaError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield where to write; that is renamed to `path` at the end, and removed after an error."""
    partial = partial_path(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def partial_path(path: Path, process: str = "") -> Path:
    """Return where a process writes what is to become `path`: beside it, hidden, with the same ending.

    >>> partial_path(Path("out/clip.mp4"), "7").as_posix()
    'out/.clip.partial-7.mp4'

    Args:
        path: The target.
        process: Number of the process, or a pattern of it; this process's own where it is empty.
    """
    return path.with_name(f".{path.stem}.partial-{process or os.getpid()}{path.suffix}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file.

    Raises:
        MediaError: The folder is missing or cannot be written to.
    """
    try:
        with whole_file(path) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error
