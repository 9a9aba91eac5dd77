"""From which score each anchor of the detector is believed: as often wrong as the others on faceless pictures."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face
from videoedit.train.detector.evaluate import Finder, faceless
from videoedit.train.detector.task import ANCHOR_LIMITS
from videoedit.train.pictures import Picture

_LEAST: Final = 0.5
_SMALLEST: Final = 0.75
"""Of the share for the anchor of the smallest faces: a larger picture has several times as many places for them."""


def calibrated(detector: Finder, teacher: Finder, pictures: Sequence[Picture], share: float) -> list[float]:
    """Return the score of each anchor that it gives to something in this share of faceless pictures.

    Every other picture is doubled, for the anchors of large faces.

    Args:
        detector: Of the network as it was trained, asked with a score of 0.5 or less.
        teacher: A picture in which it sees a further face is left out.
        pictures: Training pictures; their faces are cut away.
        share: Of the pictures, for each anchor; less for the first, see `_SMALLEST`.
    """
    highest: list[NDArray[np.float64]] = []  # (anchors,) per picture
    for index, case in enumerate(faceless(pictures, teacher)):
        zoom = 1 + index % 2
        image = cv2.resize(case.image, None, fx=zoom, fy=zoom).astype(np.uint8, copy=False)
        highest.append(_highest(detector(image)))
    shares = np.full(len(ANCHOR_LIMITS) - 1, share)
    shares[0] *= _SMALLEST
    scores = [np.quantile(column, 1 - part) for column, part in zip(np.transpose(highest), shares, strict=True)]
    return [max(float(score), _LEAST) for score in scores]


def _highest(faces: Sequence[Face]) -> NDArray[np.float64]:
    """Return (anchors,) the highest score among the faces of each anchor's sizes."""
    highest = np.zeros(len(ANCHOR_LIMITS) - 1)
    for face in faces:
        area = float(np.prod(np.maximum(face.box_xyxy[2:] - face.box_xyxy[:2], 0)))
        anchor = int(np.searchsorted(ANCHOR_LIMITS, np.sqrt(area), side="right")) - 1
        highest[anchor] = max(highest[anchor], face.score)
    return highest
