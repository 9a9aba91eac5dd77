"""What edits of whole faces leave: teeth, most of the eyes, the forehead, half of the cheeks, what is beside a face."""

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.edit.test_brows import POINTS, SIZE, Painter, drawn_brows, editor_over, face_with
from videoedit.align.lips import NUM_LIPS, OUTER_LOWER, OUTER_UPPER, Lips
from videoedit.detect.outlines import LipsFinder
from videoedit.edit.base import Edit
from videoedit.edit.lifting.spared import Sparing
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.track.yaw import yaw_of


class Mouth:
    """Finds an open mouth around the middle of the corners."""

    def __init__(self, gap: float) -> None:
        self._gap = gap

    def find(self, crops: list[Image], points_xy: list[Points]) -> list[Lips]:
        return [self._mouth(xy) for xy in points_xy]

    def _mouth(self, face_xy: Points) -> Lips:
        shape = np.zeros((NUM_LIPS, 2))
        for first, half, height in ((0, 0.35, 0.15 + self._gap), (NUM_LIPS // 2, 0.3, self._gap)):
            across = np.linspace(-half, half, 11)
            arc = height * (1 - (across / half) ** 2)
            shape[[first + place for place in OUTER_LOWER]] = np.stack([across, arc], axis=1)
            shape[[first + place for place in OUTER_UPPER]] = np.stack([across, -arc], axis=1)
        lips = Lips(np.zeros((NUM_LIPS, 2)), face_xy)
        middle = face_xy[3:].mean(axis=0)
        return Lips(middle + lips.unit * shape @ lips.axes, face_xy)


def spared(gap: float, points_xy: Points = POINTS, *, is_removal: bool = False) -> Tensor:
    sparing = Sparing(cast(LipsFinder, Mouth(gap)))
    (found,) = sparing.of(torch.zeros(1, 3, SIZE, SIZE), [points_xy], is_removal=is_removal)
    return found[0]


def at(map_: Tensor, xy: Points) -> float:
    x, y = np.round(xy).astype(int)
    return float(map_[y, x])


def from_middle(across: float, below: float) -> Points:
    return POINTS[:2].mean(axis=0) + np.array([across, below]) * (POINTS[1, 0] - POINTS[0, 0])


def test_teeth_stay_and_most_of_the_eyes() -> None:
    found, mouth = spared(0.12), POINTS[3:].mean(axis=0)
    assert at(found, mouth) > 0.9
    assert [at(found, eye) for eye in POINTS[:2]] == pytest.approx([0.6, 0.6])
    unit = POINTS[1, 0] - POINTS[0, 0]
    for beside in (POINTS[2], POINTS[:2].mean(axis=0), mouth + np.array([0, 0.35 * unit])):
        assert at(found, beside) < 0.02


def test_shut_mouths_and_those_of_profiles_are_not_spared() -> None:
    assert at(spared(0.0), POINTS[3:].mean(axis=0)) < 0.1
    profile = POINTS.copy()
    profile[2, 0] += 60
    assert at(spared(0.12, profile), POINTS[3:].mean(axis=0)) < 0.1


def test_foreheads_stay_and_cheeks_by_half_where_there_is_no_beard() -> None:
    forehead, brow, cheek, jaw = (from_middle(*xy) for xy in ((-0.2, -0.9), (-0.4, -0.3), (0.6, 0.5), (0.5, 1.2)))
    for is_removal, share in ((True, 0.0), (False, 0.5)):
        found = spared(0.12, is_removal=is_removal)
        assert [at(found, xy) for xy in (forehead, brow, cheek, jaw)] == pytest.approx([1, 0, share, 0], abs=0.01)


def test_lids_are_not_painted_where_a_man_s_looks_go() -> None:
    eye, lid, beside, below = (from_middle(*xy) for xy in ((-0.5, 0.0), (-0.5, -0.1), (-0.7, 0.0), (-0.5, 0.21)))
    for is_removal, shares in ((False, (0.6, 0.4, 0.43)), (True, (0.85, 0.85, 0.85))):
        found = spared(0.12, is_removal=is_removal)
        assert [at(found, xy) for xy in (eye, lid, beside)] == pytest.approx(shares, abs=0.06)
    assert at(found, below) < 0.02


def test_what_lies_beside_a_face_stays_nearer_to_the_eyes_where_it_turns_away() -> None:
    turned = POINTS.copy()
    turned[2, 0] += 0.2 * (POINTS[1, 0] - POINTS[0, 0])
    assert 15 < yaw_of(turned) < 35

    def edges(points_xy: Points) -> tuple[float, float]:
        """How far to the left and right of the eyes' middle it begins, in their distances."""
        row = spared(0.12, points_xy)[round(float(POINTS[2, 1]))].numpy() > 0.9
        across = (np.arange(SIZE) - POINTS[:2, 0].mean()) / (POINTS[1, 0] - POINTS[0, 0])
        return float(across[row & (across < -0.5)].max()), float(across[row & (across > 0.5)].min())

    left, right = edges(POINTS)
    assert (-left, right) == pytest.approx((1.05, 1.05), abs=0.03)
    left, right = edges(turned)
    assert right < 0.85
    assert left < -1.3
    mirrored = turned.copy()
    mirrored[2, 0] = POINTS[:2, 0].sum() - turned[2, 0]
    assert edges(mirrored) == pytest.approx((-right, -left), abs=0.03)


@pytest.mark.parametrize("is_removal", [True, False])
@pytest.mark.parametrize("has_mustache", [False, True])
def test_male_leaves_eyes(is_removal: bool, has_mustache: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = editor_over(Painter(), drawn_brows(0.28), monkeypatch)
    x = torch.from_numpy(face_with(drawn_brows(0.28)))
    edit = editor.edit_without("Male") if is_removal else editor.edit_like(np.zeros((SIZE, SIZE, 3), np.uint8), "Male")
    mustache = [Edit("Mustache", torch.zeros(1))] * has_mustache

    def drawn(painter: Painter, crops: Tensor, edits: list[Edit]) -> Tensor:
        return torch.full_like(crops, 0.5 * (edits[0].attribute == "Male"))

    monkeypatch.setattr(Painter, "residuals", drawn)
    changed = editor.residuals(x, [*mustache, edit])[0, 0]
    left = 0.075 if is_removal else 0.2
    assert [at(changed, eye) for eye in POINTS[:2]] == pytest.approx([left, left], abs=0.02)
    assert at(changed, from_middle(0.6, 0.5)) == pytest.approx(0.5 if is_removal else 0.25, abs=0.02)
    assert at(changed, POINTS[2]) == pytest.approx(0.5, abs=0.02)
