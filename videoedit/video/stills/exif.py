"""The two things in a picture's EXIF block that an edit has to change: how it is turned, and its small copy."""

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

_ORIENTATION: Final = 0x0112
_ENTRY_SIZE: Final = 12


def orientation_of(exif: bytes) -> int:
    """Return how the stored picture has to be turned, 1 (not at all) to 8."""
    for place in _entries(exif):
        if _number(exif, place, 2) == _ORIENTATION:
            value = _number(exif, place + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1


def of_upright(exif: bytes) -> bytes:
    """Return the block for the picture turned upright, without the small copy of what it showed before."""
    changed = bytearray(exif)
    end = 0
    for place in _entries(exif):
        end = place + _ENTRY_SIZE
        if _number(exif, place, 2) == _ORIENTATION:
            changed[place + 8 : place + 10] = (1).to_bytes(2, _order(exif))
    if end:
        changed[end : end + 4] = bytes(4)
    return bytes(changed)


def upright(samples: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn and mirror samples (h, w, ...) as an orientation says; only their places change.

    >>> upright(np.array([[1, 2]], np.uint8), 6).tolist()
    [[1], [2]]
    """
    if orientation in (2, 4, 5, 7):
        samples = samples[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.ascontiguousarray(np.rot90(samples, turns))


def _entries(exif: bytes) -> range:
    """Return where the entries of the first directory begin; empty where the block is none."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return range(0)
    start = _number(exif, 4, 4)
    count = _number(exif, start, 2)
    last = start + 2 + count * _ENTRY_SIZE
    return range(start + 2, last, _ENTRY_SIZE) if last + 4 <= len(exif) else range(0)


def _number(exif: bytes, place: int, size: int) -> int:
    return int.from_bytes(exif[place : place + size], _order(exif))


def _order(exif: bytes) -> Literal["little", "big"]:
    return "little" if exif[:2] == b"II" else "big"
