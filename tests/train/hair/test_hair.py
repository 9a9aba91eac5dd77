"""The training of the hair network: what the teacher marks, other colours, what is learned, resumed and exported."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from videoedit.align.eyes import from_eyes
from videoedit.align.forehead import share_covered
from videoedit.align.templates import template_points
from videoedit.cli import main
from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.detect.mask import HairFinder
from videoedit.edit.base import Edit
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.nets.mask import MaskConfig
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.hair import teacher
from videoedit.train.hair.colours import coloured
from videoedit.train.hair.evaluate import as_table, evaluate_hair
from videoedit.train.hair.export import export_hair
from videoedit.train.hair.task import HairTask, HairTrainConfig
from videoedit.train.hair.teacher import Marks, head_of, marks_of
from videoedit.train.loop import LoopConfig, fit

SIZE, MARGIN = 64, 4
SIDE = SIZE + 2 * MARGIN
SKIN, HAIR = (205, 160, 140), (60, 40, 30)
POINTS = template_points("elegant", SIZE) + MARGIN
LABELS = ("Bangs", "Wearing_Hat", "Bald", "Blond_Hair")


def portrait(*, has_bangs: bool, seed: int = 0, hair: tuple[int, int, int] = HAIR) -> Image:
    """Draw a face with brows, and hair down to where bangs end."""
    across, above = from_eyes(POINTS, SIDE)
    picture = np.full((SIDE, SIDE, 3), SKIN, np.float64)
    picture[above > 1.1] = hair
    picture[(np.abs(np.abs(across) - 0.5) < 0.3) & (np.abs(above - 0.25) < 0.06)] = (70, 50, 40)
    if has_bangs:
        picture[(np.abs(across) < 0.7) & (above > 0.4)] = hair
    return np.clip(picture + np.random.default_rng(seed).normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


class Shaver:
    """Paints hair on foreheads in the colour of skin."""

    attributes = ("Bangs",)
    crop_size = SIZE
    template = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        raise NotImplementedError

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength, is_removal=True)

    def residuals(self, crops: Tensor, edits: list[Edit]) -> Tensor:
        _, above = from_eyes(POINTS - MARGIN, SIZE)
        forehead = torch.from_numpy((above > 0.38) & (above < 1.1)).float()
        skin = torch.tensor(SKIN)[:, None, None] / 127.5 - 1
        return forehead * (skin - crops)

    def limits(self, crops: Tensor, edits: list[Edit]) -> Tensor:
        return torch.ones(len(crops), SIZE, SIZE)


def faces_of(pictures: list[Image], labels: list[tuple[int, ...]]) -> FaceSet:
    names = tuple(f"{place}.jpg" for place in range(len(pictures)))
    return FaceSet(np.stack(pictures), np.array(labels, np.int8), names, LABELS, np.stack([POINTS] * len(pictures)))


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    worn = [place % 2 == 0 for place in range(12)]
    pictures = [portrait(has_bangs=one, seed=seed) for seed, one in enumerate(worn)]
    return faces_of(pictures, [(1 if one else -1, -1, -1, -1) for one in worn])


@pytest.fixture(scope="module")
def marks(faces: FaceSet) -> Marks:
    return marks_of(faces, Shaver())


def config_of(iterations: int) -> HairTrainConfig:
    return HairTrainConfig(
        network=MaskConfig(crop_size=SIZE, width=8),
        iterations=iterations,
        batch_size=8,
        warm_up=1,
        augment=AugmentConfig(degrade=0.0),
    )


def test_the_teacher_marks_hair_and_no_brows(faces: FaceSet, marks: Marks) -> None:
    assert sorted(marks.rows) == list(range(12))
    across, above = from_eyes(POINTS, SIDE)
    head = head_of(POINTS, SIDE)
    for row, hair in zip(marks.rows, marks.hair, strict=True):
        expected = above > 1.1
        if row % 2 == 0:
            expected |= (np.abs(across) < 0.7) & (above > 0.4)
        assert (hair[head] == expected[head]).mean() > 0.96
        assert not hair[(above < 0.3) | ~head].any()


def test_hats_lack_of_contrast_and_labels_that_do_not_agree_are_not_believed() -> None:
    bare, worn = portrait(has_bangs=False), portrait(has_bangs=True)
    fair = portrait(has_bangs=True, hair=(195, 150, 130))
    labels = [(-1, 1, -1, -1), (-1, -1, -1, -1), (1, -1, -1, -1), (1, -1, -1, -1), (-1, -1, 1, -1)]
    found = marks_of(faces_of([bare, worn, bare, fair, bare], labels), Shaver())
    (hair,) = found.hair[found.rows == 4]
    assert 0 not in found.rows
    assert 2 not in found.rows
    assert 3 not in found.rows
    assert not hair.any()  # whoever is bald has none
    if 1 in found.rows:  # a forehead that is labelled bare is bare in what is believed
        assert share_covered(found.hair[found.rows == 1][0], POINTS) < 0.06


def test_hair_that_is_almost_like_skin_is_not_believed() -> None:
    across, above = from_eyes(POINTS, SIDE)
    found = []
    for less in (20, 40):
        picture = portrait(has_bangs=False, hair=(SKIN[0] - less, SKIN[1] - less, SKIN[2] - less))
        picture[(above > 1.25) & (np.abs(across) < 0.3)] -= 10
        found.append(len(marks_of(faces_of([picture], [(-1, -1, -1, -1)]), Shaver()).rows))
    assert found == [0, 1]


def test_hair_of_another_colour_keeps_its_place_and_its_strands() -> None:
    picture, (_, above) = portrait(has_bangs=False), from_eyes(POINTS, SIDE)
    hair = (above > 1.1).astype(np.uint8)
    picture[:, ::4] = np.where(hair[:, ::4, None] > 0, picture[:, ::4] // 2, picture[:, ::4])
    made = [coloured(picture, hair, np.random.default_rng(seed)) for seed in range(12)]
    means = np.array([one[above > 1.2].mean(axis=0) for one in made])
    assert means.std(axis=0).min() > 30
    assert all(np.array_equal(one[above < 0.8], picture[above < 0.8]) for one in made)
    lightest = made[int(means.sum(axis=1).argmax())].astype(float)
    assert lightest[:6, ::4].mean() < 0.95 * lightest[:6, 2::4].mean()
    assert np.array_equal(coloured(picture, 0 * hair, np.random.default_rng(0)), picture)


def test_spots_on_a_forehead_are_no_hair() -> None:
    across, above = from_eyes(POINTS, SIDE)
    grown = (above > 1.1) & head_of(POINTS, SIDE)
    picture, spot = portrait(has_bangs=False), np.hypot(across - 0.62, above - 0.75) < 0.1
    picture[spot] = HAIR
    (hair,) = marks_of(faces_of([picture], [(-1, -1, -1, -1)]), Shaver()).hair
    assert spot.sum() > 5
    assert not hair[spot].any()
    assert hair[grown].mean() > 0.9


def test_what_is_taken_off_is_hair_and_what_stays_on_brows_is_none() -> None:
    across, above = from_eyes(POINTS, SIDE)
    fringe = (np.abs(across) < 0.7) & (above > 0.4)
    classes = teacher._seeds(portrait(has_bangs=True), POINTS, head_of(POINTS, SIDE), fringe.astype(np.float32))
    assert classes is not None
    hanging, brow = fringe & (above < 1.0), np.hypot(np.abs(across) - 0.5, above - 0.25) < 0.05
    assert (classes[hanging] == cv2.GC_FGD).mean() > 0.95
    assert (classes[brow] == cv2.GC_BGD).all()


def test_marks_are_moved_as_their_pictures_are(faces: FaceSet, marks: Marks) -> None:
    pictures = [np.repeat(hair[..., None] * np.uint8(200), 3, axis=2) for hair in marks.hair]
    augment = Augmenter(AugmentConfig(jitter=1.0, degrade=0.0, light=0.0), SIZE)
    crops, maps = augment.marked(pictures, list(marks.hair.astype(np.float32)), torch.Generator().manual_seed(0))
    for crop, moved in zip(crops, maps, strict=True):
        assert np.abs(crop[..., 0] / 200 - moved.clip(0, 1)).mean() < 0.01
    assert np.ptp([moved.sum() for moved in maps]) > 10


def test_training_finds_hair_and_the_exported_file_finds_it_as_well(
    faces: FaceSet, marks: Marks, tmp_path: Path
) -> None:
    task = HairTask(config_of(60), faces, marks, compiled=False)
    first = task.step(0)["loss"]
    fit(task, LoopConfig(out=str(tmp_path), iterations=60, sheet_every=30))
    assert np.mean([task.step(60)["loss"] for _ in range(4)]) < 0.5 * first
    assert len(list(tmp_path.glob("sheet-*.png"))) == 2
    card = export_hair(task.average, tmp_path, "small")
    finder = HairFinder.from_card(card.folder / "small.toml", "cpu").marked
    inner = faces.without_margin(MARGIN)
    whole, fair, *_ = evaluate_hair(finder, replace(inner, attributes=("Bangs", "Blond_Hair", "Bald", "Male")))
    assert whole.counts == (6, 6)
    assert whole.shares[0] > 0.3 + whole.shares[1]
    assert whole.told == (1.0, 1.0)
    assert fair.counts == (0, 0)
    assert "| Blond_Hair | 0 | 0 | – | – | – | – |" in as_table([whole, fair])


def test_faces_with_bangs_are_half_of_those_that_are_learned_from(faces: FaceSet, marks: Marks) -> None:
    few = Marks(marks.rows[marks.rows > 1], marks.hair[marks.rows > 1])
    few = Marks(np.r_[few.rows, few.rows[few.rows % 2 == 1]], np.r_[few.hair, few.hair[few.rows % 2 == 1]])
    task = HairTask(replace(config_of(1), batch_size=64, coloured=0.0), faces, few, compiled=False)
    _, wanted, counts = task._draw()
    across, above = from_eyes(POINTS - MARGIN, SIZE)
    covered = wanted[:, torch.from_numpy((np.abs(across) < 0.3) & (np.abs(above - 0.7) < 0.1))].mean(dim=1) > 0.5
    assert float(covered.float().mean()) == pytest.approx(0.5, abs=0.15)
    assert counts[torch.from_numpy(above < 0)].max() == 0


def test_some_hair_is_learned_in_other_colours(faces: FaceSet, marks: Marks) -> None:
    spreads = []
    for share in (0.0, 0.5):
        task = HairTask(replace(config_of(1), batch_size=32, coloured=share), faces, marks, compiled=False)
        x, wanted, _ = task._draw()
        colours = (x * wanted[:, None]).sum(dim=(2, 3)) / wanted.sum(dim=(1, 2))[:, None]
        spreads.append((colours - colours.median(dim=0).values).abs().mean(dim=1))
    assert (spreads[0] > 0.25).float().mean() < 0.1
    assert 0.25 < (spreads[1] > 0.25).float().mean() < 0.75


def test_what_does_not_count_teaches_nothing(faces: FaceSet, marks: Marks, monkeypatch: pytest.MonkeyPatch) -> None:
    below = torch.from_numpy(~head_of(POINTS - MARGIN, SIZE))
    losses = []
    for marked_below in (0.0, 1.0):
        task = HairTask(config_of(1), faces, marks, compiled=False)
        drawn = task._draw()
        wanted = torch.where(below, marked_below, drawn.wanted)
        monkeypatch.setattr(task, "_draw", Mock(return_value=drawn._replace(wanted=wanted)))
        losses.append(task.step(0)["loss"])
    assert losses[0] == losses[1] > 0


def test_training_goes_on_exactly_from_a_checkpoint(faces: FaceSet, marks: Marks, tmp_path: Path) -> None:
    whole, first, second = (HairTask(config_of(4), faces, marks, compiled=False) for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2, sheet_every=1))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, other)


def test_command_trains_and_exports(
    sharded_celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from videoedit.train.hair import run

    def with_bangs(*args: object, **kwargs: object) -> FaceSet:
        loaded = load_faces(*args, **kwargs)  # type: ignore[arg-type]
        return replace(loaded, attributes=("Bangs", *loaded.attributes[1:]))

    monkeypatch.setattr(run, "load_faces", with_bangs)
    command = ["train", "hair", "--data", str(sharded_celeba), "--limit", "8", "--no-compile", "--iterations", "1"]
    everything = Marks(np.arange(8), np.ones((8, 144, 144), np.uint8))
    monkeypatch.setattr(run, "marks_of", lambda faces, editor: everything)
    assert main([*command, "--out", str(tmp_path), "--export", "tiny"]) == 0
    marked = HairFinder.from_card(tmp_path / "tiny.toml", "cpu").marked(torch.zeros(2, 3, 96, 96))
    assert marked.shape == (2, 96, 96)
    monkeypatch.setattr(run, "marks_of", lambda faces, editor: Marks(np.arange(0), np.ones((0, 144, 144), np.uint8)))
    assert main([*command, "--out", str(tmp_path / "none")]) == 2
    assert "hair is seen well enough in none of 8 pictures; use more of them" in capsys.readouterr().err


def test_an_editor_that_does_not_fit_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from videoedit.train.hair import run

    def unable(attribute: str) -> Edit:
        raise ConfigError(f"cannot remove {attribute}")

    command = ["train", "hair", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"), "--editor", "E"]
    for editor, message in (
        (Mock(crop_size=256), "--editor E takes crops of 256 px; give one that takes 128"),
        (Mock(crop_size=128, edit_without=unable), "cannot remove Bangs"),
    ):
        monkeypatch.setattr(run.ElegantEditor, "from_card", lambda name, device, editor=editor: editor)
        assert main(command) == 2
        assert message in capsys.readouterr().err


def test_pictures_are_those_whose_hair_is_marked(faces: FaceSet, marks: Marks) -> None:
    one = Marks(np.array([3]), marks.hair[:1])
    task = HairTask(replace(config_of(1), coloured=0.0), faces, one, compiled=False)
    np.testing.assert_array_equal(task._picture(0, 0), faces.images[3])


def test_what_is_embedded_sees_hair_on_a_drawn_face() -> None:
    x = to_model([portrait(has_bangs=one)[MARGIN:-MARGIN, MARGIN:-MARGIN] for one in (True, False)])
    worn, bare = (share_covered(one, POINTS - MARGIN) for one in HairFinder.from_card(device="cpu").marked(x).numpy())
    assert worn > 0.4 + bare
