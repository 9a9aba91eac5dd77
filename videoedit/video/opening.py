"""Files of this machine opened by FFmpeg, with one line for what cannot be read; no name is taken for an address."""

from collections.abc import Mapping
from pathlib import Path

import av

from videoedit.errors import MediaError
from videoedit.video.reading.wholeness import lacks_index


def open_input(path: Path) -> "av.container.InputContainer":
    """Open a file for reading; tags that are no UTF-8, as old cameras write them, do not matter.

    Raises:
        MediaError: It is missing, empty, no file, or nothing that FFmpeg knows.
    """
    if not path.exists():
        raise MediaError(f"no such file: {path}; check the path")
    if path.is_dir():
        raise MediaError(f"{path} is a folder; give a video file")
    if not path.is_file():
        raise MediaError(f"{path} is a pipe or a device, and the video is read more than once; give a file on disk")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty; copy or export it again")
    try:
        container = av.open(_local(path), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        if lacks_index(path):
            raise _cut_off(path) from error
        raise MediaError(f"cannot read {path} as video: {error.strerror}; check that it is a video file") from error
    if not container.streams and lacks_index(path):
        container.close()
        raise _cut_off(path)
    return container


def open_output(
    path: Path, muxer: str | None = None, options: Mapping[str, str] | None = None
) -> "av.container.OutputContainer":
    """Open a file for writing.

    Args:
        path: The file.
        muxer: FFmpeg's name of the format; None goes by the ending.
        options: Of the muxer.
    """
    return av.open(_local(path), "w", format=muxer, options=dict(options or {}))


def _cut_off(path: Path) -> MediaError:
    reason = "the file is cut off, and the index (moov) that belongs at its end is missing"
    return MediaError(f"cannot read {path}: {reason}; copy or export it again")


def _local(path: Path) -> str:
    """Return a name that FFmpeg takes for a file's, whatever is before a colon in it.

    >>> _local(Path("/clips/10:30.mp4")), _local(Path("10:30.mp4")).startswith("10:")
    ('/clips/10:30.mp4', False)
    """
    return str(path.absolute())
