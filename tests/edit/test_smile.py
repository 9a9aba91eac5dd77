"""Smiles bent into drawn mouths and out of them: where lips go, whose teeth are seen, what is left to the editor."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from tests.drawn_mouths import SIZE, SKIN, TEETH, drawn_lips, drawn_mouth, facing
from videoedit.align.lips import CORNERS, Lips, gap_of, width_of
from videoedit.align.templates import template_points
from videoedit.detect.finders import Finders
from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.edit.base import Edit, Worn, together
from videoedit.edit.lifting.base import Bent
from videoedit.edit.lifting.smile import SmileBending
from videoedit.edit.tryon import TryOnEditor
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import change_of, to_model

POINTS = template_points("elegant", SIZE)
SERIOUS = drawn_lips(width=0.78, gap=0.0)
GRINNING = drawn_lips(width=0.98, gap=0.16, lower=-0.1)
SMIRKING = drawn_lips(width=0.98, gap=0.0, lower=-0.1, arch=0.06)
TALKING = drawn_lips(width=0.76, gap=0.2, lower=0.02)


class Told:
    """Finds the lips that it is told."""

    def __init__(self, *lips: Lips) -> None:
        self._lips = lips

    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Lips]:
        assert len(images) == len(points_xy) == len(self._lips)
        return [replace(lips, face_xy=xy) for lips, xy in zip(self._lips, points_xy, strict=True)]


def bending_of(*lips: Lips) -> SmileBending:
    return SmileBending(cast(LipsFinder, Told(*lips)))


def lifted(lips: Lips, picture: Image | None = None) -> Worn:
    worn = bending_of(lips).lift(to_model([drawn_mouth(lips) if picture is None else picture]), lips.face_xy)
    assert worn is not None
    return worn


def bent(lips: Lips, giver: Lips | Worn | None, strength: float = 1.0, picture: Image | None = None) -> Bent:
    """Bend a drawn face with these lips to another's smile, or to none."""
    worn = lifted(giver) if isinstance(giver, Lips) else giver
    x = to_model([drawn_mouth(lips) if picture is None else picture])
    return bending_of(lips).bend(worn, x, [lips.face_xy], torch.tensor([strength]))


def shown(lips: Lips, giver: Lips | Worn | None, strength: float = 1.0, picture: Image | None = None) -> Image:
    """Return the bent face, (S, S, 3) in 0..1, not rounded."""
    x = to_model([drawn_mouth(lips) if picture is None else picture])
    changed = x + change_of(bent(lips, giver, strength, picture).residual, x)
    return np.asarray(changed[0].permute(1, 2, 0) / 2 + 0.5)


