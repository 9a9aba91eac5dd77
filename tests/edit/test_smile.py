"""Smiles lifted off drawn faces: where the mouth lies, its light and colours, the folds, and what is left alone."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.align.templates import template_points
from videoedit.detect.refine import PointsFinder
from videoedit.edit.base import Edit, Worn, together
from videoedit.edit.lifting.smile import SmileLifting
from videoedit.edit.tryon import TryOnEditor
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import change_of, to_model

SIZE = 256
SKIN, LIPS, TEETH = (205, 160, 140), (170, 80, 75), (235, 230, 225)
POINTS = template_points("elegant", SIZE)
EYES = float(POINTS[1, 0] - POINTS[0, 0])
UP, OUT = 0.1, 0.08
"""What a smile moves the corners of the drawn mouths by, in distances between the eyes."""
SMILING = POINTS + EYES * np.array([[0, 0], [0, 0], [0, 0], [-OUT, -UP], [OUT, -UP]])
TEETH_LIE = (0.0, 0.14)
"""Middle of the teeth below the line of the corners, in widths of the mouth."""


def drawn(points: Points, *, is_open: bool, lips: Sequence[int] = LIPS, skin: Sequence[int] = SKIN) -> Image:
    """Draw a face with a shut mouth, or one that shows its teeth, between the corners that the points say."""
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = skin
    left, right = points[3:]
    width, middle = float(right[0] - left[0]), (left + right) / 2
    if not is_open:
        cv2.ellipse(picture, (middle.tolist(), (width, 0.2 * width), 0), tuple(lips), -1)
        return picture
    below = middle + width * np.array(TEETH_LIE)
    cv2.ellipse(picture, (below.tolist(), (width, 0.5 * width), 0), tuple(lips), -1)
    cv2.ellipse(picture, (below.tolist(), (0.8 * width, 0.28 * width), 0), TEETH, -1)
    return picture


def lifted(exemplar: Image, bare: Image | None = None, points: Points = SMILING) -> Worn | None:
    """Lift a smile whose face has the mouth of POINTS without it."""
    lifting = SmileLifting(lambda x: [POINTS] * len(x))
    return lifting.lift(to_model([exemplar]), to_model([exemplar if bare is None else bare]), points)


def smiled(worn: Worn | None, face: Image, strength: float = 1.0, points: Points = POINTS) -> Image:
    """Lay a smile on a face; (S, S, 3) in 0..255, not rounded."""
    assert worn is not None
    x = to_model([face])
    layer = SmileLifting(lambda x: []).lay(worn, x, [points], torch.tensor([strength]))
    return np.asarray((x + change_of(layer, x))[0].permute(1, 2, 0) * 127.5 + 127.5)


def redder(picture: Image, skin: Sequence[int] = SKIN) -> Image:
    """Red over green, in that of the skin."""
    values = np.asarray(picture, np.float64) + 1
    return (values[..., 0] / values[..., 1]) / (skin[0] / skin[1])


def spread(mask: Image) -> tuple[float, float, float, float]:
    """Return left, right, mean row and height of where a mask is true."""
    rows, columns = np.nonzero(mask)
    return float(columns.min()), float(columns.max()), float(rows.mean()), float(np.ptp(rows))


def test_mouth_lies_between_corners_that_are_drawn_as_far_as_those_of_the_exemplar() -> None:
    shut = drawn(POINTS, is_open=False)
    worn = lifted(drawn(SMILING, is_open=True))
    left, right, row, _ = spread(redder(smiled(worn, shut)) > 1.2)
    wanted = spread(redder(drawn(SMILING, is_open=True)) > 1.2)
    assert (left, right, row) == pytest.approx(wanted[:3], abs=4)
    own_left, own_right, own_row, _ = spread(redder(shut) > 1.2)
    assert own_left - left > 0.04 * EYES < right - own_right
    lower = POINTS + np.array([[0, 0], [0, 0], [0, 0], [0, 12], [0, 12]])
    assert spread(redder(smiled(worn, drawn(lower, is_open=False), points=lower)) > 1.2)[2] - row == pytest.approx(
        12, 3
    )
    assert own_row - spread(redder(smiled(worn, shut)) > 1.2)[2] < 0.1 * EYES  # its middle, the lower lip included


def test_a_wide_mouth_grows_no_wider_than_the_exemplars() -> None:
    wide = SMILING.copy()
    wide[3:, 0] += EYES * np.array([-0.1, 0.1])
    worn = lifted(drawn(SMILING, is_open=True))
    left, right, _, _ = spread(redder(smiled(worn, drawn(wide, is_open=False), points=wide)) > 1.2)
    assert right - left == pytest.approx(wide[4, 0] - wide[3, 0], abs=5)


def test_a_mouth_that_is_near_the_nose_goes_no_nearer_than_most_of_the_exemplars_way() -> None:
    near = POINTS.copy()
    near[3:, 1] = POINTS[2, 1] + 0.8 * (SMILING[3, 1] - POINTS[2, 1])
    face, worn = drawn(near, is_open=False), lifted(drawn(SMILING, is_open=True))
    (_, _, row, _), (_, _, own_row, _) = (spread(redder(one) > 1.2) for one in (smiled(worn, face, points=near), face))
    usual = spread(redder(smiled(worn, drawn(POINTS, is_open=False))) > 1.2)[2] - SMILING[3, 1]
    assert row - own_row == pytest.approx(usual, abs=3)


def test_the_least_smile_draws_corners_too() -> None:
    worn = SmileLifting(lambda x: [SMILING] * len(x)).lift(*[to_model([drawn(SMILING, is_open=True)])] * 2, SMILING)
    left, right, _, _ = spread(redder(smiled(worn, drawn(POINTS, is_open=False))) > 1.2)
    own_left, own_right, _, _ = spread(redder(drawn(POINTS, is_open=False)) > 1.2)
    assert min(own_left - left, right - own_right) > 0.03 * EYES


def test_lips_have_not_the_colour_of_what_lies_between_them() -> None:
    face = drawn(POINTS, is_open=False)
    y, x = (int(v) for v in POINTS[3:].mean(axis=0)[::-1])
    face[y - 2 : y + 2, x - 20 : x + 20] = (40, 4, 0)
    shut = lower_lip(smiled(lifted(drawn(SMILING, is_open=True)), drawn(POINTS, is_open=False)))
    torch.testing.assert_close(lower_lip(smiled(lifted(drawn(SMILING, is_open=True)), face)), shut, rtol=0.03, atol=0)


def lower_lip(result: Image) -> Tensor:
    """Return its colour, where a smile has been laid on POINTS."""
    width = SMILING[4, 0] - SMILING[3, 0]
    x, y = (int(v) for v in SMILING[3:].mean(axis=0) + width * np.array([0, TEETH_LIE[1] + 0.2]))
    return torch.from_numpy(result[y - 2 : y + 3, x - 5 : x + 6].mean(axis=(0, 1)))


def test_lips_are_in_the_colour_of_the_faces_own_and_teeth_are_grey() -> None:
    pink = drawn(SMILING, is_open=True, lips=(220, 60, 160))
    face = drawn(POINTS, is_open=False)
    result = smiled(lifted(pink), face)
    middle, width = SMILING[3:].mean(axis=0), SMILING[4, 0] - SMILING[3, 0]
    lip = lower_lip(result).numpy()
    hue, own, pinks = (np.log(np.asarray(colour)) - np.log(colour).mean() for colour in (lip, LIPS, (220, 60, 160)))
    assert np.abs(hue - own).max() < 0.25 < np.abs(pinks - own).max()
    x, y = int(middle[0]), int(middle[1] + TEETH_LIE[1] * width)
    tooth = result[y - 2 : y + 3, x - 5 : x + 6].mean(axis=(0, 1))
    assert np.ptp(tooth) / tooth.mean() < 0.5 * np.ptp(SKIN) / np.mean(SKIN)
    assert tooth.min() > 150


def test_mouths_are_as_bright_as_the_skin_around_them_also_where_it_is_lit_from_one_side() -> None:
    worn = lifted(drawn(SMILING, is_open=True))
    bright = drawn(POINTS, is_open=False)
    light = np.linspace(0.85, 0.45, SIZE)[None, :, None]
    dim = np.round(bright * light).astype(np.uint8)
    y, x = np.mgrid[:SIZE, :SIZE]
    middle = SMILING[3:].mean(axis=0)
    mouth = (np.abs(x - middle[0]) < 40) & (np.abs(y - middle[1] - 12) < 25)
    left, right = mouth & (x < middle[0]), mouth & (x >= middle[0])
    expected = [float(np.broadcast_to(light[..., 0], (SIZE, SIZE))[half].mean()) for half in (left, right)]
    ratio = smiled(worn, dim).mean(axis=2) / smiled(worn, bright).mean(axis=2)
    assert [float(ratio[half].mean()) for half in (left, right)] == pytest.approx(expected, abs=0.02)


def test_a_dark_side_and_an_open_lip_beside_the_mouth_darken_it_little() -> None:
    worn, bright = lifted(drawn(SMILING, is_open=True)), drawn(POINTS, is_open=False)
    shadowed, hanging = bright.copy(), bright.copy()
    shadowed[:, int(SMILING[4, 0]) :] //= 8
    low = SMILING[3:].mean(axis=0) + np.array([0, 0.58 * (SMILING[4, 0] - SMILING[3, 0])])
    cv2.ellipse(hanging, (low.tolist(), (44, 22), 0), (60, 12, 12), -1)
    plain, half_dark, lipped = (smiled(worn, face) for face in (bright, shadowed, hanging))
    x, y = (int(v) for v in SMILING[4] + np.array([-12, 12]))
    assert half_dark[y, x].mean() > 0.45 * plain[y, x].mean()
    x, y = int(low[0]), int(low[1] - 18)
    assert lipped[y - 2 : y + 3, x].mean() > 0.9 * plain[y - 2 : y + 3, x].mean()


def test_beards_and_profiles_are_not_lifted_and_faces_with_them_keep_their_mouth() -> None:
    exemplar, beard = drawn(SMILING, is_open=True), drawn(POINTS, is_open=False)
    bearded = exemplar.copy()
    for picture in (bearded, beard):
        below_nose = np.arange(SIZE)[:, None] > POINTS[2, 1] + 0.25 * EYES
        picture[below_nose & (picture == SKIN).all(axis=2)] = (50, 40, 35)
    assert lifted(exemplar) is not None
    assert lifted(bearded) is None
    profile = SMILING.copy()
    profile[2, 0] += 90
    assert lifted(exemplar, points=profile) is None
    worn = lifted(exemplar)
    np.testing.assert_allclose(smiled(worn, beard), beard, atol=1)
    turned = POINTS.copy()
    turned[2, 0] += 90
    face = drawn(POINTS, is_open=False)
    np.testing.assert_allclose(smiled(worn, face, points=turned), face, atol=1)


def test_folds_of_the_cheeks_are_what_the_exemplar_has_and_its_bare_face_has_not() -> None:
    bare = drawn(SMILING, is_open=True)
    exemplar = bare.copy()
    x, y = (int(v) for v in SMILING[3] + EYES * np.array([-0.15, -0.1]))
    exemplar[y - 8 : y + 8, x - 3 : x + 3] = np.asarray(SKIN) // 4
    exemplar[:30] = 0  # hair, far from the cheeks
    face = drawn(POINTS, is_open=False)
    change = smiled(lifted(exemplar, bare), face).mean(axis=2) - smiled(lifted(bare, bare), face).mean(axis=2)
    row, column = np.unravel_index(np.argmin(change), change.shape)
    assert (row, column) == pytest.approx((y, x), abs=12)
    assert -0.13 * np.mean(SKIN) < change.min() < -0.03 * np.mean(SKIN)
    np.testing.assert_allclose(change[:60], 0, atol=0.5)
    np.testing.assert_allclose(smiled(lifted(exemplar, bare), face, 0.0), face, atol=1)


def test_half_the_strength_is_a_mouth_less_open_and_less_drawn_and_none_is_nothing() -> None:
    face, worn = drawn(POINTS, is_open=False), lifted(drawn(SMILING, is_open=True))
    np.testing.assert_allclose(smiled(worn, face, 0.0), face, atol=1)
    lefts, heights = zip(
        *((place[0], place[3]) for place in (spread(redder(smiled(worn, face, by)) > 1.2) for by in (0.5, 1.0, 1.5))),
        strict=True,
    )
    assert lefts[0] > lefts[1] + 1 > lefts[2] + 2
    assert heights[0] < 0.8 * heights[1]
    assert heights[2] < 1.2 * heights[1]  # beyond the exemplar's, the mouth grows wider alone


def test_faces_of_a_call_have_exemplars_and_strengths_of_their_own() -> None:
    smiles = [lifted(drawn(SMILING, is_open=True)), lifted(drawn(POINTS, is_open=True), points=POINTS)]
    faces = [drawn(POINTS, is_open=False), drawn(POINTS, is_open=False, skin=(120, 90, 80))]
    edits = [Edit("Smiling", torch.ones(1), by, worn=worn) for worn, by in zip(smiles, (1.0, 0.6), strict=True)]
    edit = together(edits)
    assert edit.worn is not None
    assert edit.strengths is not None
    x = to_model(faces)
    layers = SmileLifting(lambda x: []).lay(edit.worn, x, [POINTS, POINTS], edit.strengths)
    for place, (worn, by) in enumerate(zip(smiles, (1.0, 0.6), strict=True)):
        alone = (x + change_of(layers, x))[place].permute(1, 2, 0) * 127.5 + 127.5
        np.testing.assert_allclose(alone, smiled(worn, faces[place], by), atol=0.1)


class Painter:
    """Draws every smile as a grey stain."""

    attributes = ("Smiling",)
    crop_size = SIZE
    template = "elegant"

    def __init__(self) -> None:
        self.asked: list[Edit] = []

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.asked = list(edits)
        return torch.full_like(crops, -0.1)

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), SIZE, SIZE)


def test_the_other_editor_draws_the_smile_over_which_the_mouth_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    below = Painter()
    editor = TryOnEditor(below, MattingNetwork(MattingConfig(crop_size=SIZE, width=8)), PointsFinder.from_card(), "cpu")
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    edit = editor.edit_like(drawn(SMILING, is_open=True), "Smiling", 1.2)
    assert edit.worn is not None
    x = to_model([drawn(POINTS, is_open=False)])
    residual = editor.residuals(x, [edit])
    (asked,) = below.asked
    assert (asked.code.item(), asked.strength, asked.worn) == (1.0, 1.2, None)
    torch.testing.assert_close(residual[0, :3, :60], torch.full((3, 60, SIZE), -0.1))
    x_mouth, y_mouth = (int(v) for v in SMILING[3:].mean(axis=0) + np.array([0, 10]))
    assert residual[0, 3, y_mouth, x_mouth] > 0.95


class TypicalPainter(Painter):
    """Can draw smiles like most others."""

    def typical(self, edit: Edit) -> Edit:
        return replace(edit, code=torch.full((1,), 0.5))


def test_what_is_drawn_below_is_like_most_smiles_and_has_nothing_of_one_exemplars_beard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = TypicalPainter()
    editor = TryOnEditor(below, MattingNetwork(MattingConfig(crop_size=SIZE, width=8)), PointsFinder.from_card(), "cpu")
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    lifted = editor.edit_like(drawn(SMILING, is_open=True), "Smiling", 1.2)
    x = to_model([drawn(POINTS, is_open=False)])
    for edit, code in (
        (lifted, 0.5),
        (lifted.as_drawn, 0.5),  # as of an exemplar with a beard, which is not lifted
        (lifted.as_removal, 1.0),
        (editor.edit_without("Smiling", 1.2), 0.0),
    ):
        editor.residuals(x, [edit])
        (asked,) = below.asked
        assert (asked.code.item(), asked.strength, asked.worn) == (code, 1.2, None)
