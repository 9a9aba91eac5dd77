"""Sets of plain faces with labels."""

from collections.abc import Callable

import numpy as np
import pytest

from videoedit.align.templates import template_points
from videoedit.datasets.celeba import FaceSet

SIZE = 128
MARGIN = 8


@pytest.fixture
def faces_of() -> Callable[..., FaceSet]:
    """Make a set: faces of one colour each, labels by name."""

    def make(seed: int = 0, **labels: list[int]) -> FaceSet:
        columns = np.array(list(labels.values()), np.int8).T
        side = SIZE + 2 * MARGIN
        colours = np.random.default_rng(seed).integers(100, 150, (len(columns), 1, 1, 3), np.uint8)
        images = np.broadcast_to(colours, (len(columns), side, side, 3)).copy()
        points = np.stack([template_points("elegant", SIZE) + MARGIN] * len(columns))
        return FaceSet(images, columns, tuple(map(str, range(len(columns)))), tuple(labels), points)

    return make


@pytest.fixture
def mustached(faces_of: Callable[..., FaceSet]) -> FaceSet:
    """Two who have a mustache, a black bar, one of them smiling; two who have none."""
    faces = faces_of(Mustache=[1, 1, -1, -1], Smiling=[1, -1, 1, -1], Mouth_Slightly_Open=[-1] * 4)
    faces.images[:2, 88:94, 60:84] = 0
    return faces
