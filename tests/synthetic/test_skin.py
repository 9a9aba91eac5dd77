"""Lines and pores on faces."""

import numpy as np
import pytest

from videoedit.align.eyes import from_eyes
from videoedit.synthetic.skin import aged

SIZE = 128
POINTS = np.array([[48.0, 60.0], [80.0, 60.0], [64.0, 78.0], [52.0, 92.0], [76.0, 92.0]])
FACE = np.full((SIZE, SIZE, 3), (190, 150, 130), np.uint8)


def test_lines_lie_around_the_eyes_and_the_surroundings_stay() -> None:
    across, above = from_eyes(POINTS, SIZE)
    far = np.hypot(across / 1.3, (above + 0.3) / 1.6) > 1.0
    for seed in range(20):
        face = aged(FACE, POINTS, np.random.default_rng(seed))
        assert face.shape == FACE.shape
        assert face.dtype == np.uint8
        changed = np.abs(face.astype(int) - FACE).max(axis=2)
        assert changed[far].max() <= 2
        assert changed[~far].max() > 5


def test_skin_keeps_its_light_and_lines_are_darker_and_redder_than_it() -> None:
    faces = [aged(FACE, POINTS, np.random.default_rng(seed)).astype(float) for seed in range(40)]
    shades = [face.mean() / FACE.mean() for face in faces]
    assert 0.97 < np.mean(shades) < 1.0
    darkest = [face.reshape(-1, 3)[face.sum(axis=2).argmin()] / FACE[0, 0] for face in faces]
    assert np.mean([colour.mean() for colour in darkest]) < 0.8
    assert all(colour[0] > colour[2] for colour in darkest)


def test_no_two_faces_age_alike_and_the_face_given_is_not_changed() -> None:
    face = FACE.copy()
    first, again, other = (aged(face, POINTS, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(face, FACE)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_lines_are_as_wide_on_a_face_twice_as_large(scale: float) -> None:
    size = round(SIZE * scale)
    face = aged(np.full((size, size, 3), 150, np.uint8), scale * POINTS, np.random.default_rng(3)).astype(float)
    dark = (face.mean(axis=2) < 140).mean()
    assert 0.005 < dark < 0.15
