"""Where parts of aligned faces are, lips and brows: a small network for each looks at it alone."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

import torch

from videoedit.align.brows import NUM_BROWS, Brows
from videoedit.align.lips import NUM_LIPS, Lips
from videoedit.align.part import Part
from videoedit.detect.aligned import find_aligned, load_points_network
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import inverse, transform_points
from videoedit.nets.points import BROWS_TEMPLATE, LIPS_TEMPLATE, PointsNetwork

T = TypeVar("T", bound=Part)


class OutlineFinder(ABC, Generic[T]):
    """Holds the network; finds the points of one part of faces."""

    embedded: ClassVar[str]
    """Name of the embedded network's card."""
    _template: ClassVar[str]
    _num_points: ClassVar[int]
    _what: ClassVar[str]

    def __init__(self, network: PointsNetwork) -> None:
        self._network = network.eval().requires_grad_(False)

    @classmethod
    def from_card(cls, name_or_path: str | Path | None = None) -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card, or find something else.
        """
        return cls(load_points_network(name_or_path or cls.embedded, cls._num_points, cls._what))

    @torch.inference_mode()
    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[T]:
        """Return the part of one face of each picture.

        Args:
            images: RGB pictures.
            points_xy: (5, 2) of each face.
        """
        if not images:
            return []
        found, transforms = find_aligned(self._network, self._template, images, points_xy)
        outlines = [transform_points(inverse(way), xy) for way, xy in zip(transforms, found, strict=True)]
        return [self._part(*one) for one in zip(outlines, points_xy, strict=True)]

    @staticmethod
    @abstractmethod
    def _part(xy: Points, face_xy: Points) -> T: ...


class LipsFinder(OutlineFinder[Lips]):
    """Finds the 40 points of `align.lips`."""

    embedded = "lip-outlines"
    _template, _num_points, _what = LIPS_TEMPLATE, NUM_LIPS, "lips"

    @staticmethod
    def _part(xy: Points, face_xy: Points) -> Lips:
        return Lips(xy, face_xy)


class BrowsFinder(OutlineFinder[Brows]):
    """Finds the 20 points of `align.brows`."""

    embedded = "brow-outlines"
    _template, _num_points, _what = BROWS_TEMPLATE, NUM_BROWS, "brows"

    @staticmethod
    def _part(xy: Points, face_xy: Points) -> Brows:
        return Brows(xy, face_xy)
