"""Sets of plain faces with labels."""

import numpy as np

from videoedit.align.templates import template_points
from videoedit.datasets.celeba import FaceSet

SIZE = 128
MARGIN = 8


def faces_of(seed: int = 0, **labels: list[int]) -> FaceSet:
    """Make faces of one colour each, labels by name."""
    columns = np.array(list(labels.values()), np.int8).T
    side = SIZE + 2 * MARGIN
    colours = np.random.default_rng(seed).integers(100, 150, (len(columns), 1, 1, 3), np.uint8)
    images = np.broadcast_to(colours, (len(columns), side, side, 3)).copy()
    points = np.stack([template_points("elegant", SIZE) + MARGIN] * len(columns))
    return FaceSet(images, columns, tuple(map(str, range(len(columns)))), tuple(labels), points)
