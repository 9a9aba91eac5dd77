"""Bending drawn brows: where they go, and that eyes and what is far away stay."""

import cv2
import numpy as np
import pytest

from tests.drawn_brows import SIZE, drawn_brows
from videoedit.align.brows import INNER, LEFT, MIRRORED, NUM_BROWS, RIGHT, Brows, bending
from videoedit.align.part import symmetrical
from videoedit.geometry import transform_points


def test_inner_ends_are_those_next_to_each_other_and_mirroring_twice_changes_nothing() -> None:
    shape = drawn_brows(0.3).shape
    assert sorted((*LEFT, *RIGHT)) == list(range(NUM_BROWS))
    assert shape[list(LEFT), 0].max() < 0 < shape[list(RIGHT), 0].min()
    assert np.abs(shape[list(INNER), 0]).max() == pytest.approx(np.abs(shape[:, 0]).min())
    assert [MIRRORED[place] for place in MIRRORED] == list(range(NUM_BROWS))
    np.testing.assert_allclose(symmetrical(shape, MIRRORED), shape, atol=1e-9)


@pytest.mark.parametrize("turn", [0.0, 20.0])
def test_brows_go_where_they_are_wanted_while_eyes_and_mouth_stay(turn: float) -> None:
    turned = cv2.getRotationMatrix2D((128.0, 110.0), turn, 0.9)
    face_xy = transform_points(turned, drawn_brows(0.3).face_xy)
    brows, wanted = (drawn_brows(height, face_xy=face_xy) for height in (0.36, 0.22))
    shifts = bending(brows, wanted, SIZE)
    for place in range(NUM_BROWS):
        x, y = wanted.xy[place].astype(np.float32)
        (found,) = cv2.remap(shifts.transpose(1, 2, 0), *np.array([[[x]], [[y]]]), cv2.INTER_LINEAR)[0]
        assert np.linalg.norm(wanted.xy[place] + found - brows.xy[place]) < 1.2
    for x, y in np.round(face_xy).astype(int):
        assert np.linalg.norm(shifts[:, y, x]) < 0.02 * brows.unit
    below = brows.placed(np.array([[0.0, 0.3], [-0.5, 0.3], [0.0, -1.2]])).round().astype(int)
    assert not shifts[:, below[:, 1], below[:, 0]].any()


def test_brows_that_lie_as_wanted_are_not_bent() -> None:
    brows = drawn_brows(0.3)
    assert np.abs(bending(brows, Brows(brows.xy.copy(), brows.face_xy), SIZE)).max() < 1e-4
