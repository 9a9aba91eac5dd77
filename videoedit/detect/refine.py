"""A detector whose points are looked at once more: every face is aligned by its five points, and these found anew.

A detector answers for the whole picture and misses the points by several per cent of the eye distance, all to the same
side in the same light; what an editor aligns by them trembles and sits beside its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import torch

from videoedit.detect.aligned import find_aligned, load_points_network
from videoedit.detect.base import FaceDetector, detectors
from videoedit.detect.insightface import InsightFaceDetector
from videoedit.faces import Face, Points
from videoedit.frames import Image
from videoedit.geometry import Transform, inverse, scale_of, transform_points
from videoedit.nets.points import FIVE, TEMPLATE, PointsNetwork

EMBEDDED: Final = "face-points"
"""Name of the embedded network's card."""
_FARTHEST: Final = 0.4
"""Mean movement, in eye distances of the template, beyond which the network is not believed."""


class PointsFinder:
    """Holds the network; finds the five points of roughly aligned faces."""

    def __init__(self, network: PointsNetwork) -> None:
        self._network = network.eval().requires_grad_(False)
        mean = network.mean.double().numpy()
        self._farthest = _FARTHEST * float(np.linalg.norm(mean[1] - mean[0]))

    @classmethod
    def from_card(cls, name_or_path: str | Path = EMBEDDED) -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card, or find something else.
        """
        return cls(load_points_network(name_or_path, FIVE, "a face"))

    @torch.inference_mode()
    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Points]:
        """Return better points for one face of each picture.

        Args:
            images: RGB pictures; one may appear several times.
            points_xy: (5, 2) rough points in pixels of each.
        """
        if not images:
            return []
        found, transforms = find_aligned(self._network, TEMPLATE, images, points_xy)
        return [self._believed(*one) for one in zip(points_xy, found, transforms, strict=True)]

    def _believed(self, rough: Points, found: Points, crop_from_image: Transform) -> Points:
        better = transform_points(inverse(crop_from_image), found)
        moved = float(np.linalg.norm(better - rough, axis=1).mean()) * scale_of(crop_from_image)
        return better if moved < self._farthest else rough


class RefiningDetector:
    """Another detector's faces with points found anew, by the definition that the editors were trained with."""

    def __init__(self, detector: FaceDetector, finder: PointsFinder) -> None:
        self._detector = detector
        self._finder = finder

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return one list of faces per RGB picture, in its own pixels, surest face first."""
        found = self._detector.detect(images)
        rough = [(image, face) for image, faces in zip(images, found, strict=True) for face in faces]
        points = self._finder.find([image for image, _ in rough], [face.points_xy for _, face in rough])
        better = iter([replace(face, points_xy=xy) for (_, face), xy in zip(rough, points, strict=True)])
        return [[next(better) for _ in faces] for faces in found]


@detectors.register("refined")
def refined(**options: Any) -> RefiningDetector:
    """Make an `InsightFaceDetector` of the same options, and find its points anew."""
    return RefiningDetector(InsightFaceDetector(**options), PointsFinder.from_card())
