"""Files that appear under their names only when they are whole."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from videoedit.errors import MediaError

_PARTIAL: Final = re.compile(r"\.(.+)\.partial-[0-9a-f]+((?:\.[^.]*)?)")


def check_target(path: Path, read: Iterable[str | Path], *, overwrite: bool) -> None:
    """Refuse a target that cannot or must not be written; nothing is touched.

    Args:
        path: The target.
        read: What it is made from, files or names of anything else; it must replace none of them.
        overwrite: Whether it may replace another file.

    Raises:
        MediaError: It exists, would replace what is read, or has no folder that can be written to.
    """
    if not path.parent.is_dir():
        raise MediaError(f"folder {path.parent} does not exist; create it or choose another")
    check_folder(path.parent)
    if path.is_dir():
        raise MediaError(f"{path} is a folder; give the name of a file")
    if path.exists() and any(os.path.exists(one) and path.samefile(one) for one in read):  # noqa: PTH110 - any name
        raise MediaError(f"{path} would replace a file that is read; choose another name")
    if path.exists() and not overwrite:
        raise MediaError(f"{path} exists; give --overwrite to replace it, or choose another name")


def check_folder(folder: Path) -> None:
    """Refuse a folder in which no file can be made.

    Raises:
        MediaError: Its permissions or its file system forbid it.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise MediaError(f"folder {folder} cannot be written to; choose another, or change its permissions")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield where to write; that is renamed to `path` at the end, and removed after an error."""
    partial = partial_path(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        remove_partial(partial)


def remove_partial(partial: Path) -> None:
    """Delete what was begun, where there is something and that can be done; what went wrong before is what counts."""
    with suppress(OSError):
        partial.unlink()


def partial_path(path: Path, writer: str = "") -> Path:
    """Return where what is to become `path` is written: beside it, hidden, with the same ending.

    >>> partial_path(Path("out/clip.mp4"), "7").as_posix()
    'out/.clip.partial-7.mp4'

    Args:
        path: The target.
        writer: Hexadecimal number of whoever writes; that of this process where it is empty.
    """
    return path.with_name(f".{path.stem}.partial-{writer or os.getpid()}{path.suffix}")


def target_of(path: Path) -> Path | None:
    """Return what is being written under a name of `partial_path`; None for any other name.

    >>> target_of(Path("out/.clip.partial-7.mp4")).as_posix(), target_of(Path("clip.mp4"))
    ('out/clip.mp4', None)
    """
    found = _PARTIAL.fullmatch(path.name)
    return path.with_name(found[1] + found[2]) if found else None


def remove_leftovers(targets: Iterable[Path]) -> None:
    """Delete what processes that were killed had written of some files; none may be at work."""
    wanted = set(targets)
    for folder in {target.parent for target in wanted}:
        for path in folder.glob(".*.partial-*"):
            if target_of(path) in wanted:
                path.unlink(missing_ok=True)


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
