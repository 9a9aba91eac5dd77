"""Where the brows of aligned faces are: a small network looks at them alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import torch

from videoedit.align.brows import NUM_BROWS, Brows
from videoedit.detect.aligned import find_aligned, load_points_network
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import inverse, transform_points
from videoedit.nets.points import BROWS_TEMPLATE, PointsNetwork

EMBEDDED: Final = "brow-outlines"
"""Name of the embedded network's card."""


class BrowsFinder:
    """Holds the network; finds the 20 points of `align.brows`."""

    def __init__(self, network: PointsNetwork) -> None:
        self._network = network.eval().requires_grad_(False)

    @classmethod
    def from_card(cls, name_or_path: str | Path = EMBEDDED) -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card, or find something else.
        """
        return cls(load_points_network(name_or_path, NUM_BROWS, "brows"))

    @torch.inference_mode()
    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Brows]:
        """Return the brows of one face of each picture.

        Args:
            images: RGB pictures.
            points_xy: (5, 2) of each face.
        """
        if not images:
            return []
        found, transforms = find_aligned(self._network, BROWS_TEMPLATE, images, points_xy)
        outlines = [transform_points(inverse(way), xy) for way, xy in zip(transforms, found, strict=True)]
        return [Brows(*one) for one in zip(outlines, points_xy, strict=True)]
