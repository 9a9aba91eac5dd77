"""Points found once more on faces that are aligned by five rough ones: what all networks for that have in common."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.errors import ModelError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import Transform
from videoedit.nets.checkpoint import load_network
from videoedit.nets.points import PointsConfig, PointsNetwork
from videoedit.resources import load_card
from videoedit.tensors import to_model


def load_points_network(name_or_path: str | Path, num_points: int, what: str) -> PointsNetwork:
    """Load a network by its card that finds so many points of something.

    Raises:
        ModelError: The weights are missing, damaged, or do not fit the card, or find something else.
    """
    card = load_card(name_or_path, "points")
    config = PointsConfig(crop_size=card.crop_size, **card.network)
    if config.num_points != num_points:
        raise ModelError(
            f"{card.name} finds {config.num_points} points, not {num_points} of {what}; name another model"
        )
    return load_network(PointsNetwork(config), card)


def find_aligned(
    network: PointsNetwork, template: str, images: Sequence[Image], points_xy: Sequence[Points]
) -> tuple[NDArray[np.float64], list[Transform]]:
    """Return the points (F, P, 2) of one face of each picture, in its crop, and each `crop_from_image`."""
    size = network.config.crop_size
    transforms = [crop_from_points(points, template, size) for points in points_xy]
    crops = [warp_image(image, crop, size) for image, crop in zip(images, transforms, strict=True)]
    found: NDArray[np.float64] = network(to_model(crops)).double().numpy()
    return found, transforms
