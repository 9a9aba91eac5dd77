"""Fit a picture into a detector's input: shrink by averaging, pad right and bottom, and find the way back.

Coordinates: pixels, x right, y down, (0, 0) the centre of the top-left pixel.
"""

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face
from videoedit.frames import Image

MULTIPLE: Final = 32
"""Sides of a detector's input are multiples of this."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A picture as the detector sees it."""

    image: Image
    """(h, w, 3) RGB, sides multiples of 32; black where the picture ends."""
    scale_xy: tuple[float, float]
    """Pixels of the input for one pixel of the picture."""

    @classmethod
    def of(cls, image: Image, size: int) -> Self:
        """Shrink so that the longer side is at most `size`; a smaller picture keeps its size."""
        height, width = image.shape[:2]
        scale = min(1.0, size / max(height, width))
        new_width, new_height = max(round(width * scale), 1), max(round(height * scale), 1)
        if (new_width, new_height) != (width, height):
            image = cv2.resize(image, (new_width, new_height), interpolation=cv2.INTER_AREA).astype(np.uint8)
        below, beside = -new_height % MULTIPLE, -new_width % MULTIPLE
        padded = np.pad(image, ((0, below), (0, beside), (0, 0)))
        return cls(padded, (new_width / width, new_height / height))

    def face(self, box_xyxy: NDArray[np.floating], points_xy: NDArray[np.floating], score: float) -> Face:
        """Take a face found in the input back to the picture; edges, not pixel centres, are what a resize keeps."""
        scale = np.array(self.scale_xy)
        back = [(np.asarray(xy, np.float64) + 0.5) / scale - 0.5 for xy in (box_xyxy.reshape(2, 2), points_xy)]
        return Face(back[0].reshape(4), back[1], float(score))
