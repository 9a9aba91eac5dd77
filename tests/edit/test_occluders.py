"""What hides a face is not painted over, what is worn is; with the shipped network."""

from collections.abc import Sequence
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
from videoedit.align.templates import crop_from_points
from videoedit.detect import detectors
from videoedit.detect.mask import HairFinder
from videoedit.edit.base import Edit
from videoedit.edit.occluders import BehindOccluders, OccluderFinder
from videoedit.errors import ModelError
from videoedit.frames import Image
from videoedit.nets.mask import MaskConfig, MaskNetwork
from videoedit.tensors import to_model
from videoedit.wishes import EditConfig, Models

SIZE = 128


@pytest.fixture(scope="module")
def crops() -> list[Image]:
    """A woman who smiles, and a man with glasses."""
    detector = detectors.build("refined", weights="face-detector", size=320, score=0.5)
    aligned = []
    for name in ("astronaut-smile.jpg", "hopper-glasses.jpg"):
        image = np.asarray(cv2.cvtColor(cv2.imread(str(FOLDER / name)), cv2.COLOR_BGR2RGB), np.uint8)
        (face, *_) = detector.detect([image])[0]
        aligned.append(warp_image(image, crop_from_points(face.points_xy, "elegant", SIZE), SIZE))
    return aligned


@pytest.fixture(scope="module")
def finder() -> OccluderFinder:
    return OccluderFinder.from_card(device="cpu")


@pytest.fixture(scope="module")
def hair() -> HairFinder:
    return HairFinder.from_card(device="cpu")


class EvenEditor:
    """Adds the same everywhere."""

    attributes = ("Light",)
    crop_size = SIZE
    template = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.ones(1), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.full_like(crops, 0.3)

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.full((len(crops), SIZE, SIZE), 0.5)


def with_disc(crop: Image, colour: Sequence[float], centre: tuple[int, int]) -> tuple[Image, np.ndarray]:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(mask, centre, 17, 255, -1, cv2.LINE_AA)
    share = mask[..., None] / 255
    return np.clip(crop * (1 - share) + share * np.asarray(colour), 0, 255).astype(np.uint8), mask == 255


def test_faces_are_hidden_by_nothing_that_they_wear(finder: OccluderFinder, crops: list[Image]) -> None:
    hidden = finder.marked(to_model(crops)).numpy()
    for place in ("Eyeglasses", "Smiling"):
        assert hidden[:, region_mask(place, SIZE)].mean() < 0.02


def test_spots_that_are_nowhere_plainly_in_front_do_not_count_and_others_count_to_their_edges() -> None:
    shares = torch.zeros(2, 64, 64)
    shares[:, 10:20, 10:20] = 0.4  # of a network: 0.43 is believed of it
    shares[:, 40:50, 40:50] = 0.4
    shares[1, 44:46, 44:46] = 0.55

    class Network(torch.nn.Module):
        config = MaskConfig(crop_size=64)

        def forward(self, x: Tensor) -> Tensor:
            return torch.logit(shares.clamp(1e-6, 1))

    doubtful, sure = OccluderFinder(cast(MaskNetwork, Network()), "cpu").marked(torch.zeros(2, 3, 64, 64))
    assert not doubtful.any()
    assert not sure[:30].any()
    assert (sure[40:50, 40:50] > 0.4).all()
    assert int((sure > 0).sum()) == 100


@pytest.mark.parametrize("centre", [(46, 53), (82, 53), (64, 96)])
def test_an_edit_stays_behind_a_disc_and_is_whole_beside_it(
    finder: OccluderFinder, hair: HairFinder, crops: list[Image], centre: tuple[int, int]
) -> None:
    skin = crops[0][70:76, 40:46].reshape(-1, 3).mean(axis=0) * 0.85
    editor = BehindOccluders(EvenEditor(), finder, hair)
    for colour in ((25, 25, 28), (235, 235, 230), skin):
        covered, disc = with_disc(crops[0], colour, centre)
        added = editor.residuals(to_model([covered]), [])[0].mean(dim=0).numpy() / 0.3
        np.testing.assert_allclose(editor.limits(to_model([covered]), [])[0].numpy(), 0.5 * added, atol=1e-5)
        far = cv2.dilate(disc.astype(np.uint8), np.ones((25, 25))) == 0
        assert added[disc].mean() < 0.35
        assert added[far & region_mask("Male", SIZE)].mean() > 0.95


