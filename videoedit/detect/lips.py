"""Where the lips of aligned faces are: a small network looks at the mouth alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import torch

from videoedit.align.crop import warp_image
from videoedit.align.lips import NUM_LIPS, Lips
from videoedit.align.templates import crop_from_points
from videoedit.errors import ModelError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import inverse, transform_points
from videoedit.nets.checkpoint import load_network
from videoedit.nets.points import LIPS_TEMPLATE, PointsConfig, PointsNetwork
from videoedit.resources import load_card
from videoedit.tensors import to_model

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
        card = load_card(name_or_path, "points")
        config = PointsConfig(crop_size=card.crop_size, **card.network)
        if config.num_points != NUM_LIPS:
            raise ModelError(
                f"{card.name} finds {config.num_points} points, not {NUM_LIPS} of lips; name another model"
            )
        return cls(load_network(PointsNetwork(config), card))

    @torch.inference_mode()
    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Lips]:
        """Return the lips of one face of each picture.

        Args:
            images: RGB pictures.
            points_xy: (5, 2) of each face.
        """
        if not images:
            return []
        size = self._network.config.crop_size
        transforms = [crop_from_points(points, LIPS_TEMPLATE, size) for points in points_xy]
        crops = [warp_image(image, crop, size) for image, crop in zip(images, transforms, strict=True)]
        found = self._network(to_model(crops)).double().numpy()  # (F, 40, 2)
        outlines = [transform_points(inverse(way), xy) for way, xy in zip(transforms, found, strict=True)]
        return [Lips(*one) for one in zip(outlines, points_xy, strict=True)]
