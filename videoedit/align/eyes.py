"""Where pixels lie, told in distances between the eyes: a face's own measure, whatever its size and turn."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Points

Map: TypeAlias = NDArray[np.float32]


def from_eyes(points_xy: Points, side: int) -> tuple[Map, Map]:
    """Return for every pixel, (S, S) each, how far it lies across from the middle of the eyes, and how far above.

    Args:
        points_xy: (5, 2), of the face in its crop.
        side: Of the crop in pixels.
    """
    origin, line = points_xy[:2].mean(axis=0), points_xy[1] - points_xy[0]
    right = line / max(float(line @ line), 1e-6)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    dx, dy = x - origin[0], y - origin[1]
    across, above = dx * right[0] + dy * right[1], dx * right[1] - dy * right[0]
    return np.asarray(across, np.float32), np.asarray(above, np.float32)
