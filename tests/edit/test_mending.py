"""Traces of glasses that were taken off: thin rims are covered with the skin beside them, and nothing else is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.align.templates import template_points
from videoedit.detect.finders import Finders
from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.edit.base import Edit, together
from videoedit.edit.lifting.base import Mends
from videoedit.edit.lifting.glasses import GlassesLifting
from videoedit.edit.tryon import TryOnEditor
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import change_of

FINDERS = Finders(cast(PointsFinder, None), cast(LipsFinder, None), cast(BrowsFinder, None), cast(HairFinder, None))
"""None is asked of them."""

SIZE = 256
POINTS = template_points("elegant", SIZE)
EYES_Y = round(float(POINTS[:2, 1].mean()))
BROW, CHEEK = EYES_Y - 16, EYES_Y + 22
"""Rows of the upper and the lower rim."""
SKIN, TRACE = 0.3, 0.5


class Matting(MattingNetwork):
    """Sees a cover wherever a face and the same without differ."""

    def __init__(self) -> None:
        super().__init__(MattingConfig(crop_size=SIZE, width=8))
        self.seen = 0

    def lift(self, x: Tensor, without: Tensor) -> Tensor:
        self.seen += len(x)
        cover = ((x - without).abs().amax(dim=1, keepdim=True) > 0.2).float()
        return torch.cat([cover * x, cover], dim=1)


def rims(thickness: int = 4) -> Tensor:
    """Where two rims go across a crop, (S, S)."""
    where = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    for row in (BROW, CHEEK):
        where[row : row + thickness, 50:200] = True
    return where


def face(colour: float, where: Tensor) -> Tensor:
    """Return a flat face, (1, 3, S, S), with something of another colour on it."""
    return torch.where(where, colour, SKIN).expand(1, 3, SIZE, SIZE).clone()


def mended(traces: float, where: Tensor, *, worn: float = -0.8) -> Tensor:
    """Return a face (S, S) after glasses came off it that left traces, and these were mended."""
    x, below = face(worn, where), face(traces, where)
    layer = GlassesLifting(Matting()).mend(x, below, [POINTS], torch.ones(1))
    return (below + change_of(layer, below))[0, 0]


@pytest.mark.parametrize("traces", [TRACE, 0.28, 0.1])
def test_traces_of_thin_rims_get_the_colour_of_the_skin(traces: float) -> None:
    healed = mended(traces, rims())
    assert (healed[CHEEK - 6 : CHEEK + 10, 60:190] - SKIN).abs().max() < 0.02
    assert (healed[CHEEK + 12 :] == SKIN).all()


def test_what_is_dark_above_is_brow_or_lash_and_stays() -> None:
    dark, bright = mended(SKIN - 0.3, rims()), mended(TRACE, rims())
    assert (dark[BROW : BROW + 4, 60:190] - (SKIN - 0.3)).abs().max() < 0.02
    assert (bright[BROW : BROW + 4, 60:190] - SKIN).abs().max() < 0.02


def test_skin_beside_wide_rims_does_not_tell_what_they_hid() -> None:
    healed = mended(TRACE, rims(thickness=14))
    assert (healed[CHEEK + 3 : CHEEK + 11, 60:190] - TRACE).abs().max() < 0.02


def test_only_faces_that_lost_glasses_are_looked_at() -> None:
    network, where = Matting(), rims()
    x = torch.cat([face(SKIN, where), face(-0.8, where), face(SKIN, where)])
    below = torch.cat([face(SKIN, where), face(TRACE, where), face(SKIN + 0.002, where)])
    layers = GlassesLifting(network).mend(x, below, [POINTS] * 3, torch.ones(3))
    assert network.seen == 1
    assert layers[[0, 2]].abs().max() == 0
    alone = GlassesLifting(network).mend(x[1:2], below[1:2], [POINTS], torch.ones(1))
    assert torch.equal(layers[1:2], alone)


EYE = tuple(POINTS[0, ::-1].round().astype(int))
"""Row and column of an eye."""


@pytest.mark.parametrize(("drawn", "left"), [(0.15, -0.6), (0.9, 0.3)])
def test_eyes_that_lenses_show_stay_and_hidden_ones_are_drawn(drawn: float, left: float) -> None:
    row, column = EYE
    x = face(-0.8, rims())
    x[:, :, row - 6 : row + 6, column - 9 : column + 9] = -0.6
    below = face(SKIN, rims())
    below[:, :, row - 6 : row + 6, column - 9 : column + 9] = -0.6 + drawn
    layer = GlassesLifting(Matting()).mend(x, below, [POINTS], torch.ones(1))
    seen = below + change_of(layer, below)
    assert seen[0, 0, row, column] == pytest.approx(left, abs=0.02)
    assert seen[0, 0, row, column - 60] == below[0, 0, row, column - 60]  # the temple is no eye
    wandering = GlassesLifting(Matting()).mend(x, below, [POINTS + np.array([0.0, 40.0])], torch.ones(1))
    assert wandering[0, 3, row, column] == 0


@pytest.mark.parametrize(("cover", "kept"), [(0.35, 1.0), (0.75, 0.0)])
def test_eyes_show_through_lenses_that_hide_little(cover: float, kept: float) -> None:
    class Tinted(Matting):
        def lift(self, x: Tensor, without: Tensor) -> Tensor:
            return torch.full_like(x[:, :1], cover).repeat(1, 4, 1, 1)

    layer = GlassesLifting(Tinted()).mend(face(-0.8, rims()), face(SKIN, rims()), [POINTS], torch.ones(1))
    assert layer[0, 3, EYE[0], EYE[1]] == pytest.approx(kept, abs=0.01)


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.75, 1.0])
def test_eyes_that_lenses_show_stay_whatever_the_strength(strength: float) -> None:
    row, column = EYE
    x, drawn = face(-0.8, rims()), face(SKIN, rims())
    drawn[:, :, row - 6 : row + 6, column - 9 : column + 9] = SKIN + 0.15
    layer = GlassesLifting(Matting()).mend(x, drawn, [POINTS], torch.tensor([strength]))
    weak = x + strength * (drawn - x)
    assert (weak + change_of(layer, weak))[0, 0, row, column] == pytest.approx(SKIN, abs=1e-3)
    assert layer[0, 3, CHEEK + 2, 70] == pytest.approx(strength, abs=1e-3)


def test_what_is_lifted_off_an_exemplar_lies_on_both_sides() -> None:
    where = rims()
    where[CHEEK + 10 : CHEEK + 30, 30:45] = True  # hair
    worn = GlassesLifting(Matting()).lift(face(-0.8, where), face(SKIN, where), POINTS)
    assert worn is not None
    assert worn.layer[0, 3, CHEEK + 2, 70:180].min() == 1
    assert worn.layer[0, 3, CHEEK + 12 :].max() == 0


class HalfSighted(Matting):
    """Sees every other row of the left half alone."""

    def lift(self, x: Tensor, without: Tensor) -> Tensor:
        layer = super().lift(x, without)
        layer[:, :, 1::2] = 0
        layer[..., SIZE // 2 :] = 0
        return layer


def test_what_the_network_misses_in_one_view_of_an_exemplar_it_sees_in_another() -> None:
    where = rims(14)
    worn = GlassesLifting(HalfSighted()).lift(face(-0.8, where), face(SKIN, where), POINTS)
    assert worn is not None
    for rim in (BROW, CHEEK):
        lies = worn.layer[0, :, rim + 2 : rim + 12, 76:120]
        assert lies[3].min() == pytest.approx(float(lies[3].max()), abs=1e-5)
        assert lies[3].min() > 0.2
        torch.testing.assert_close(lies[:3] / lies[3], torch.full_like(lies[:3], -0.8))


def test_rims_before_an_eye_are_not_kept_with_it() -> None:
    across = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    across[EYE[0] + 4 : EYE[0] + 8, 50:200] = True
    x, below = face(-0.8, across), face(TRACE, across)
    layer = GlassesLifting(Matting()).mend(x, below, [POINTS], torch.ones(1))
    assert (below + change_of(layer, below))[0, 0, EYE[0] + 6, EYE[1]] > SKIN - 0.05


def test_eyes_are_where_each_faces_points_say() -> None:
    bare, worn, below = face(SKIN, rims()), face(-0.8, rims()), face(SKIN - 0.3, rims())
    x, below = torch.cat([bare, worn, worn]), torch.cat([bare, below, below])
    down = np.array([0.0, 60.0])
    layers = GlassesLifting(Matting()).mend(x, below, [POINTS + down, POINTS, POINTS + down], torch.ones(3))
    _, as_it_is, lower = (below + change_of(layers, below))[:, 0, CHEEK : CHEEK + 4, 60:190]
    assert (as_it_is - SKIN).abs().max() < 0.02
    assert (lower - (SKIN - 0.3)).abs().max() < 0.02  # above these eyes


class Remover:
    """Takes everything off the rims but a trace, and dims what is to smile."""

    attributes = ("Eyeglasses", "Smiling")
    crop_size = SIZE
    template = "elegant"

    def __init__(self, where: Tensor) -> None:
        self._where = where

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        residual = torch.zeros(len(crops), 4, SIZE, SIZE)
        for edit in edits:
            if edit.attribute == "Eyeglasses":
                residual[:, :3] += torch.where(self._where, TRACE - crops, 0.0)
            else:
                residual[:, :3] -= 0.25
        return residual

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        limits = torch.ones(len(crops), SIZE, SIZE)
        limits[:, :, 150:] = 0.0
        return limits


@pytest.fixture
def editor() -> TryOnEditor:
    return TryOnEditor(Remover(rims()), Matting(), FINDERS, "cpu")


def edited(editor: TryOnEditor, edits: Sequence[Edit]) -> Tensor:
    x = face(-0.8, rims())
    points = torch.from_numpy(POINTS)[None]
    placed = [replace(edit, points=points) for edit in edits]
    return (x + change_of(editor.residuals(x, placed), x))[0, 0]


ON_RIM = (CHEEK + 2, 100)
BEYOND = (CHEEK + 2, 180)
"""A place on the rim that no edit may touch."""


def test_removal_mends_as_far_as_its_strength_and_its_region_go(editor: TryOnEditor) -> None:
    assert isinstance(GlassesLifting(Matting()), Mends)
    whole, half, none = (edited(editor, [editor.edit_without("Eyeglasses", s)]) for s in (1.0, 0.5, 0.0))
    assert whole[ON_RIM] == pytest.approx(SKIN, abs=0.02)
    assert half[ON_RIM] == pytest.approx((SKIN + TRACE) / 2, abs=0.02)
    assert none[ON_RIM] == pytest.approx(TRACE, abs=1e-5)
    assert whole[BEYOND] == pytest.approx(TRACE, abs=1e-5)


def test_with_a_reference_too_and_where_others_are_edited_with_it(editor: TryOnEditor) -> None:
    edit = editor._editor.edit_like(np.zeros((SIZE, SIZE, 3), np.uint8), "Eyeglasses")
    assert edited(editor, [edit])[ON_RIM] == pytest.approx(TRACE, abs=1e-5)  # drawn ones are no traces
    assert edited(editor, [edit.as_removal])[ON_RIM] == pytest.approx(SKIN, abs=0.02)
    smile = Edit("Smiling", torch.ones(1))
    both = edited(editor, [smile, edit.as_removal])
    assert both[ON_RIM] == pytest.approx(SKIN - 0.25, abs=0.02)


def test_removals_are_not_made_in_one_call_with_others(editor: TryOnEditor) -> None:
    edit = Edit("Eyeglasses", torch.ones(1))
    assert edit.kind != edit.as_removal.kind
    assert edit.as_removal.worn is None
    assert together([edit.as_removal] * 2).is_removal
    assert not together([edit] * 2).is_removal
