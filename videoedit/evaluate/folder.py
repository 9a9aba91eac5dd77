"""The folder that a report is written to."""

from pathlib import Path

from videoedit.errors import MediaError
from videoedit.whole_files import write_whole


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
    """Write a table, ended by a line break; the file appears only when it is whole.

    Raises:
        MediaError: It cannot be written.
    """
    write_whole(path, f"{text}\n".encode())
