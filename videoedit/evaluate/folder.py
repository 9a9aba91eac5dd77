"""The folder that a report is written to."""

from pathlib import Path

from videoedit.errors import MediaError


def made_folder(folder: Path) -> Path:
    """Make the folder before the long work, so that nothing is lost at the end.

    Raises:
        MediaError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"cannot make folder {folder}: {error.strerror}; choose a writable place") from error
    return folder


def write_text(path: Path, text: str) -> None:
    """Write a table, ended by a line break.

    Raises:
        MediaError: It cannot be written.
    """
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error
