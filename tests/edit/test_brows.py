"""Brows are level where the other editor draws, and what it draws goes back to where the face's own are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.drawn_brows import HAIR, SIZE, SKIN, drawn_brows, face_with, mask_of
from tests.drawn_mouths import drawn_lips
from videoedit.align.brows import Brows
from videoedit.align.lips import Lips
from videoedit.align.templates import template_points
from videoedit.detect.finders import Finders
from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.edit.base import Edit
from videoedit.edit.lifting.brows import BrowLevelling, Levelling
from videoedit.edit.tryon import TryOnEditor
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import BENT_FROM, bent, change_of

POINTS = template_points("elegant", SIZE)
MAN = 0.24
"""Height of a man's brows, in distances between the eyes."""
ONE = torch.ones(1)


class Told:
    """Finds the brows that it is told."""

    def __init__(self, brows: Brows) -> None:
        self._brows = brows

    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Brows]:
        return [replace(self._brows, face_xy=xy) for xy in points_xy]


class ToldLips:
    """Finds a mouth that smiles."""

    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Lips]:
        return [drawn_lips(width=0.98, gap=0.16, lower=-0.1, face_xy=xy) for xy in points_xy]


class Painter:
    """Remembers what it sees, and draws black brows where a man has them."""

    attributes: tuple[str, ...] = ("Male", "Smiling", "Mustache")
    crop_size = SIZE
    template = "elegant"

    def __init__(self) -> None:
        self.seen = torch.zeros(0)
        self.drawn = torch.zeros(SIZE, SIZE)
        self.limit = 1.0

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, ONE, strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, 0 * ONE, strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.seen = crops
        return self.drawn.expand_as(crops).clone()

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.full((len(crops), SIZE, SIZE), self.limit)


def levelled(brows: Brows, strength: float = 1.0, face_xy: Points = POINTS) -> Levelling:
    x = torch.from_numpy(face_with(brows))
    return BrowLevelling(cast(BrowsFinder, Told(brows))).of(x, [face_xy], strength * ONE)


def height_of(x: Tensor) -> float:
    """Return how high above the eyes the dark brows of a face lie, in distances between the eyes."""
    above = torch.from_numpy(np.arange(SIZE) < POINTS[0, 1] - 4)
    dark = (SKIN - x[0, 0]).clamp(min=0.0).sum(dim=1) * above
    row = float((dark * torch.arange(SIZE)).sum() / dark.sum())
    return float(POINTS[:2, 1].mean() - row) / float(POINTS[1, 0] - POINTS[0, 0])


@pytest.mark.parametrize(("height", "seen"), [(0.28, MAN), (0.36, MAN), (0.15, MAN), (0.5, 0.3)])
def test_brows_are_seen_at_a_mans_height_if_it_is_not_too_far(height: float, seen: float) -> None:
    brows = drawn_brows(height)
    x = torch.from_numpy(face_with(brows))
    assert height_of(x) == pytest.approx(height, abs=0.015)
    assert height_of(levelled(brows).level(x)) == pytest.approx(seen, abs=0.02)


@pytest.mark.parametrize(("height", "left"), [(0.27, MAN), (0.36, 0.29), (0.15, 0.15)])
def test_the_faces_own_are_lowered_to_a_mans_and_what_is_drawn_comes_to_lie_on_them(height: float, left: float) -> None:
    brows = drawn_brows(height)
    x = torch.from_numpy(face_with(brows))
    levelling = levelled(brows)
    own = bent(x, levelling.lowered)
    assert height_of(own) == pytest.approx(left, abs=0.02)
    level = levelling.level(x)
    drawn = torch.cat([torch.where(level < 0.0, -0.3, 0.0), torch.zeros(1, 1, SIZE, SIZE)], dim=1)
    back = change_of(levelling.taken_back(drawn, level), own)
    assert height_of(SKIN + back) == pytest.approx(height_of(own), abs=0.012)
    half = levelled(brows, 0.5).lowered
    torch.testing.assert_close(half, 0.5 * levelling.lowered, atol=0.8, rtol=0)
    assert not levelled(brows, 0.0).lowered.abs().max() > 1e-4


