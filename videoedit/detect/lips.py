"""Where the lips of aligned faces are: a small network looks at the mouth alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import torch

from videoedit.align.lips import NUM_LIPS, Lips
from videoedit.detect.aligned import find_aligned, load_points_network
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import inverse, transform_points
from videoedit.nets.points import LIPS_TEMPLATE, PointsNetwork

EMBEDDED: Final = "lip-outlines"
"""Name of the embedded network's card."""


class LipsFinder:
    """Holds the network; finds the 40 points of `align.lips`."""

    def __init__(self, network: PointsNetwork) -> None:
        self._network = network.eval().requires_grad_(False)

    @classmethod
    def from_card(cls, name_or_path: str | Path = EMBEDDED) -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card, or find something else.
        """
        return cls(load_points_network(name_or_path, NUM_LIPS, "lips"))

    @torch.inference_mode()
    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Lips]:
        """Return the lips of one face of each picture.

        Args:
            images: RGB pictures.
            points_xy: (5, 2) of each face.
        """
        if not images:
            return []
        found, transforms = find_aligned(self._network, LIPS_TEMPLATE, images, points_xy)
        outlines = [transform_points(inverse(way), xy) for way, xy in zip(transforms, found, strict=True)]
        return [Lips(*one) for one in zip(outlines, points_xy, strict=True)]
