"""The very glasses of an exemplar, put on by the shipped networks; and how layers lie over another editor's edits."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from tests.test_sample_clips import FOLDER
from videoedit.align.crop import warp_image
from videoedit.align.regions import region_mask
from videoedit.align.templates import crop_from_points, template_points
from videoedit.detect import detectors
from videoedit.detect.finders import Finders
from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder
from videoedit.edit.base import Edit, FaceEditor, Worn, together
from videoedit.edit.elegant import ElegantEditor
from videoedit.edit.lifting.base import light_of
from videoedit.edit.lifting.glasses import even, is_whole, sure
from videoedit.edit.tryon import TryOnEditor, load_editor
from videoedit.errors import ConfigError, ModelError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.resources import load_card
from videoedit.tensors import change_of, to_model
from videoedit.wishes import EditConfig, Models

FINDERS = Finders(cast(PointsFinder, None), cast(LipsFinder, None), cast(BrowsFinder, None), cast(HairFinder, None))
"""None is asked of them."""

SIZE = 256


@pytest.fixture(scope="module")
def editor() -> FaceEditor:
    return load_editor("elegant", "glasses-matting", "cpu")


@pytest.fixture(scope="module")
def crops() -> list[Image]:
    """A woman who smiles, and one with glasses."""
    detector = detectors.build("refined", weights="face-detector", size=320, score=0.5)
    aligned = []
    for name in ("astronaut-smile.jpg", "hopper-glasses.jpg"):
        image = np.asarray(cv2.cvtColor(cv2.imread(str(FOLDER / name)), cv2.COLOR_BGR2RGB), np.uint8)
        (face, *_) = detector.detect([image])[0]
        aligned.append(warp_image(image, crop_from_points(face.points_xy, "elegant", SIZE), SIZE))
    return aligned


def test_dark_rims_of_the_exemplar_lie_dark_on_the_face_and_nothing_changes_outside_their_region(
    editor: FaceEditor, crops: list[Image]
) -> None:
    edit = editor.edit_like(crops[1], "Eyeglasses")
    x = to_model(crops[:1])
    residual = editor.residuals(x, [edit])
    changed = (x + change_of(residual, x))[0].mean(dim=0)
    covered = residual[0, 3] > 0.8
    assert 0.003 < covered.float().mean() < 0.15
    assert changed[covered].quantile(0.1) < -0.6  # as dark as the exemplar's
    assert not residual[0][:, torch.from_numpy(~region_mask("Eyeglasses", SIZE))].abs().gt(1e-3).any()
    assert changed.abs().max() <= 1 + 1e-5


def test_what_is_put_on_is_sharper_than_what_the_editor_draws(editor: FaceEditor, crops: list[Image]) -> None:
    alone = load_editor("elegant", None, "cpu")
    x, sharpness = to_model(crops[:1]), []
    for one in (editor, alone):
        side = one.crop_size
        exemplar, face = (cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA) for crop in crops[::-1])
        residual = one.residuals(to_model([face]), [one.edit_like(np.asarray(exemplar), "Eyeglasses")])
        large = torch.nn.functional.interpolate(residual, size=(SIZE, SIZE), mode="bicubic")
        change = change_of(large, x)[0].mean(dim=0)
        sharpness.append(float((change[1:] - change[:-1]).abs().quantile(0.995)))
    assert sharpness[0] > 1.5 * sharpness[1]


def test_glasses_are_lifted_only_where_the_exemplar_wears_any(editor: FaceEditor, crops: list[Image]) -> None:
    bare, spectacled = crops
    assert editor.edit_like(spectacled, "Eyeglasses").worn is not None
    assert editor.edit_like(bare, "Eyeglasses").worn is None
    assert editor.edit_without("Eyeglasses").worn is None


def test_covers_that_are_not_sure_are_none_or_whole_and_keep_their_colour() -> None:
    cover = torch.zeros(1, 1, 256, 256)
    cover[..., 100, 100:105] = torch.tensor([0.0, 0.08, 0.215, 0.7, 1.0])
    layer = sure(torch.cat([cover * 0.5, cover * -0.25, cover * 0.0, cover], dim=1), template_points("elegant", 256))
    torch.testing.assert_close(layer[0, 3, 100, 100:105], torch.tensor([0.0, 0.0, 0.5, 1.0, 1.0]))
    for channel, colour in enumerate((0.5, -0.25, 0.0)):
        torch.testing.assert_close(layer[0, channel], colour * layer[0, 3])


def test_covers_beyond_the_lenses_have_to_be_surer() -> None:
    points = template_points("elegant", 256)
    eyes = float(points[1, 0] - points[0, 0])
    beyond, within = (round(float(points[0, 0]) - (far - 0.5) * eyes) for far in (1.15, 0.85))
    for cover, wanted in ((0.25, [0.0, 0.63]), (0.45, [0.5, 1.0]), (0.65, [1.0, 1.0])):
        whole = sure(torch.full((1, 4, 256, 256), cover), points)[0, 3, 100]
        assert whole[[beyond, within]].tolist() == pytest.approx(wanted, abs=2e-3)
        assert whole[255 - beyond] == pytest.approx(wanted[0], abs=2e-3)  # on the other side too


def test_half_a_pair_is_none_nor_are_traces() -> None:
    layer = torch.zeros(1, 4, SIZE, SIZE)
    layer[:, 3, 100:130, 50:120] = 0.9
    assert not is_whole(layer, 0.0)
    assert is_whole(layer, 30.0)  # its near half is seen
    assert not is_whole(layer, -30.0)
    assert not is_whole(layer, 60.0)


def test_what_lies_on_one_side_alone_is_none_of_the_glasses() -> None:
    points = template_points("elegant", 256)
    layer = torch.zeros(1, 4, 256, 256)
    layer[..., 100:104, 60:128] = layer[..., 105:109, 128:196] = 1.0  # rims, turned a little
    layer[..., 120:140, 30:50] = 1.0  # hair
    cleared = even(layer, points)
    np.testing.assert_array_equal(cleared[..., 100:104, 70:128], 1.0)
    np.testing.assert_array_equal(cleared[..., 105:109, 128:186], 1.0)
    assert cleared[..., 120:140, :60].abs().max() == 0
    points[2, 0] += 25  # seen from the side
    assert torch.equal(even(layer, points), layer)
    layer[:, 3, 100:130, 140:200] = 0.7
    assert is_whole(layer, 0.0)
    assert not is_whole(0.1 * layer, 0.0)


def test_strength_fades_glasses_and_does_not_exaggerate_them(editor: FaceEditor, crops: list[Image]) -> None:
    edit, x = editor.edit_like(crops[1], "Eyeglasses"), to_model(crops[:1])
    none, half, whole, more = (editor.residuals(x, [replace(edit, strength=s)])[0, 3] for s in (0.0, 0.5, 1.0, 1.5))
    assert none.max() < 0.05
    strong = whole > 0.8
    assert float(half[strong].mean()) == pytest.approx(0.5 * float(whole[strong].mean()), abs=0.03)
    torch.testing.assert_close(more, whole)


def test_faces_with_glasses_of_their_own_and_strengths_of_their_own_share_a_call(
    editor: FaceEditor, crops: list[Image]
) -> None:
    drawn, given = editor.edit_like(crops[0], "Eyeglasses"), editor.edit_like(crops[1], "Eyeglasses")
    assert drawn.kind != given.kind
    faint = replace(given, strength=0.5)
    joined = together([given, faint])
    assert joined.worn is given.worn
    x = to_model([crops[0], crops[0]])
    both = editor.residuals(x, [joined])
    for row, edit in enumerate((given, faint)):
        torch.testing.assert_close(both[row : row + 1], editor.residuals(x[:1], [edit]), atol=2e-3, rtol=0)
    mirrored = editor.edit_like(np.ascontiguousarray(crops[1][:, ::-1]), "Eyeglasses")
    two = together([replace(one, points=None) for one in (given, mirrored)])
    assert two.worn is not None
    assert (two.worn.layer.shape, two.worn.points.shape) == ((2, 4, SIZE, SIZE), (2, 5, 2))
    both = editor.residuals(x, [two])
    for row, edit in enumerate((given, mirrored)):
        torch.testing.assert_close(both[row : row + 1], editor.residuals(x[:1], [edit]), atol=2e-3, rtol=0)


def test_glasses_lie_where_the_points_that_are_given_say(editor: FaceEditor, crops: list[Image]) -> None:
    edit, x = editor.edit_like(crops[1], "Eyeglasses"), to_model([crops[0]] * 2)
    points = np.stack([template_points("elegant", SIZE)] * 2)
    points[1, :, 1] += 6
    high, low = editor.residuals(x, [replace(edit, points=torch.from_numpy(points))])[:, 3].numpy()
    rows = np.arange(SIZE)[:, None]
    assert (low * rows).sum() / low.sum() - (high * rows).sum() / high.sum() > 3  # the region ends below
    (xy,) = PointsFinder.from_card().find([crops[0]], [points[0]])  # which are looked for, where they are not given
    found, given = (editor.residuals(x[:1], [one]) for one in (edit, replace(edit, points=torch.from_numpy(xy)[None])))
    torch.testing.assert_close(found, given)


class OneFace:
    """Finds the same points everywhere."""

    def __init__(self, points_xy: Points) -> None:
        self._points_xy = points_xy

    def find(self, images: Sequence[Image], points_xy: Sequence[Points]) -> list[Points]:
        return [self._points_xy] * len(images)


class StainingEditor:
    """Stains the lower half of every face, as if it took something off, and knows two attributes."""

    attributes = ("Eyeglasses", "Smiling")
    crop_size = 32
    template = "elegant"

    def __init__(self) -> None:
        self.asked: list[Edit] = []
        self.seen: list[Tensor] = []

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        assert exemplar.shape == (32, 32, 3)
        return Edit(attribute, torch.ones(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        self.asked += edits
        self.seen.append(crops)
        stain = torch.zeros(len(crops), 4, 32, 32)
        stain[:, :, 16:] = torch.tensor([0.1, 0.2, 0.3, 0.4])[:, None, None]
        return stain

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), 32, 32)


def test_a_layer_lies_over_what_the_editor_does_which_first_takes_off_what_is_worn() -> None:
    below = StainingEditor()
    finders = replace(FINDERS, points=PointsFinder.from_card())
    editor = TryOnEditor(below, MattingNetwork(MattingConfig(crop_size=64, width=8)), finders, "cpu")
    assert (editor.crop_size, editor.attributes, editor.template) == (64, below.attributes, "elegant")
    layer = torch.zeros(1, 4, 64, 64)
    layer[:, 3, 20:44, 10:54], layer[:, :3, 20:44, 10:54] = 0.75, 0.3
    x = 0.1 * torch.rand(1, 3, 64, 64).round()
    points, light = torch.from_numpy(template_points("elegant", 64))[None], light_of(x)  # as on the same face
    edit = Edit("Eyeglasses", torch.ones(1), 1.2, worn=Worn(layer, points, light), points=points)
    residual = editor.residuals(x, [edit])
    (taken_off,) = below.asked
    assert (taken_off.attribute, taken_off.code.item(), taken_off.strength) == ("Eyeglasses", 0.0, 1.0)
    y, column = 40, 30  # in the stain and under the layer
    stained = x[0, :, y, column] * 0.6 + torch.tensor([0.1, 0.2, 0.3])
    expected = stained * 0.25 + 0.3
    torch.testing.assert_close((x + change_of(residual, x))[0, :, y, column], expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(residual[0, :, 60, 3], torch.tensor([0.1, 0.2, 0.3, 0.4, 0, 0]), atol=1e-4, rtol=0)


def test_edits_are_made_one_after_the_other_and_what_goes_goes_first() -> None:
    below = StainingEditor()
    finders = replace(FINDERS, points=PointsFinder.from_card())
    editor = TryOnEditor(below, MattingNetwork(MattingConfig(crop_size=64, width=8)), finders, "cpu")
    x, points = torch.zeros(1, 3, 64, 64), torch.from_numpy(template_points("elegant", 64))[None]
    smile, glasses = Edit("Smiling", torch.ones(1), points=points), Edit("Eyeglasses", torch.ones(1), points=points)
    residual = editor.residuals(x, [smile, glasses, editor.edit_without("Eyeglasses")])
    assert [(edit.attribute, edit.is_removal) for edit in below.asked] == [
        ("Eyeglasses", True),
        ("Smiling", False),
        ("Eyeglasses", False),
    ]
    stains, seen = torch.zeros(3), []
    for _ in range(3):
        seen.append(stains)
        stains = 0.6 * stains + torch.tensor([0.1, 0.2, 0.3])
    for crops, expected in zip(below.seen, seen, strict=True):
        torch.testing.assert_close(crops[0, :, 30, 3], expected, atol=1e-4, rtol=0)
    torch.testing.assert_close((x + change_of(residual, x))[0, :, 60, 3], stains, atol=1e-4, rtol=0)


def test_glasses_are_as_bright_as_the_skin_around_lets_them(editor: FaceEditor, crops: list[Image]) -> None:
    light = crops[1].copy()
    light[..., :] = np.clip(light * 0.6 + 90, 0, 255)  # rims of the exemplar are grey now
    edit = editor.edit_like(light, "Eyeglasses")
    dark = (crops[0] * 0.35).astype(np.uint8)
    shown = []
    for face in (crops[0], dark):
        x = to_model([face])
        residual = editor.residuals(x, [edit])
        rims = residual[0, 3] > 0.8
        shown.append(float((x + change_of(residual, x))[0][:, rims].mean()))
    assert shown[1] < shown[0] - 0.1


def testlight_of_a_layer_follows_the_root_of_the_skins_within_limits(editor: FaceEditor, crops: list[Image]) -> None:
    edit, x = editor.edit_like(crops[1], "Eyeglasses"), to_model(crops[:1])
    assert edit.worn is not None
    own = light_of(x)
    for ratio, gain in ((1.0, 1.0), (4.0, 0.5), (1.44, 1 / 1.2), (0.01, 1.6)):
        worn = replace(edit.worn, light=own * ratio)
        (alike, other) = (editor.residuals(x, [replace(edit, worn=one)])[0] for one in (replace(worn, light=own), worn))
        rims = alike[3] > 0.8
        light, changed = ((layer[:3] + layer[3:4])[:, rims] for layer in (alike, other))
        dim = light < 0.8  # else white is reached
        torch.testing.assert_close(changed[dim], gain * light[dim], atol=0.02, rtol=0)


def test_exemplars_that_are_turned_too_far_are_left_to_the_editor(editor: FaceEditor, crops: list[Image]) -> None:
    assert isinstance(editor, TryOnEditor)
    card = load_card("glasses-matting", "matting")
    network = load_network(MattingNetwork(MattingConfig(crop_size=card.crop_size, **card.network)), card)
    for sideways, is_taken in ((0, True), (10, True), (90, False)):
        points = template_points("elegant", SIZE)
        points[2, 0] += sideways
        seen = TryOnEditor(editor._editor, network, replace(FINDERS, points=cast(PointsFinder, OneFace(points))), "cpu")
        assert (seen.edit_like(crops[1], "Eyeglasses").worn is not None) == is_taken


def test_models_are_loaded_with_and_without_the_try_on() -> None:
    plain = EditConfig(wishes=(), device="cpu", occluder_model=None)
    assert isinstance(Models.load(plain).editor, TryOnEditor)
    assert isinstance(Models.load(replace(plain, try_on_model=None)).editor, ElegantEditor)


def test_an_editor_that_cannot_take_glasses_off_draws_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: ElegantEditor, attribute: str, strength: float = 1.0) -> Edit:
        raise ConfigError("no neutral code")

    monkeypatch.setattr(ElegantEditor, "edit_without", refuse)
    assert isinstance(load_editor("elegant", "glasses-matting", "cpu"), ElegantEditor)


def test_networks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    from videoedit.resources import model_dir

    for name in ("glasses-matting.toml", "glasses-matting.safetensors"):
        (tmp_path / name).write_bytes((model_dir() / name).read_bytes())
    card = tmp_path / "glasses-matting.toml"
    card.write_text(card.read_text().replace("width = 32", "width = 24"))
    with pytest.raises(ModelError, match="does not fit its card"):
        load_editor("elegant", card, "cpu")
