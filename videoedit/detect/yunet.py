"""YuNet through OpenCV, from an ONNX file the user has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from videoedit.detect.base import detectors
from videoedit.detect.fit import MULTIPLE, Fitted
from videoedit.errors import ModelError
from videoedit.faces import Face
from videoedit.frames import Image

_OVERLAP = 0.3  # what OpenCV's own example takes for non-maximum suppression
_MOST_FACES = 500


@detectors.register("yunet")
class YuNetDetector:
    """Runs `cv2.FaceDetectorYN`."""

    def __init__(self, weights: str | Path, *, size: int = 640, score: float = 0.6) -> None:
        """Load the weights.

        Args:
            weights: Path of YuNet's ONNX file.
            size: Longer side of the network's input in pixels, a multiple of 32; larger pictures are reduced to it.
            score: Faces below this are not reported.

        Raises:
            ModelError: The file is missing or OpenCV cannot read it.
        """
        if size < MULTIPLE or size % MULTIPLE:
            raise ValueError(f"size must be a positive multiple of {MULTIPLE}, got {size}")
        if not 0.0 < score < 1.0:
            raise ValueError(f"score must be between 0 and 1, got {score}")
        if not Path(weights).is_file():
            raise ModelError(f"no detector weights at {weights}; give the path of a YuNet ONNX file")
        self.size = size
        self._network: Any
        try:
            self._network = cv2.FaceDetectorYN.create(str(weights), "", (size, size), score, _OVERLAP, _MOST_FACES)
        except cv2.error as error:
            raise ModelError(f"cannot load YuNet from {weights}: {error.err}; give a YuNet ONNX file") from error

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return one list of faces per RGB picture, in its own pixels, surest face first."""
        return [self._faces(image) for image in images]

    def _faces(self, image: Image) -> list[Face]:
        fitted = Fitted.of(image, self.size)
        height, width = fitted.image.shape[:2]
        self._network.setInputSize((width, height))
        _, found = self._network.detect(np.ascontiguousarray(fitted.image[:, :, ::-1]))
        if found is None:
            return []
        rows = found[np.argsort(-found[:, 14], kind="stable")]
        rows[:, 2:4] += rows[:, :2]
        return [fitted.face(row[:4], row[4:14].reshape(5, 2), row[14]) for row in rows]
