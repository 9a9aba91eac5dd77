"""Mustaches and bangs lifted off drawn faces: what is lifted, where and how it lies on others."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.align.templates import template_points
from videoedit.detect.finders import Finders
from videoedit.edit.base import Edit
from videoedit.edit.lifting.bangs import BangsLifting
from videoedit.edit.lifting.base import Lifting
from videoedit.edit.lifting.mustache import MustacheLifting
from videoedit.edit.tryon import TryOnEditor
from videoedit.frames import Image
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.tensors import change_of, to_model

SIZE = 256
SKIN, BROWN, BLOND, BLUE = (205, 160, 140), (60, 40, 30), (190, 150, 90), (40, 70, 190)
POINTS = template_points("elegant", SIZE)
WHOLLY = torch.ones(1)
"""Strength of one face."""
EYES = float(POINTS[1, 0] - POINTS[0, 0])


def places() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far every pixel lies from the middle of the eyes across and above, in distances between them."""
    y, x = np.mgrid[:SIZE, :SIZE]
    middle = POINTS[:2].mean(axis=0)
    return (x - middle[0]) / EYES, (middle[1] - y) / EYES


def face(hair: Sequence[int] = BROWN) -> Image:
    """Draw a head with a bare forehead."""
    across, above = places()
    picture = np.empty((SIZE, SIZE, 3), np.uint8)
    picture[:] = SKIN
    picture[above > 1.15] = hair
    picture[(abs(abs(across) - 0.5) < 0.3) & (abs(above - 0.3) < 0.04)] = (70, 50, 40)  # brows
    return picture


