"""The published training: its numbers, its labels, its order, and that it resumes and exports like the other."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from videoedit.cli import main
from videoedit.config import from_table, read_toml
from videoedit.datasets.celeba import load_faces
from videoedit.edit.elegant import ElegantEditor
from videoedit.nets.elegant import ElegantConfig
from videoedit.resources import preset_path
from videoedit.train.elegant import losses
from videoedit.train.elegant.published import PublishedTask, PublishedTrainConfig, published_rate
from videoedit.train.loop import LoopConfig, fit

ATTRIBUTES = ("Eyeglasses", "Smiling")


def task_of(data: Path, **changes: object) -> PublishedTask:
    network = ElegantConfig(attributes=ATTRIBUTES, crop_size=32, width=4, code_channels=8)
    config = replace(PublishedTrainConfig(network=network, batch_size=2), **changes)  # type: ignore[arg-type]
    faces = load_faces(data, partition="train", size=32)
    return PublishedTask(config, faces, load_faces(data, partition="val", size=32, limit=4), compiled=False)


def weights_of(task: PublishedTask) -> Tensor:
    return torch.cat([p.flatten() for n in (task.generator, task.discriminator) for p in n.parameters()])


def test_cross_entropies_by_hand() -> None:
    zero, large = [torch.zeros(4), torch.zeros(4)], [torch.full((4,), 20.0), torch.full((4,), 20.0)]
    log2 = torch.tensor(2.0).log().item()
    assert losses.generator_cross_entropy(zero, (1.0, 0.5)).item() == pytest.approx(2 * 1.5 * log2)
    assert losses.discriminator_cross_entropy(zero, zero, (1.0, 0.5)).item() == pytest.approx(4 * 1.5 * log2)
    assert losses.discriminator_cross_entropy(large, [-one for one in large], (1.0, 1.0)).item() < 1e-6
    assert losses.discriminator_cross_entropy(zero, large, (1.0, 0.0)).item() == pytest.approx(
        2 * (log2 + 20), rel=1e-6
    )


def test_rate_falls_every_3000_steps() -> None:
    config = PublishedTrainConfig(network=ElegantConfig(attributes=ATTRIBUTES))
    rates = [published_rate(step, config) for step in (0, 3000, 34_000, 200_000)]
    assert rates == pytest.approx([2e-4, 1.94e-4, 1.431e-4, 2.679e-5], rel=1e-3)


def test_discriminators_see_swapped_labels_of_0_and_1_and_clamped_pictures(sharded_celeba: Path) -> None:
    task = task_of(sharded_celeba)
    seen: list[tuple[Tensor, Tensor]] = []
    judge = task._judge

    def watching(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        seen.append((x, y))
        answer: tuple[Tensor, Tensor] = judge(x, y)
        return answer

    task._judge = watching  # type: ignore[assignment]
    with torch.no_grad():
        task.generator.decoder.main[4][0].bias.fill_(3.0)  # residuals near 2: everything is clamped
    task.step(0)
    assert len(seen) == 3 * len(ATTRIBUTES)
    for attribute in range(len(ATTRIBUTES)):
        (_, y_real), (x_fake, y_fake), (x_again, _) = seen[3 * attribute : 3 * attribute + 3]
        assert y_real[:, attribute].tolist() == [1, 1, 0, 0]
        assert y_fake[:, attribute].tolist() == [0, 0, 1, 1]
        other = 1 - attribute
        assert torch.equal(y_real[:, other], y_fake[:, other])
        assert x_fake.max() == 1.0
        assert not x_fake.requires_grad
        assert x_again.requires_grad


def test_reconstruction_is_asked_of_a_and_b_by_the_chosen_norm(sharded_celeba: Path) -> None:
    x, x_rec = torch.zeros(4, 3, 8, 8), torch.full((4, 3, 8, 8), 0.5)
    assert task_of(sharded_celeba)._distance(x_rec, x).item() == pytest.approx(2 * 0.25)
    assert task_of(sharded_celeba, distance="absolute")._distance(x_rec, x).item() == pytest.approx(2 * 0.5)


def test_both_networks_learn_and_a_resumed_training_equals_an_uninterrupted_one(
    sharded_celeba: Path, tmp_path: Path
) -> None:
    whole, first, second = (task_of(sharded_celeba) for _ in range(3))
    before = weights_of(whole)
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    assert torch.equal(weights_of(whole), weights_of(second))
    num_generator = sum(p.numel() for p in whole.generator.parameters())
    changed = (weights_of(whole) - before).abs() > 0
    assert changed[:num_generator].float().mean() > 0.9
    assert changed[num_generator:].float().mean() > 0.9


@pytest.mark.parametrize("name", ["train-elegant-official", "train-elegant-paper"])
def test_presets_of_the_published_profiles_are_whole(name: str) -> None:
    table = read_toml(preset_path(name))
    network = from_table(ElegantConfig, table["network"], "network")
    config = from_table(PublishedTrainConfig, {**table["learning"], "network": network}, "learning")
    assert network.profile == name.rpartition("-")[2]
    assert config.small_weight == (0.5 if network.profile == "official" else 1.0)


def test_command_trains_the_official_profile_and_exports_an_editor_without_regions(
    sharded_celeba: Path, small_official: Path, tmp_path: Path
) -> None:
    command = ["train", "elegant", "--data", str(sharded_celeba), "--out", str(tmp_path / "out"), "--smoke"]
    assert (
        main([*command, "--preset", str(small_official), "--export", "small", "--compact", str(tmp_path / "c.st")]) == 0
    )
    editor = ElegantEditor.from_card(tmp_path / "out" / "small.toml")
    assert editor._card.regions == {}
    assert editor._card.network["profile"] == "official"
