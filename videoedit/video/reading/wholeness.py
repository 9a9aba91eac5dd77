"""Whether a file is as long as it says; a demuxer takes a cut as its end and tells nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
"""First boxes of mp4 and mov."""
_EBML: Final = b"\x1a\x45\xdf\xa3"
_SEGMENT: Final = b"\x18\x53\x80\x67"


def is_cut_short(path: str | Path) -> bool:
    """Compare the length of an mp4, mov, Matroska, WebM or AVI file with its own headers; False for others."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(12)
        if start[4:8] in _BOXES:
            end = max((end for _, end in _boxes(file)), default=0)
        elif start[:4] == _EBML:
            end = _end_of_segment(file)
        elif start[:4] == b"RIFF":
            end = 8 + int.from_bytes(start[4:8], "little")
        else:
            return False
    return end > path.stat().st_size


def lacks_index(path: Path) -> bool:
    """Tell whether an mp4 or mov ends before its index, without which nothing in it can be found."""
    with path.open("rb") as file:
        if file.read(8)[4:] not in _BOXES:
            return False
        size = path.stat().st_size
        return not any(kind == b"moov" and end <= size for kind, end in _boxes(file))


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Give the kinds of the outermost boxes, and where they end; the last may end behind the file.

    One of size 0, which reaches to the end of the file, is said to end where it begins.
    """
    position, size = 0, 8
    while size >= 8:
        file.seek(position)
        header = file.read(16)
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if len(header) < 8:
            return
        position += size if size >= 8 else 0
        yield header[4:8], position


def _end_of_segment(file: BinaryIO) -> int:
    """Find where Matroska's segment ends; 0 where it does not say."""
    file.seek(len(_EBML))
    header_size, _ = _vint(file)
    file.seek(header_size, 1)
    if file.read(4) != _SEGMENT:
        return 0
    size, is_known = _vint(file)
    return file.tell() + size if is_known else 0


def _vint(file: BinaryIO) -> tuple[int, bool]:
    """Read one of EBML's numbers of variable length, and whether it is one: all ones mean unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return 0, False
    num_more = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0x7F >> num_more)]) + file.read(num_more), "big")
    return value, value != (1 << (7 * (num_more + 1))) - 1
