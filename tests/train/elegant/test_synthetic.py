"""Batches of synthetic pairs are augmented alike, and a step learns from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.elegant.test_elegant import config_of, task_of
from videoedit.datasets.celeba import load_faces
from videoedit.synthetic.makers import GlassesMaker
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.elegant.synthetic import SyntheticPairs
from videoedit.train.elegant.task import ElegantTask

SIZE = 128


def test_both_pictures_of_a_pair_are_augmented_alike(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=SIZE, margin=8)
    pairs = SyntheticPairs(GlassesMaker(faces, SIZE), Augmenter(AugmentConfig(), SIZE))
    x, wanted, known = pairs.draw(3, torch.Generator().manual_seed(0))
    assert x.shape == wanted.shape == (6, 3, SIZE, SIZE)
    assert known.shape == (6, 1, SIZE, SIZE)
    beside = (x - wanted)[:, :, 90:].abs()
    assert beside.mean() < 0.02  # but for their own JPEG noise
    band = (x - wanted)[:, :, 40:75].abs().mean(dim=(1, 2, 3))
    assert band.min() > 5 * beside.mean()
    a_brighter = (wanted - x)[:3].mean() > 0 > (wanted - x)[3:].mean()
    assert bool(a_brighter)
    assert known[3:].min() > 0.999
    assert 0 <= known.min() < 1


def test_maps_move_with_their_pictures(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=SIZE, margin=8, limit=6)
    maps = [face[:, :, 0].astype(np.float32) for face in faces.images]
    augment = Augmenter(AugmentConfig(jitter=1.0, degrade=0.0, light=0.0), SIZE)
    moved, moved_maps = augment.alike([(face, face) for face in faces.images], maps, torch.Generator().manual_seed(0))
    for (face, again), its_map in zip(moved, moved_maps, strict=True):
        np.testing.assert_array_equal(face, again)
        assert abs(face[:, :, 0] - its_map.clip(0, 255)).max() < 2


def test_training_comes_nearer_to_known_results_only_where_it_learns_from_them(
    sharded_celeba: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=32, margin=2)

    def step_of(task: ElegantTask, iteration: int) -> dict[str, float]:
        numbers = task.step(iteration)
        return {key: value for key, value in numbers.items() if key.startswith("synthetic")}

    others = ("adversarial", "reconstruction", "giving_back", "mirror", "consistency", "variation", "colour_variation")
    alone = dict.fromkeys((*others, "unseen_detail"), 0.0) | {"residual": (0.0,)}
    config = replace(config_of("Eyeglasses"), synthetic=4, learning_rate=3e-4, **alone)  # type: ignore[arg-type]
    without = ElegantTask(replace(config, synthetic=0), faces, faces.rows(np.arange(4)), compiled=False)
    assert not step_of(without, 0)
    assert not step_of(task_of(sharded_celeba, "Male"), 0)

    task = ElegantTask(config, faces, faces.rows(np.arange(4)), compiled=False)
    maker = SyntheticPairs(GlassesMaker(faces, 32), Augmenter(AugmentConfig(), 32))
    same = maker.draw(2, torch.Generator().manual_seed(0))
    monkeypatch.setattr(SyntheticPairs, "draw", lambda *_: same)
    missed = [step_of(task, i)["synthetic/Eyeglasses"] for i in range(30)]
    assert np.mean(missed[-5:]) < 0.7 * np.mean(missed[:5])
    monkeypatch.setattr(SyntheticPairs, "draw", lambda *_: (*same[:2], torch.zeros_like(same[2])))
    assert step_of(task, 0) == {"synthetic/Eyeglasses": 0}  # nothing known, nothing missed
