"""Bending a drawn mouth: where its lips go, what stays, what a mouth that closes hides, and how teeth hang."""

import cv2
import numpy as np
import pytest

from tests.drawn_mouths import SIZE, TEETH, drawn_lips, drawn_mouth, facing
from videoedit.align.lips import (
    INNER_LOWER,
    INNER_UPPER,
    MIRRORED,
    NUM_LIPS,
    OUTER_LOWER,
    OUTER_UPPER,
    Lips,
    bending,
    between_lips,
    gap_of,
    opening,
    width_of,
)
from videoedit.align.part import symmetrical
from videoedit.geometry import transform_points


def test_halves_run_from_corner_to_corner_and_mirroring_twice_changes_nothing() -> None:
    lips = drawn_lips(width=0.8, gap=0.2)
    for half in (OUTER_UPPER, OUTER_LOWER, INNER_UPPER, INNER_LOWER):
        assert len(half) == 11
        assert (np.diff(lips.xy[half, 0]) > 0).all()
    assert (lips.xy[INNER_UPPER[1:-1], 1] < lips.xy[INNER_LOWER[1:-1], 1]).all()
    assert (lips.xy[OUTER_UPPER[1:-1], 1] < lips.xy[INNER_UPPER[1:-1], 1]).all()
    assert [MIRRORED[place] for place in MIRRORED] == list(range(NUM_LIPS))
    crooked = lips.shape + [[0.0, 0.1]] * (lips.shape[:, :1] > 0)
    np.testing.assert_allclose(symmetrical(lips.shape, MIRRORED), lips.shape, atol=1e-9)
    beside = np.abs(lips.shape[:, 0]) > 1e-6
    np.testing.assert_allclose(symmetrical(crooked, MIRRORED)[beside, 1], lips.shape[beside, 1] + 0.05, atol=1e-9)


def test_shapes_are_those_of_the_face_however_it_lies_in_the_picture() -> None:
    lips = drawn_lips(width=0.8, gap=0.2)
    assert width_of(lips.shape) == pytest.approx(0.8)
    assert gap_of(lips.shape) == pytest.approx(0.2)
    turn = cv2.getRotationMatrix2D((90.0, 100.0), 25.0, 1.4)
    turned = Lips(transform_points(turn, lips.xy), transform_points(turn, lips.face_xy))
    np.testing.assert_allclose(turned.shape, lips.shape, atol=1e-9)
    np.testing.assert_allclose(turned.shaped(turned.shape).xy, turned.xy, atol=1e-9)
    np.testing.assert_allclose(turned.shaped(1.1 * lips.shape).shape, 1.1 * lips.shape, atol=1e-9)


def test_bending_takes_every_point_of_the_lips_where_it_is_wanted_and_fades_around_the_mouth() -> None:
    lips, wanted = drawn_lips(width=0.8, gap=0.1), drawn_lips(width=0.95, gap=0.15, lower=-0.06)
    bend = bending(lips, wanted, SIZE)
    for halves, shifts in (((OUTER_UPPER, INNER_UPPER), bend.upper), ((OUTER_LOWER, INNER_LOWER), bend.lower)):
        for place in (place for half in halves for place in half[1:-1]):
            x, y = wanted.xy[place].astype(np.float32)
            (found,) = cv2.remap(shifts.transpose(1, 2, 0), *np.array([[[x]], [[y]]]), cv2.INTER_LINEAR)[0]
            assert np.linalg.norm(wanted.xy[place] + found - lips.xy[place]) < 0.8
    y, x = np.mgrid[:SIZE, :SIZE]
    away = np.hypot(x - lips.middle[0], y - lips.middle[1]) > 1.0 * lips.unit
    assert not bend.shifts[:, away].any()
    assert np.abs(np.diff(bend.upper, axis=2)).max() < 1.0  # nothing is folded
    np.testing.assert_allclose(bending(lips, lips, SIZE).shifts, 0.0, atol=1e-3)


def test_a_mouth_that_closes_shows_nothing_of_its_teeth() -> None:
    lips, wanted = drawn_lips(width=0.9, gap=0.2), drawn_lips(width=0.8, gap=0.0)
    face = drawn_mouth(lips).astype(np.float32) / 255
    bend = bending(lips, wanted, SIZE)
    near = bend.line > 0.5
    assert near.any()
    assert (facing(face) > 0.9).any()
    assert facing(bend.bent(face, (0, 0, SIZE, SIZE))).max() < 0.6
    y, x = (np.mgrid[:SIZE, :SIZE] + bend.shifts[::-1]).astype(np.float32)
    in_one = facing(cv2.remap(face, x, y, cv2.INTER_LINEAR))
    assert in_one.max() > 0.9  # one map alone shows them, though nowhere but near the line
    assert in_one[~(bend.line > 0.02)].max() < 0.6


def test_what_is_between_lips_hangs_from_the_upper_one_and_is_stretched_only_where_they_are_opened_further() -> None:
    giver = drawn_lips(width=0.9, gap=0.2)
    picture = drawn_mouth(giver).astype(np.float32) / 255
    top = float(giver.xy[INNER_UPPER[5], 1])
    mark = 0.35 * 0.2 * giver.unit
    row = round(top + mark)
    picture[row - 1 : row + 2] = 0.0
    for gap, below in ((0.1, mark), (0.2, mark), (0.4, 2.0 * mark)):
        lips = drawn_lips(width=0.9, gap=gap, lower=0.05)
        seen = between_lips(picture, giver, lips, (0, 0, SIZE, SIZE))
        column = seen[:, SIZE // 2].mean(axis=1)
        start = round(lips.xy[INNER_UPPER[5], 1]) + 2
        found = start + int(np.argmin(column[start : start + round(gap * lips.unit) - 2]))
        assert found - lips.xy[INNER_UPPER[5], 1] == pytest.approx(below, abs=2.0)


def test_the_opening_is_what_lies_between_the_inner_outlines() -> None:
    lips = drawn_lips(width=0.9, gap=0.2)
    seen, white = opening(lips, SIZE), (drawn_mouth(lips) == TEETH).all(axis=2)
    assert seen[white].min() > 0.4
    assert seen.sum() == pytest.approx(white.sum(), rel=0.15)
    assert not opening(drawn_lips(width=0.9, gap=0.0), SIZE).any()
