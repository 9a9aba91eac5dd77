"""A set in which two have a mustache."""

import pytest

from tests.face_sets import faces_of
from videoedit.datasets.celeba import FaceSet


@pytest.fixture
def mustached() -> FaceSet:
    """Two who have a mustache, a black bar, one of them smiling; two who have none."""
    faces = faces_of(Mustache=[1, 1, -1, -1], Smiling=[1, -1, 1, -1], Mouth_Slightly_Open=[-1] * 4)
    faces.images[:2, 88:94, 60:84] = 0
    return faces
