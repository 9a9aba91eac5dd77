"""Who a face resembles, by the features of the attribute judge: coarse, but it needs no model of the user's.

On pictures of Labeled Faces in the Wild it ranks a pair of one person above a pair of two people 92 times in 100.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.from_frame import crop_of_frame
from videoedit.align.templates import crop_from_points
from videoedit.faces import Points
from videoedit.frames import Frame, Image
from videoedit.judge.attributes import AttributeJudge
from videoedit.tensors import to_model


class Resemblance:
    """A `Recogniser` of hair, sex, age and the like."""

    reach = 0.25

    def __init__(self, judge: AttributeJudge) -> None:
        self._judge = judge

    def crop_of(self, picture: Frame | Image, points_xy: Points) -> Image:
        """Cut out a face as the judge was trained."""
        size = self._judge.crop_size
        crop_from_picture = crop_from_points(points_xy, self._judge.template, size)
        if isinstance(picture, Frame):
            return crop_of_frame(picture, crop_from_picture, size)
        return warp_image(picture, crop_from_picture, size)

    def embeddings(self, crops: Sequence[Image]) -> NDArray[np.float64]:
        """Return (B, E) of unit length."""
        features = self._judge.features(to_model(crops)).numpy().astype(np.float64)
        unit: NDArray[np.float64] = features / np.linalg.norm(features, axis=1, keepdims=True)
        return unit
