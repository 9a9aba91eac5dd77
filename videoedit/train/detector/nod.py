"""Heads bent down or thrown back, from upright ones: few portraits look at the ground, and passers-by often do.

The head is taken for a dome around the face that leans about the line of its ears: what stands out the most moves the
farthest, its border stays.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Image
from videoedit.train.pictures import FaceRows

STEEPEST: Final = 0.42
"""Farthest shift that folds nothing over, as a share of the dome's half height."""
_REACH: Final = np.array([1.6, 1.5])  # half width and half height of the dome in those of the face's box


def nodded(image: Image, faces: FaceRows, shift: float) -> tuple[Image, FaceRows]:
    """Bend the first face of a picture.

    Args:
        image: (H, W, 3) RGB.
        faces: (N, 15); whatever lies in the dome moves with it.
        shift: How far the tip of the dome moves, in its half heights: positive bends down, negative throws back.

    Returns:
        The picture and its faces, moved alike.

    Raises:
        ValueError: The shift is beyond `STEEPEST` either way.
    """
    if not abs(shift) <= STEEPEST:
        raise ValueError(f"shift must be between -{STEEPEST} and {STEEPEST}, got {shift}")
    box = faces[0, :4]
    centre, half = (box[:2] + box[2:]) / 2, np.maximum((box[2:] - box[:2]) / 2, 1.0) * _REACH
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    source_y = y - shift * half[1] * _height(((x - centre[0]) / half[0]), ((y - centre[1]) / half[1]))
    bent = cv2.remap(image, x, source_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    moved = faces.copy()
    for row in moved:
        row[4:14] = _moved(row[4:14].reshape(5, 2), centre, half, shift).ravel()
        middle = (row[0] + row[2]) / 2
        row[[1, 3]] = _moved(np.array([[middle, row[1]], [middle, row[3]]]), centre, half, shift)[:, 1]
    return bent.astype(np.uint8, copy=False), moved


def _moved(
    points_xy: NDArray[np.float64], centre: NDArray[np.float64], half: NDArray[np.float64], shift: float
) -> NDArray[np.float64]:
    """Take (N, 2) points where the bent picture shows them: each is `shift` times the height of its new place lower."""
    start = (points_xy - centre) / half
    across, down = start.T
    for _ in range(30):  # a contraction, for the slope of the shift stays below 1
        down = start[:, 1] + shift * _height(across, down)
    return np.column_stack([points_xy[:, 0], down * half[1] + centre[1]])


def _height(across: NDArray[np.floating], down: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return how far the dome stands out: 1 in its middle, 0 at its border and beyond."""
    return np.maximum(1 - across**2 - down**2, 0)
