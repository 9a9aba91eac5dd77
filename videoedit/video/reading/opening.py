"""Files opened for reading, with one line for what cannot be opened."""

from pathlib import Path

import av

from videoedit.errors import MediaError


def open_input(path: Path) -> "av.container.InputContainer":
    """Open a file for reading; tags that are no UTF-8, as old cameras write them, do not matter.

    Raises:
        MediaError: It is missing, empty, a folder, or nothing that FFmpeg knows.
    """
    if not path.exists():
        raise MediaError(f"no such file: {path}; check the path")
    if path.is_dir():
        raise MediaError(f"{path} is a folder; give a video file")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty; copy or export it again")
    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot read {path} as video: {error.strerror}; check that it is a video file") from error