def test_nothing_dark_is_drawn_between_brows_and_no_less_upon_them() -> None:
    brows = drawn_brows(MAN)
    x = torch.from_numpy(face_with(brows))
    levelling = levelled(brows)
    drawn = torch.full((1, 4, SIZE, SIZE), -0.5)
    drawn[:, 3] = 0.0
    back = levelling.taken_back(drawn, levelling.level(x))
    middle, on = brows.placed(np.array([[0.0, -MAN], [-0.5, -MAN]])).round().astype(int)
    assert float(back[0, 0, middle[1], middle[0]]) == pytest.approx(-0.1, abs=0.06)
    assert float(back[0, 0, on[1], on[0]]) == pytest.approx(-0.5, abs=0.01)
    faint = levelling.taken_back(0.1 * drawn, levelling.level(x))
    assert float(faint[0, 0, middle[1], middle[0]]) == pytest.approx(-0.05, abs=0.005)


def test_profiles_and_faces_without_size_are_left_as_they_are() -> None:
    profile = POINTS.copy()
    profile[2, 0] += 60
    for face_xy in (profile, np.tile(POINTS[2], (5, 1))):
        levelling = levelled(drawn_brows(0.36), face_xy=face_xy)
        maps = levelling.shown, levelling.back, levelling.lowered, levelling.between
        assert all(float(one.abs().max()) < 1e-3 for one in maps)
        assert all(bool(one.isfinite().all()) for one in maps)


def editor_over(below: Painter, brows: Brows, monkeypatch: pytest.MonkeyPatch) -> TryOnEditor:
    finders = Finders(
        cast(PointsFinder, None), cast(LipsFinder, ToldLips()), cast(BrowsFinder, Told(brows)), cast(HairFinder, None)
    )
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    return TryOnEditor(below, MattingNetwork(MattingConfig(crop_size=SIZE, width=8)), finders, "cpu")


def test_only_who_is_to_be_a_man_is_levelled(monkeypatch: pytest.MonkeyPatch) -> None:
    brows, below = drawn_brows(0.36), Painter()
    editor = editor_over(below, brows, monkeypatch)
    x = torch.from_numpy(face_with(brows))
    for edit in (editor.edit_without("Male"), Edit("Mustache", ONE)):
        residual = editor.residuals(x, [edit])
        assert height_of(below.seen) == pytest.approx(0.36, abs=0.015)
        assert not residual[:, BENT_FROM:].any()
    residual = editor.residuals(x, [Edit("Mustache", ONE), Edit("Male", ONE)])
    assert height_of(below.seen) == pytest.approx(MAN, abs=0.02)
    assert residual[:, BENT_FROM:].abs().max() > 0.04 * 70


def test_new_brows_take_the_place_of_the_faces_own(monkeypatch: pytest.MonkeyPatch) -> None:
    brows, below = drawn_brows(0.36), Painter()
    below.drawn = torch.from_numpy(mask_of(drawn_brows(MAN)) * np.float32(-0.3))
    editor = editor_over(below, brows, monkeypatch)
    x = torch.from_numpy(face_with(brows))
    changed = x + change_of(editor.residuals(x, [Edit("Male", ONE)]), x)
    assert height_of(changed) == pytest.approx(0.29, abs=0.02)
    column = changed[0, 0, : round(float(POINTS[0, 1])), round(float(POINTS[0, 0]))]
    dark = (column < (SKIN + HAIR) / 2).int()
    assert int((dark.diff() == 1).sum()) == 1  # one brow, not two
    assert float(column.min()) < HAIR - 0.2


def test_brows_are_lowered_within_the_limits_of_the_edit_and_by_editors_that_know_no_smile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    brows, below = drawn_brows(0.36), Painter()
    below.attributes = ("Male",)
    editor = editor_over(below, brows, monkeypatch)
    x = torch.from_numpy(face_with(brows))
    whole = editor.residuals(x, [Edit("Male", ONE)])[:, BENT_FROM:]
    assert whole.abs().max() > 1.0
    below.limit = 0.5
    torch.testing.assert_close(editor.residuals(x, [Edit("Male", ONE)])[:, BENT_FROM:], 0.5 * whole)


def test_brows_and_a_smile_are_bent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    brows, below = drawn_brows(0.36), Painter()
    editor = editor_over(below, brows, monkeypatch)
    x = torch.from_numpy(face_with(brows))
    serious, male = editor.edit_without("Smiling"), Edit("Male", ONE)
    *each, both = (editor.residuals(x, edits)[:, BENT_FROM:] for edits in ([serious], [male], [serious, male]))
    assert height_of(below.seen) == pytest.approx(MAN, abs=0.02)
    assert all(one.abs().max() > 1.0 for one in each)
    torch.testing.assert_close(both, each[0] + each[1], atol=0.05, rtol=0)
