"""How the container says that stored pictures are shown: turned, mirrored, or both.

A display matrix is nine numbers of 16.16 fixed point, row by row; a point (x, y) of the stored picture is shown at
(m0 x + m3 y, m1 x + m4 y), with y down.
"""

import math
from typing import Final, TypeAlias

import av
import numpy as np

from videoedit.video.side_data import side_data_of

Matrix: TypeAlias = tuple[int, ...]

_ONE: Final = 1 << 16
_END: Final = 1 << 30


def matrix_of(picture: av.VideoFrame) -> Matrix | None:
    """Return the display matrix that came with a picture; None where it is shown as it is stored."""
    found = side_data_of(picture).get("DISPLAYMATRIX")
    return None if found is None else tuple(int(number) for number in np.frombuffer(found, np.int32))


def matrix(rotation: int, *, is_mirrored: bool = False) -> Matrix:
    """Return the matrix of a turn counterclockwise by a multiple of 90 degrees, mirrored left to right after it.

    >>> matrix(90)
    (0, -65536, 0, 65536, 0, 0, 0, 0, 1073741824)
    """
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[rotation // 90]
    flip = -1 if is_mirrored else 1
    return cos * flip * _ONE, -sin * _ONE, 0, sin * flip * _ONE, cos * _ONE, 0, 0, 0, _END


def orientation_of(picture: av.VideoFrame) -> tuple[float, bool]:
    """Return by how many degrees counterclockwise a picture is turned for display, and whether it is mirrored then.

    >>> picture = av.VideoFrame(16, 16)
    >>> orientation_of(picture)
    (0, False)
    """
    numbers = matrix_of(picture)
    if numbers is None:
        return 0, False
    is_mirrored = numbers[0] * numbers[4] < numbers[1] * numbers[3]
    cos, sin = (-numbers[0] if is_mirrored else numbers[0]), -numbers[1]
    return round(math.degrees(math.atan2(sin, cos)), 1) % 360, is_mirrored
