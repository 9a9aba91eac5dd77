"""The training of the occluder network: things lie where their masks say; it learns, resumes, and its export finds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from videoedit.cli import main
from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.edit.occluders import OccluderFinder
from videoedit.nets.mask import MaskConfig
from videoedit.tensors import to_model
from videoedit.train.augment import AugmentConfig
from videoedit.train.loop import LoopConfig, fit
from videoedit.train.occluder.evaluate import as_table, evaluate_clean, evaluate_things
from videoedit.train.occluder.export import export_occluder
from videoedit.train.occluder.scenes import KIND_SHARES, Scene, SceneConfig, scene_of, shadowed, with_thing
from videoedit.train.occluder.shapes import SHAPES, draw_shape
from videoedit.train.occluder.task import OccluderTask, OccluderTrainConfig, shares_of

SIZE = 32
STILL = SceneConfig(turn=0.0, zoom=0.0, shift=0.0)


@pytest.fixture(scope="module")
def faces(sharded_celeba: Path) -> FaceSet:
    return load_faces(sharded_celeba, partition="train", size=SIZE, margin=4)


def config_of(iterations: int) -> OccluderTrainConfig:
    return OccluderTrainConfig(
        network=MaskConfig(crop_size=SIZE, width=8),
        iterations=iterations,
        batch_size=16,
        warm_up=1,
        augment=AugmentConfig(jitter=0.0, degrade=0.0),
    )


@pytest.mark.parametrize("kind", SHAPES)
def test_every_shape_covers_some_of_the_crop_and_comes_from_its_numbers_alone(kind: str) -> None:
    drawn = [draw_shape(kind, 64, np.random.default_rng(seed)) for seed in range(12)]
    covered = np.array([shape.mask.mean() for shape in drawn])
    assert 0.005 < covered.mean() < 0.7
    assert all(shape.mask.min() >= 0 and shape.mask.max() <= 1 + 1e-6 for shape in drawn)
    assert np.array_equal(draw_shape(kind, 64, np.random.default_rng(3)).mask, drawn[3].mask)
    assert kind in KIND_SHARES


@pytest.mark.parametrize("kind", SHAPES)
def test_a_thing_changes_the_face_under_its_mask_and_only_darkens_it_beside(kind: str, faces: FaceSet) -> None:
    face = Scene(faces.images[0][4:-4, 4:-4], np.zeros((SIZE, SIZE), np.float32))
    on, brightened = [], []
    for seed in range(24):
        scene = with_thing(face, kind, faces.images[1:5], np.random.default_rng(seed))
        change = scene.crop.astype(int) - face.crop
        on += [np.abs(change)[scene.mask > 0.9].mean()] if (scene.mask > 0.9).any() else []
        brightened.append(change[scene.mask == 0].max(initial=0))
    assert np.mean(on) > 10
    assert max(brightened) <= 1  # outside, a shadow at most


def test_a_share_of_faces_is_left_as_it_is_and_a_shadow_hides_nothing(faces: FaceSet) -> None:
    scenes = [scene_of(faces.images[0], faces.images[1:5], SIZE, STILL, np.random.default_rng(i)) for i in range(80)]
    clean = [scene for scene in scenes if not scene.kinds]
    assert 0.15 < len(clean) / len(scenes) < 0.45
    assert all(not scene.mask.any() for scene in clean)
    plain = Scene(faces.images[0][4:-4, 4:-4], np.zeros((SIZE, SIZE), np.float32))
    dark = [shadowed(plain, np.random.default_rng(seed)) for seed in range(8)]
    assert not any(scene.mask.any() for scene in dark)
    assert min(scene.crop.mean() for scene in dark) < plain.crop.mean() - 2


def test_faces_that_wear_something_are_drawn_more_often(faces: FaceSet) -> None:
    shares = shares_of(faces)
    worn = faces.column("Eyeglasses") > 0
    assert set(shares[worn]) == {4.0}
    assert set(shares[~worn]) == {1.0}


def test_training_finds_things_and_the_exported_file_finds_them_as_well(faces: FaceSet, tmp_path: Path) -> None:
    task = OccluderTask(config_of(80), faces, compiled=False)
    first = task.step(0)["loss"]
    fit(task, LoopConfig(out=str(tmp_path), iterations=80, sheet_every=40))
    assert np.mean([task.step(80)["loss"] for _ in range(4)]) < 0.6 * first
    assert len(list(tmp_path.glob("sheet-*.png"))) == 2
    card = export_occluder(task.average, tmp_path, "small")
    finder = OccluderFinder.from_card(card.folder / "small.toml", "cpu").marked
    rng = np.random.default_rng(0)
    scenes = [scene_of(faces.images[i], faces.images[:4], SIZE, SceneConfig(clean=0.0), rng) for i in range(16)]
    hidden, masks = finder(to_model([scene.crop for scene in scenes])).numpy(), np.stack([s.mask for s in scenes])
    assert hidden[masks > 0.9].mean() > 3 * hidden[masks < 0.1].mean()


def test_training_goes_on_exactly_from_a_checkpoint_and_a_sheet_changes_nothing(faces: FaceSet, tmp_path: Path) -> None:
    whole, first, second = (OccluderTask(config_of(4), faces, compiled=False) for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2, sheet_every=1))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, other)


def test_command_trains_and_exports(sharded_celeba: Path, tmp_path: Path) -> None:
    command = ["train", "occluder", "--data", str(sharded_celeba), "--limit", "8", "--no-compile", "--iterations", "1"]
    assert main([*command, "--out", str(tmp_path), "--export", "tiny"]) == 0
    hidden = OccluderFinder.from_card(tmp_path / "tiny.toml", "cpu").marked(torch.zeros(2, 3, 128, 128))
    assert hidden.shape == (2, 128, 128)


def test_figures_tell_a_finder_that_is_right_from_one_that_is_not(faces: FaceSet) -> None:
    labelled = replace(
        faces.rows(np.arange(6)),
        labels=np.array([[1, -1, -1, 1], [-1, 1, -1, 1], [-1, -1, 1, -1], *[[-1, -1, -1, 1]] * 3], np.int8),
        attributes=("Eyeglasses", "Bangs", "Wearing_Hat", "No_Beard"),
    )
    everything, nothing = (lambda crops, v=v: torch.full((len(crops), SIZE, SIZE), v) for v in (1.0, 0.0))
    rows = evaluate_clean(everything, labelled, SIZE)
    assert [(row.name, row.num_faces) for row in rows] == [
        ("all", 6),
        ("eyeglasses", 1),
        ("fringe", 1),
        ("hat", 1),
        ("beard", 1),
        ("none of these", 3),
    ]
    assert set(rows[0].shares + rows[0].spoilt) == {1.0}
    assert set(evaluate_clean(nothing, labelled, SIZE)[0].spoilt) == {0.0}
    found, beside, *_ = evaluate_things(everything, labelled, SIZE)
    assert (found.name, beside.name) == ("hand, found", "hand, beside it")
    assert found.shares == beside.shares == pytest.approx((1.0, 1.0, 1.0))
    assert "100.0%" in as_table([found, beside])