def with_bangs(hair: Sequence[int] = BROWN) -> Image:
    """Comb the hair over the forehead, down to where the brows begin, in strands of two lights."""
    across, above = places()
    picture = face(hair)
    strands = np.where((np.arange(SIZE) // 4 % 2)[None, :, None], 1.15, 0.85)
    hanging = (np.abs(across) < 0.75) & (above > 0.45)
    picture[hanging] = np.clip((np.asarray(hair) * strands).repeat(SIZE, axis=0)[hanging], 0, 255)
    return picture


def with_mustache(light: Sequence[float] = (0.3, 0.3, 0.3)) -> Image:
    """Darken a lip in stripes."""
    picture = face().astype(np.float64)
    y, x = np.mgrid[:SIZE, :SIZE]
    nose, mouth = POINTS[2], POINTS[3:].mean(axis=0)
    lip = nose + 0.65 * (mouth - nose)
    hairy = (np.abs(x - lip[0]) < 30) & (np.abs(y - lip[1]) < 9) & (x // 3 % 3 > 0)
    picture[hairy] *= light
    return np.round(picture).astype(np.uint8)


def laid(lifting: Lifting, exemplar: Image, bare: Image, taker: Image, moved: float = 0.0) -> Tensor:
    """Return a face (3, S, S) with what an exemplar wears, its points lower by so many pixels."""
    worn = lifting.lift(to_model([exemplar]), to_model([bare]), POINTS)
    assert worn is not None
    x = to_model([taker])
    (changed,) = x + change_of(lifting.lay(worn, x, [POINTS + np.array([0.0, moved])], WHOLLY), x)
    return changed


def test_mustache_on_the_face_that_it_comes_from_is_the_same() -> None:
    changed, wanted = laid(MustacheLifting(), with_mustache(), face(), face()), to_model([with_mustache()])[0]
    torch.testing.assert_close(changed, wanted, atol=0.2, rtol=0)
    assert float((changed - wanted).abs().mean()) < 0.03 * float((wanted - to_model([face()])[0]).abs().mean()) + 1e-3


def test_mustache_goes_where_nose_and_mouth_are() -> None:
    before = to_model([face()])[0]
    rows = torch.arange(SIZE)[:, None]
    middles = []
    for moved in (0.0, 9.0):
        dark = (before - laid(MustacheLifting(), with_mustache(), face(), face(), moved)).mean(dim=0).clamp(min=0)
        middles.append(float((dark * rows).sum() / dark.sum()))
    assert middles[1] - middles[0] == pytest.approx(9, abs=0.3)


def test_mustache_loses_half_of_its_hue() -> None:
    red = with_mustache((0.6, 0.1, 0.1))
    changed, before = laid(MustacheLifting(), red, face(), face()), to_model([red])[0]
    hairy = (before[1] < -0.5) & (before[0] > -0.3)
    hairy &= before.sub(to_model([face()])[0]).abs().sum(dim=0) > 0.5
    assert hairy.sum() > 100
    hue, own = ((one[0] - one[1])[hairy].mean() for one in (changed, before))
    assert float(hue / own) == pytest.approx(0.4, abs=0.12)  # what is left of the skin keeps its own


@pytest.mark.parametrize(("lifting", "worn"), [(MustacheLifting(), with_mustache()), (BangsLifting(), with_bangs())])
def test_nothing_is_lifted_off_the_bare_nor_off_profiles(lifting: Lifting, worn: Image) -> None:
    wearer, bare, profile = to_model([worn]), to_model([face()]), POINTS.copy()
    assert lifting.lift(wearer, bare, POINTS) is not None
    assert lifting.lift(bare, bare, POINTS) is None
    profile[2, 0] += 90
    assert lifting.lift(wearer, bare, profile) is None


def test_bangs_on_the_face_that_they_come_from_are_the_same_down_to_their_tips() -> None:
    changed, wanted, bare = laid(BangsLifting(), with_bangs(), face(), face()), *to_model([with_bangs(), face()])
    across, above = places()
    inner = torch.from_numpy((np.abs(across) < 0.65) & (above > 0.5) & (above < 1.1))
    assert float((changed - wanted)[:, inner].abs().mean()) < 0.06
    below = torch.from_numpy((above < 0.4) & (above > -1))
    torch.testing.assert_close(changed[:, below], bare[:, below], atol=0.02, rtol=0)


@pytest.mark.parametrize(
    ("above_forehead", "expected"), [(BLOND, BLOND), (BLUE, BROWN), (SKIN, BROWN)], ids=["hair", "sky", "bald"]
)
def test_bangs_take_the_colour_of_the_hair_that_is_there(
    above_forehead: Sequence[int], expected: Sequence[int]
) -> None:
    changed = laid(BangsLifting(), with_bangs(), face(), face(above_forehead))
    across, above = places()
    inner = torch.from_numpy((np.abs(across) < 0.6) & (above > 0.55) & (above < 1.0))
    colour = (changed[:, inner].median(dim=1).values + 1) * 127.5
    torch.testing.assert_close(colour, torch.tensor(expected).float(), atol=30, rtol=0)


def test_bangs_end_at_the_head_and_below_its_top() -> None:
    worn = BangsLifting().lift(to_model([with_bangs()]), to_model([face()]), POINTS)
    assert worn is not None
    everywhere = replace(worn, layer=torch.cat([torch.zeros(1, 3, SIZE, SIZE), torch.ones(1, 1, SIZE, SIZE)], dim=1))
    (cover,) = BangsLifting().lay(everywhere, to_model([face()]), [POINTS], WHOLLY)[:, 3].numpy()
    across, above = places()
    assert (cover[np.hypot(across / 1.05, above / 1.7) > 1.01] == 0).all()
    assert (cover[(np.abs(across) < 0.4) & (above > 0.3) & (above < 1.2)] > 0.99).all()
    (cover,) = (
        BangsLifting().lay(everywhere, to_model([face()]), [POINTS + np.array([0.0, 60.0])], WHOLLY)[:, 3].numpy()
    )
    above_lower_eyes = above + 60 / EYES
    assert (cover[above_lower_eyes > 1.6] < 0.5).all()
    assert (cover[above_lower_eyes > 1.76] == 0).all()


def test_skin_between_strands_is_not_lifted_and_no_hair_is_as_light_as_skin() -> None:
    exemplar, across, above = with_bangs(), *places()
    gap = (np.abs(across) < 0.2) & (above > 0.6) & (above < 0.8)  # below it hair hangs again
    exemplar[gap] = SKIN
    worn = BangsLifting().lift(to_model([exemplar]), to_model([face()]), POINTS)
    assert worn is not None
    inner = (np.abs(across) < 0.1) & (above > 0.65) & (above < 0.75)
    assert worn.layer[0, 3, torch.from_numpy(inner)].max() < 0.1
    whole = replace(worn, layer=torch.cat([to_model([exemplar])[0], torch.ones(1, SIZE, SIZE)])[None])
    (laid_light,) = (BangsLifting().lay(whole, to_model([face()]), [POINTS], WHOLLY)[:, :3].mean(dim=1) + 1) / 2
    assert laid_light[torch.from_numpy(inner)].max() < 0.35  # the skin's is 0.66


def test_what_hangs_hides_all_that_is_above_its_tips() -> None:
    bare, across, above = face(), *places()
    alike = (np.abs(across) < 0.2) & (above > 0.7) & (above < 0.9)
    bare[alike] = with_bangs()[alike]  # the editor left a part of it
    worn = BangsLifting().lift(to_model([with_bangs()]), to_model([bare]), POINTS)
    assert worn is not None
    assert worn.layer[0, 3, torch.from_numpy((np.abs(across) < 0.1) & (above > 0.75) & (above < 0.85))].min() > 0.9


def test_bangs_of_a_turned_exemplar_are_not_mirrored() -> None:
    exemplar, points = with_bangs(), POINTS.copy()
    points[2, 0] += 16  # turned by some 20 degrees to the right
    across, above = places()
    exemplar[(across < -0.1) & (above < 1.15) & (above > 0.42)] = SKIN
    worn = BangsLifting().lift(to_model([exemplar]), to_model([face()]), points)
    assert worn is not None
    (cover,) = BangsLifting().lay(worn, to_model([face()]), [points], WHOLLY)[:, 3].numpy()
    right, left = (cover[(np.abs(across - side) < 0.15) & (above > 0.6) & (above < 0.9)].mean() for side in (0.4, -0.4))
    assert right > 0.9
    assert left < 0.1


def test_a_forehead_of_skin_wears_nothing_whatever_is_changed_in_it() -> None:
    across, above = places()
    change = torch.zeros(2, 3, SIZE, SIZE)
    change[:, :, torch.from_numpy((np.abs(across) < 0.8) & (above > 0.2))] = 0.5
    shares = BangsLifting().wearing(to_model([face(), with_bangs()]), change, [POINTS] * 2)
    assert shares.tolist() == [0.0, 1.0]
    assert BangsLifting().wearing(to_model([with_bangs()]), change[:1] * 0, [POINTS]).tolist() == [0.0]


def test_mustaches_are_as_dark_as_the_light_lets_them_and_lifted_from_the_lip_alone() -> None:
    grey = with_mustache()
    grey[:30] = 0  # darker than the bare one, but far from the lip
    worn = MustacheLifting().lift(to_model([grey]), to_model([face()]), POINTS)
    assert worn is not None
    assert worn.layer[0, 3, :30].max() < 0.01
    added = torch.tensor([0.4, 0.4, 0.4])[:, None, None].expand(3, SIZE, SIZE)
    worn = replace(worn, layer=torch.cat([added - 0.8, torch.full((1, SIZE, SIZE), 0.8)])[None])
    lights = []
    for share in (1.0, 0.5):
        x = to_model([np.round(face() * share).astype(np.uint8)])
        layer = MustacheLifting().lay(worn, x, [POINTS], WHOLLY)[0]
        lights.append(float((layer[:3] + layer[3:])[:, 128, 128].mean()))
    assert lights[1] / lights[0] == pytest.approx(0.5**0.5, abs=0.03)


@pytest.mark.parametrize("seems_to_hang", [False, True])
def test_brows_are_not_lifted_with_bangs(seems_to_hang: bool) -> None:
    exemplar = with_bangs()
    across, above = places()
    exemplar[(np.abs(across) < 0.8) & (above < 0.42) & (above > 0.15)] = SKIN
    bare = exemplar.copy()
    bare[above < 1.15] = SKIN
    exemplar[(np.abs(across + 0.5) < 0.3) & (abs(above - 0.28) < 0.05)] = BROWN  # differs, but does not hang
    if seems_to_hang:
        between = (np.abs(across + 0.5) < 0.3) & (above > 0.3) & (above < 0.9)
        exemplar[between], bare[between] = SKIN, np.asarray(SKIN) * 0.7  # the skin above it is changed too
    changed, before = laid(BangsLifting(), exemplar, bare, face(BLOND)), to_model([face(BLOND)])[0]
    brow = torch.from_numpy((np.abs(across + 0.5) < 0.25) & (abs(above - 0.28) < 0.03))
    torch.testing.assert_close(changed[:, brow], before[:, brow], atol=0.02, rtol=0)


class Shaver:
    """Takes bangs off by painting the upper half of every picture in the colour of skin, and knows smiles."""

    attributes = ("Bangs", "Smiling")
    crop_size = SIZE
    template = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        shaved = torch.zeros_like(crops)
        for edit in edits:
            strengths = torch.full((len(crops),), edit.strength) if edit.strengths is None else edit.strengths
            if edit.attribute == "Smiling":
                shaved[:, :, 200:210, 100:150] += 0.25
            else:
                skin = torch.tensor(SKIN)[:, None, None] / 127.5 - 1
                shaved[:, :, :90] += strengths[:, None, None, None] * (skin - crops[:, :, :90])
        return shaved

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), SIZE, SIZE)


@pytest.mark.parametrize("is_smiling", [False, True])
def test_only_foreheads_with_hair_are_shaved_before_bangs_are_laid(is_smiling: bool) -> None:
    network = MattingNetwork(MattingConfig(crop_size=SIZE, width=8))
    editor = TryOnEditor(Shaver(), network, Finders.embedded(), "cpu")
    points = torch.from_numpy(POINTS)[None]
    worn = BangsLifting().lift(to_model([with_bangs()]), to_model([face()]), POINTS)
    edits = [Edit("Bangs", torch.ones(1), worn=worn, points=points)]
    if is_smiling:
        edits.append(Edit("Smiling", torch.ones(1)))
    x = to_model([face(), with_bangs(BLOND)])
    changed = x + change_of(editor.residuals(x, edits), x)
    beside = (slice(None), slice(0, 12), slice(0, 40))  # hair beside the bangs that are laid
    torch.testing.assert_close(changed[0][beside], x[0][beside], atol=0.02, rtol=0)
    skin = torch.tensor(SKIN)[:, None, None] / 127.5 - 1
    torch.testing.assert_close(changed[1][beside], skin.expand_as(x[1][beside]), atol=0.02, rtol=0)
    smiles = (changed - x)[:, :, 202:208, 105:145].mean(dim=(1, 2, 3))
    torch.testing.assert_close(smiles, torch.full((2,), 0.25 * is_smiling), atol=0.01, rtol=0)


def test_each_attribute_is_lifted_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    network = MattingNetwork(MattingConfig(crop_size=SIZE, width=8))
    editor = TryOnEditor(Shaver(), network, Finders.embedded(), "cpu")
    monkeypatch.setattr(TryOnEditor, "_points_of", lambda self, x: [POINTS] * len(x))
    worn = [editor.edit_like(picture, "Bangs").worn for picture in (with_bangs(), face())]
    assert [one is None for one in worn] == [False, True]
    smile = editor.edit_like(face(), "Smiling").worn
    assert smile is not None
    torch.testing.assert_close(smile.layer[:, :3], to_model([face()]))