class BendingEditor(EvenEditor):
    """Brings what lies twenty pixels to the right."""

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        bend = torch.zeros(len(crops), 6, SIZE, SIZE)
        bend[:, 4] = 20.0
        return bend


class RightHalf:
    """Marks the right half of every face."""

    def marked(self, crops: Tensor) -> Tensor:
        marks = torch.zeros(len(crops), SIZE, SIZE)
        marks[..., SIZE // 2 :] = 1.0
        return marks


class LowerHalf:
    """Marks the lower half of every face."""

    def marked(self, crops: Tensor) -> Tensor:
        marks = torch.zeros(len(crops), SIZE, SIZE)
        marks[:, SIZE // 2 :] = 1.0
        return marks


class Spots:
    """Marks a spot across the middle of the crops, and a large one in their lower left corner."""

    def marked(self, crops: Tensor) -> Tensor:
        side = SIZE // 16
        marked = torch.zeros(len(crops), SIZE, SIZE)
        marked[:, SIZE // 2 - side : SIZE // 2 + side, -side:] = 1.0
        marked[:, -4 * side :, : 4 * side] = 1.0
        return marked


def test_small_spots_of_hair_hide_no_edit_of_hair_and_every_other(crops: list[Image]) -> None:
    editor = BehindOccluders(EvenEditor(), cast(OccluderFinder, Spots()), cast(HairFinder, LowerHalf()))
    x, middle, side = to_model(crops), SIZE // 2, SIZE // 16
    bangs, glasses = (editor.edit_without(name) for name in ("Bangs", "Eyeglasses"))
    for edits, is_free in (([bangs], True), ([glasses, bangs], True), ([glasses], False)):
        for shown in (editor.residuals(x, edits)[:, 0] > 0, editor.limits(x, edits) > 0):
            assert shown[:, : middle - side].all()
            assert not shown[:, middle - side : middle, -side:].any()
            assert (shown[:, middle : middle + side, -side:] == is_free).all()
            assert not shown[:, -4 * side :, : 4 * side].any()  # a thing, whatever is seen on it


def test_nothing_of_what_hides_a_face_is_bent_into_it(hair: HairFinder, crops: list[Image]) -> None:
    editor = BehindOccluders(BendingEditor(), cast(OccluderFinder, RightHalf()), hair)
    shifts = editor.residuals(to_model(crops), [])[:, 4]
    assert (shifts[..., : SIZE // 2 - 22] == 20.0).all()
    assert shifts[..., SIZE // 2 - 18 :].abs().max() < 1e-3


def test_the_rest_of_an_editor_is_passed_on(finder: OccluderFinder, hair: HairFinder) -> None:
    editor = BehindOccluders(EvenEditor(), finder, hair)
    assert (editor.attributes, editor.crop_size, editor.template) == (("Light",), SIZE, "elegant")
    assert editor.edit_like(np.zeros((1, 1, 3), np.uint8), "Light", 0.5).strength == 0.5
    assert editor.edit_without("Light").code.item() == 1.0


def test_models_are_loaded_with_and_without_the_network() -> None:
    assert isinstance(Models.load(EditConfig(wishes=(), device="cpu")).editor, BehindOccluders)
    without = Models.load(EditConfig(wishes=(), device="cpu", occluder_model=None))
    assert not isinstance(without.editor, BehindOccluders)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    from videoedit.resources import model_dir

    for name in ("face-occluder.toml", "face-occluder.safetensors"):
        (tmp_path / name).write_bytes((model_dir() / name).read_bytes())
    card = tmp_path / "face-occluder.toml"
    card.write_text(card.read_text().replace("width = 20", "width = 24"))
    with pytest.raises(ModelError, match="does not fit its card"):
        OccluderFinder.from_card(card)