def mouth_in(picture: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return left, right and mean row of what is redder than skin, or is tooth."""
    skin = np.array(SKIN) / 255
    is_mouth = np.abs(picture - skin).max(axis=2) > 0.06
    rows, columns = np.nonzero(is_mouth)
    return float(columns.min()), float(columns.max()), float(rows.mean())


def left_corner_in(picture: NDArray[np.float32]) -> float:
    """Return the row of the leftmost part of the mouth."""
    is_mouth = np.abs(picture - np.array(SKIN) / 255).max(axis=2) > 0.06
    return float(np.flatnonzero(is_mouth[:, int(mouth_in(picture)[0])]).mean())


def teeth_in(picture: NDArray[np.float32]) -> int:
    return int((facing(picture) > 0.5).sum())


def height_of_teeth(picture: NDArray[np.float32]) -> int:
    return int((facing(picture)[:, SIZE // 2] > 0.5).sum())


def test_corners_go_outward_and_up_and_the_exemplars_teeth_are_seen_between_the_faces_own_lips() -> None:
    own = (120, 40, 90)
    face = drawn_mouth(SERIOUS, lip=own)
    before, after = face.astype(np.float32) / 255, shown(SERIOUS, GRINNING, picture=face)
    (left, right, _), (new_left, new_right, _) = mouth_in(before), mouth_in(after)
    assert (new_left, new_right) == pytest.approx((GRINNING.xy[0, 0], GRINNING.xy[10, 0]), abs=3)
    assert min(left - new_left, new_right - right) > 0.05 * SERIOUS.unit
    assert left_corner_in(before) - left_corner_in(after) == pytest.approx(0.1 * SERIOUS.unit, abs=2.5)
    assert teeth_in(before) == 0
    tall = gap_of(GRINNING.shape) * GRINNING.unit
    assert 0.5 * tall < height_of_teeth(after) < tall
    column = after[:, SIZE // 2]
    lower = column[np.flatnonzero(facing(after)[:, SIZE // 2] > 0.5).max() + 5]
    np.testing.assert_allclose(lower, np.array(own) / 255, atol=0.05)


def test_a_mouth_that_opens_in_speech_opens_as_it_smiles() -> None:
    heights = [
        height_of_teeth(shown(drawn_lips(width=0.78, gap=gap, lower=gap / 4), GRINNING)) for gap in (0, 0.1, 0.2)
    ]
    steps = np.diff(heights) / SERIOUS.unit
    assert steps == pytest.approx([0.06, 0.06], abs=0.03)


def test_a_closed_smile_leaves_what_a_face_itself_shows() -> None:
    assert teeth_in(shown(SERIOUS, SMIRKING)) == 0
    lips_apart = drawn_lips(width=0.98, gap=0.04, lower=-0.1)  # which are closed, but are not found so
    assert teeth_in(shown(SERIOUS, lifted(lips_apart, drawn_mouth(lips_apart)))) == 0
    left, right, _ = mouth_in(shown(SERIOUS, SMIRKING))
    assert right - left > 1.08 * width_of(SERIOUS.shape) * SERIOUS.unit
    purple = (200, 120, 255)
    talking = shown(TALKING, SMIRKING, picture=drawn_mouth(TALKING, teeth=purple))
    seen = talking[:, SIZE // 2][np.argmax(talking[:, SIZE // 2, 2])]
    np.testing.assert_allclose(seen, np.array(purple) / 255, atol=0.06)


def test_a_face_that_smiles_as_widely_hardly_changes() -> None:
    before, after = drawn_mouth(GRINNING).astype(np.float32) / 255, shown(GRINNING, GRINNING)
    assert mouth_in(after) == pytest.approx(mouth_in(before), abs=3)
    assert left_corner_in(after) == pytest.approx(left_corner_in(before), abs=1.5)
    wide = drawn_lips(width=1.1, gap=0.16, lower=-0.1)
    left, right, _ = mouth_in(shown(wide, GRINNING))
    assert right - left == pytest.approx(1.1 * wide.unit, abs=4)


def test_the_least_smile_draws_the_corners_of_a_serious_mouth_too() -> None:
    left, right, _ = mouth_in(shown(SERIOUS, SERIOUS))
    assert right - left > (width_of(SERIOUS.shape) + 0.04) * SERIOUS.unit


def test_teeth_are_lit_as_the_face_is_and_have_not_the_colour_of_the_exemplars_light() -> None:
    worn = lifted(GRINNING, drawn_mouth(GRINNING, skin=(230, 170, 110), teeth=(250, 225, 170)))

    def tooth(skin: tuple[int, int, int]) -> NDArray[np.float32]:
        face = shown(SERIOUS, worn, picture=drawn_mouth(SERIOUS, skin=skin))
        return np.asarray(face[int(np.argmax(face[:, SIZE // 2].min(axis=1))), SIZE // 2])

    fair, dim, blue = tooth((205, 160, 140)), tooth((82, 64, 56)), tooth((150, 150, 190))
    assert fair[0] / fair[2] < 1.25 < 250 / 170
    assert dim.mean() == pytest.approx(fair.mean() * np.sqrt(0.4), rel=0.1)
    assert blue[2] > blue[0]


def test_strength_says_how_far_and_none_is_nothing() -> None:
    none = bent(SERIOUS, GRINNING, 0.0)
    assert none.residual.abs().max() < 1e-3
    assert none.free.min() == 1.0
    lefts = [mouth_in(shown(SERIOUS, GRINNING, by))[0] for by in (0.5, 1.0, 1.3, 1.5)]
    assert lefts[0] > lefts[1] + 1 > lefts[2] + 2
    assert lefts[2] == lefts[3]  # no mouth is torn
    purple = np.array([200, 120, 255]) / 255
    faint = shown(TALKING, GRINNING, 0.07, drawn_mouth(TALKING, teeth=(200, 120, 255)))
    row, column = (round(v) for v in TALKING.xy[[15, 5]].mean(axis=0)[::-1])
    np.testing.assert_allclose(faint[row, column], purple, atol=0.1)  # the face's own teeth, nearly
    teeth = [teeth_in(shown(SERIOUS, GRINNING, by)) for by in (0.5, 1.0)]
    assert 0 < teeth[0] < 0.7 * teeth[1]


def test_a_smile_that_goes_is_closed_narrower_and_lower_and_shows_no_tooth() -> None:
    before, after = drawn_mouth(GRINNING).astype(np.float32) / 255, shown(GRINNING, None)
    (left, right, _), (new_left, new_right, _) = mouth_in(before), mouth_in(after)
    unit = GRINNING.unit
    assert new_right - new_left == pytest.approx(0.76 * unit, abs=4)
    assert left_corner_in(after) - left_corner_in(before) > 0.02 * unit
    assert new_left - left == pytest.approx(right - new_right, abs=2)
    assert teeth_in(before) > 200
    assert teeth_in(after) < 0.02 * teeth_in(before)


def test_a_laugh_that_goes_shows_the_faces_own_teeth_where_they_were() -> None:
    laughing = drawn_lips(width=0.98, gap=0.4, lower=-0.1)
    face = drawn_mouth(laughing)
    after = shown(laughing, None, picture=face)
    assert 0 < height_of_teeth(after) < 0.6 * height_of_teeth(face.astype(np.float32) / 255)
    is_tooth = (face == TEETH).all(axis=2)
    face[is_tooth, 0] = np.linspace(0, 250, SIZE).astype(np.uint8)[np.nonzero(is_tooth)[0]]  # every row is another
    row = int(np.flatnonzero(facing(after)[:, SIZE // 2] > 0.5).mean())
    np.testing.assert_allclose(
        shown(laughing, None, picture=face)[row, SIZE // 2], face[row, SIZE // 2] / 255, atol=0.02
    )


def test_mouths_that_do_not_smile_are_left_alone_and_to_nobody() -> None:
    for lips in (SERIOUS, TALKING):
        serious = bent(lips, None)
        x = to_model([drawn_mouth(lips)])
        assert change_of(serious.residual, x).abs().mean() < 2e-3
        assert serious.drawn.item() == pytest.approx(0.0, abs=0.05)
    assert bent(GRINNING, None).drawn.item() == 1.0


def test_the_other_editor_draws_no_mouth_over_one_that_is_bent() -> None:
    added, removed = bent(SERIOUS, GRINNING).free[0, 0], bent(GRINNING, None).free[0, 0]
    x, y = (round(v) for v in SERIOUS.middle)
    assert added[y, x] < 0.05
    assert removed[y, x] == pytest.approx(0.7, abs=0.05)
    assert added[y - 25, x] < 0.05  # up to the nose, where it would leave a shade like a mustache
    assert added[y + round(0.22 * SERIOUS.unit), x] < 0.7  # nor below it, where it would leave a pale rim
    cheek = np.s_[y - 40, round(float(POINTS[0, 0]) - 20)]
    assert added[cheek] == pytest.approx(1, abs=0.01)
    assert removed[cheek] == 1.0


def test_profiles_are_neither_lifted_nor_bent() -> None:
    turned = POINTS.copy()
    turned[2, 0] += 60
    lips = replace(GRINNING, face_xy=turned)
    assert bending_of(lips).lift(to_model([drawn_mouth(GRINNING)]), turned) is None
    for giver in (lifted(GRINNING), None):
        side = bent(replace(SERIOUS if giver else GRINNING, face_xy=turned), giver)
        assert side.residual.abs().max() < 1e-3
        assert side.drawn.item() == side.free.min().item() == 1.0


def test_lips_that_are_not_where_the_points_have_the_mouth_are_not_believed() -> None:
    away = replace(SERIOUS, xy=SERIOUS.xy + np.array([0.5 * SERIOUS.unit, 0.0]))
    assert bent(away, GRINNING).residual.abs().max() < 1e-3
    near = replace(SERIOUS, xy=SERIOUS.xy + np.array([0.1 * SERIOUS.unit, 0.0]))
    assert bent(near, GRINNING).residual.abs().max() > 1.0


def test_a_face_that_is_tilted_is_bent_as_one_that_is_not() -> None:
    turn = cv2.getRotationMatrix2D((128.0, 150.0), 30.0, 1.0)

    def tilted(lips: Lips) -> Lips:
        xy, face_xy = (cv2.transform(points[None], turn)[0] for points in (lips.xy, lips.face_xy))
        return Lips(xy, face_xy)

    straight = shown(SERIOUS, GRINNING)
    face = cv2.warpAffine(drawn_mouth(SERIOUS), turn, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
    leaning = shown(tilted(SERIOUS), GRINNING, picture=np.asarray(face, np.uint8))
    back = cv2.warpAffine(leaning, turn, (SIZE, SIZE), flags=cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
    assert mouth_in(back) == pytest.approx(mouth_in(straight), abs=2.5)
    assert teeth_in(back) == pytest.approx(teeth_in(straight), rel=0.15)


def test_faces_of_a_call_have_exemplars_and_strengths_of_their_own() -> None:
    smiles = [lifted(GRINNING), lifted(SMIRKING)]
    faces = [(SERIOUS, drawn_mouth(SERIOUS)), (TALKING, drawn_mouth(TALKING, skin=(120, 90, 80)))]
    edits = [Edit("Smiling", torch.ones(1), by, worn=worn) for worn, by in zip(smiles, (1.0, 0.6), strict=True)]
    edit = together(edits)
    assert edit.strengths is not None
    x = to_model([picture for _, picture in faces])
    both = bending_of(SERIOUS, TALKING).bend(edit.worn, x, [POINTS, POINTS], edit.strengths)
    for place, (worn, by) in enumerate(zip(smiles, (1.0, 0.6), strict=True)):
        lips, picture = faces[place]
        torch.testing.assert_close(both.residual[place], bent(lips, worn, by, picture).residual[0])
        torch.testing.assert_close(both.free[place], bent(lips, worn, by, picture).free[0])


class Painter:
    """Draws every smile as a grey stain, and keeps what it was shown."""

    attributes = ("Smiling", "Mustache")
    crop_size = SIZE
    template = "elegant"

    def __init__(self) -> None:
        self.asked: list[Edit] = []
        self.seen = torch.zeros(0)
        self.order: list[str] = []

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def typical(self, edit: Edit) -> Edit:
        return replace(edit, code=torch.full((1,), 0.5))

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.asked, self.seen = list(edits), crops
        self.order += [edit.attribute for edit in edits]
        return torch.full_like(crops, -0.1)

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), SIZE, SIZE)


def editor_over(below: Painter, monkeypatch: pytest.MonkeyPatch, *lips: Lips) -> TryOnEditor:
    network, told = MattingNetwork(MattingConfig(crop_size=SIZE, width=8)), cast(LipsFinder, Told(*lips))
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    return TryOnEditor(
        below, network, Finders(cast(PointsFinder, None), told, cast(BrowsFinder, None), cast(HairFinder, None)), "cpu"
    )


def test_the_other_editor_sees_the_bent_face_and_draws_a_smile_like_most_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    below = Painter()
    edit = editor_over(below, monkeypatch, GRINNING).edit_like(drawn_mouth(GRINNING), "Smiling", 1.2)
    assert edit.worn is not None
    x = to_model([drawn_mouth(SERIOUS)])
    residual = editor_over(below, monkeypatch, SERIOUS).residuals(x, [edit])
    (asked,) = below.asked
    assert (asked.code.item(), asked.strength, asked.worn) == (0.5, 1.2, None)
    assert residual.shape == (1, 6, SIZE, SIZE)
    np.testing.assert_allclose(below.seen[0].permute(1, 2, 0) / 2 + 0.5, shown(SERIOUS, GRINNING, 1.2), atol=1e-4)
    change = change_of(residual, x)
    torch.testing.assert_close(change[0, :, :60], torch.full((3, 60, SIZE), -0.1))
    column, row = (int(v) for v in GRINNING.middle + np.array([0.0, 5.0]))
    torch.testing.assert_close((x + change)[0, :, row, column], below.seen[0, :, row, column], atol=0.03, rtol=0)


def test_smiles_are_taken_away_with_and_without_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    below = Painter()
    lifted_edit = editor_over(below, monkeypatch, SERIOUS).edit_like(drawn_mouth(SERIOUS), "Smiling")
    editor = editor_over(below, monkeypatch, GRINNING)
    x = to_model([drawn_mouth(GRINNING)])
    for edit, code in ((lifted_edit.as_removal, 1.0), (editor.edit_without("Smiling"), 0.0)):
        editor.residuals(x, [edit])
        (asked,) = below.asked
        assert asked.code.item() == code
        np.testing.assert_allclose(below.seen[0].permute(1, 2, 0) / 2 + 0.5, shown(GRINNING, None), atol=1e-4)
    serious = editor_over(below, monkeypatch, SERIOUS)
    serious.residuals(to_model([drawn_mouth(SERIOUS)]), [editor.edit_without("Smiling", 0.8)])
    (asked,) = below.asked
    assert asked.strengths is not None
    assert asked.strengths.max() < 0.05  # nothing is taken from who does not smile
    drawn = editor.residuals(x, [lifted_edit.as_drawn])  # as of an exemplar in profile
    assert drawn.shape == (1, 6, SIZE, SIZE)  # faces that are bent and those that are not go together
    assert not drawn[:, 4:].any()


def test_what_else_is_edited_is_made_on_the_bent_face_and_also_where_the_smile_is_not_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = Painter()
    edit = editor_over(below, monkeypatch, GRINNING).edit_like(drawn_mouth(GRINNING), "Smiling")
    editor, x = editor_over(below, monkeypatch, SERIOUS), to_model([drawn_mouth(SERIOUS)])
    beard = Edit("Beard", torch.ones(1))
    both = editor.residuals(x, [edit, beard])
    (asked,) = below.asked
    assert asked.attribute == "Beard"
    assert asked.points is not None
    torch.testing.assert_close(asked.points[0, :3], torch.from_numpy(POINTS[:3]))
    moved = asked.points[0, 3:].numpy() - POINTS[3:]
    np.testing.assert_allclose(moved, GRINNING.xy[list(CORNERS)] - SERIOUS.xy[list(CORNERS)], atol=1.0)
    editor = editor_over(below, monkeypatch, SERIOUS)
    alone = editor.residuals(x, [edit])
    torch.testing.assert_close(change_of(both, x) - change_of(alone, x), torch.full_like(x, -0.1), atol=1e-4, rtol=0)


def test_beside_a_smile_what_goes_goes_first_and_what_comes_is_drawn_on_the_face_that_smiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    below = Painter()
    edit = editor_over(below, monkeypatch, GRINNING).edit_like(drawn_mouth(GRINNING), "Smiling")
    editor, x = editor_over(below, monkeypatch, SERIOUS), to_model([drawn_mouth(SERIOUS)])
    for is_removal, order in ((False, ["Smiling", "Beard"]), (True, ["Beard", "Smiling"])):
        below.order.clear()
        editor.residuals(x, [edit, Edit("Beard", torch.ones(1), is_removal=is_removal)])
        assert below.order == order
        torch.testing.assert_close(below.seen[0, :, :60], x[0, :, :60] - 0.1)


def test_mouths_that_are_not_level_with_the_eyes_keep_their_slant() -> None:
    turn = cv2.getRotationMatrix2D(tuple(SERIOUS.middle), 8.0, 1.0)

    def slanted(lips: Lips) -> Lips:
        return replace(lips, xy=cv2.transform(lips.xy[None], turn)[0])

    serious = slanted(SERIOUS)
    left_alone = bent(serious, None, picture=drawn_mouth(serious))
    assert left_alone.residual[:, 4:].abs().max() < 0.1
    smiling = bent(serious, GRINNING, picture=drawn_mouth(serious))
    (left, right) = smiling.points[0][3:]
    (own_left, own_right) = serious.face_xy[3:]
    up = (own_left - left)[1], (own_right - right)[1]
    assert min(up) > 0.06 * SERIOUS.unit
    assert up[0] + serious.xy[0, 1] - serious.xy[10, 1] == pytest.approx(up[1], abs=0.25 * SERIOUS.unit)
    assert abs(up[0] - up[1]) < 0.05 * SERIOUS.unit


def test_a_face_without_any_size_is_left_to_the_other_editor() -> None:
    nowhere = replace(SERIOUS, face_xy=np.full((5, 2), 100.0))
    for giver in (lifted(GRINNING), None):
        nothing = bent(nowhere, giver)
        assert not nothing.residual.any()
        assert nothing.drawn.item() == nothing.free.min().item() == 1.0


def test_teeth_are_those_of_the_exemplar() -> None:
    """The colours of the drawing are what the other tests take for teeth."""
    assert (drawn_mouth(GRINNING) == TEETH).all(axis=2).sum() > 200
    assert teeth_in(drawn_mouth(SERIOUS).astype(np.float32) / 255) == 0
