"""The training learns, resumes exactly, begins from smaller networks, and exports what ships."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from videoedit.align.regions import region_of
from videoedit.datasets.celeba import load_faces
from videoedit.errors import ConfigError
from videoedit.nets.elegant import ElegantConfig, Skips
from videoedit.tensors import change_of, to_model
from videoedit.train.elegant import losses
from videoedit.train.elegant.compact import save_compact, start_from_compact
from videoedit.train.elegant.export import Export, export_elegant
from videoedit.train.elegant.task import ElegantTask, ElegantTrainConfig, learning_rate_at
from videoedit.train.elegant.warm_start import warm_start
from videoedit.train.loop import CHECKPOINT_NAME, LoopConfig, fit, load_checkpoint


def config_of(*attributes: str, code_channels: int = 16) -> ElegantTrainConfig:
    network = ElegantConfig(attributes=attributes, crop_size=32, width=4, code_channels=code_channels, profile="modern")
    ones = (1.0,) * len(attributes)
    return ElegantTrainConfig(
        network=network, frequencies=ones, residual=ones, matched=("Male",), context=("Young",), batch_size=2
    )


def task_of(data: Path, *attributes: str, code_channels: int = 16) -> ElegantTask:
    faces = load_faces(data, partition="train", size=32, margin=2)
    sheet = load_faces(data, partition="val", size=32, limit=4)
    return ElegantTask(config_of(*attributes, code_channels=code_channels), faces, sheet, compiled=False)


def weights_of(task: ElegantTask) -> torch.Tensor:
    return torch.cat([p.flatten() for n in (task.generator, task.average, task.discriminator) for p in n.parameters()])


def test_resumed_training_equals_an_uninterrupted_one(sharded_celeba: Path, tmp_path: Path) -> None:
    whole, first, second = (task_of(sharded_celeba, "Eyeglasses", "Smiling") for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=6, log_every=2, sheet_every=3))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=3, log_every=2, sheet_every=3))
    assert fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=6, log_every=2, sheet_every=3)) == 6
    assert torch.equal(weights_of(whole), weights_of(second))
    assert not torch.equal(weights_of(first), weights_of(second))
    assert (tmp_path / "whole" / "sheet-000003.png").exists()


def test_checkpoint_is_written_even_when_a_step_fails(sharded_celeba: Path, tmp_path: Path) -> None:
    task = task_of(sharded_celeba, "Eyeglasses")
    good_step = task.step

    def failing_step(iteration: int) -> dict[str, float]:
        if iteration == 2:
            raise RuntimeError("power cut")
        return good_step(iteration)

    task.step = failing_step  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="power cut"):
        fit(task, LoopConfig(out=str(tmp_path), iterations=5))
    assert load_checkpoint(tmp_path / CHECKPOINT_NAME)["iteration"] == 2


def test_training_lowers_reconstruction_and_moves_only_through_gradients(sharded_celeba: Path) -> None:
    task = task_of(sharded_celeba, "Eyeglasses")
    with torch.no_grad():
        task.generator.decoder.main[4][0].bias[:3] = 0.5  # a colour cast that reconstruction must remove
    errors = [numbers["rec"] for i in range(80) if "rec" in (numbers := task.step(i))]
    assert len(errors) == 20
    assert np.mean(errors[-3:]) < 0.6 * np.mean(errors[:2])


def test_faces_without_the_attribute_learn_to_stay_as_they_are(sharded_celeba: Path) -> None:
    changes = []
    for weight in (1e-6, 300.0):
        task = task_of(sharded_celeba, "Eyeglasses")
        task._config = replace(task._config, idle=weight, reconstruction=0.0)
        with torch.no_grad():
            task.generator.decoder.main[4][0].bias[:3] = 0.5
        assert "idle" not in task.step(0)  # here the reconstruction takes its turn
        for iteration in range(1, 41):
            task.step(iteration)
        changes.append(task.step(41)["idle"])
    assert changes[1] < 0.7 * changes[0]
    assert "idle" not in task_of(sharded_celeba, "Eyeglasses").step(1)


def test_faces_without_the_attribute_exchange_it_among_themselves(
    sharded_celeba: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, decoded = task_of(sharded_celeba, "Eyeglasses", "Smiling"), []
    decode = task.generator.decoder

    def seen(z_edit: torch.Tensor, z_own: torch.Tensor, skips: Skips) -> torch.Tensor:
        decoded.append((z_edit, z_own))
        return decode(z_edit, z_own, skips)

    monkeypatch.setattr(task, "_decode", seen)
    x, *_ = task._draw(1)
    z, skips = task.generator.encoder(x)
    change = task._idle(x, z, skips, 1)
    ((z_edit, z_own),) = decoded
    assert torch.equal(z_own, z[2:])
    first, second = (task._config.network.blocks[attribute] for attribute in (0, 1))
    assert torch.equal(z_edit[:, first], z[2:, first])
    assert torch.equal(z_edit[:, second], z[[3, 2], second])
    bare = tuple(skip[2:] for skip in skips)
    wanted = change_of(decode(z_edit, z_own, bare), x[2:]) * task._masks[1]
    torch.testing.assert_close(change, losses.weighted_l1(wanted, task._emphasis[1]))


def test_edited_pictures_carry_the_swapped_label_of_the_edited_attribute_only(sharded_celeba: Path) -> None:
    task = task_of(sharded_celeba, "Eyeglasses", "Smiling")
    x, x_like, y_real, y_fake = task._draw(1)
    assert 0 < (x - x_like).abs().mean() < 0.3
    assert torch.equal(y_fake[:, 1], -y_real[:, 1])
    assert torch.equal(y_fake[:, [0, 2]], y_real[:, [0, 2]])
    assert y_real[:2, 1].eq(1).all()
    assert y_real[2:, 1].eq(-1).all()


def test_warm_start_keeps_what_the_smaller_network_does(sharded_celeba: Path, tmp_path: Path) -> None:
    small = task_of(sharded_celeba, "Eyeglasses", "Smiling", code_channels=16)
    for i in range(3):
        small.step(i)
    save_compact(small, 3, tmp_path / "compact.safetensors")
    large = task_of(sharded_celeba, "Eyeglasses", "Smiling", "Male", code_channels=24)
    start_from_compact(large, tmp_path / "compact.safetensors")
    for name, old in small.average.encoder.state_dict().items():
        new = large.average.encoder.state_dict()[name]
        torch.testing.assert_close(new[tuple(map(slice, old.shape))], old, atol=1e-3, rtol=1e-2)
    labels = torch.tensor([[1.0, -1.0, 1.0]]), torch.tensor([[1.0, -1.0, 0.0, 1.0]])
    images = torch.rand(1, 3, 32, 32)
    expected, got = small.discriminator(images, labels[0]), large.discriminator(images, labels[1])
    torch.testing.assert_close(got[0], expected[0], atol=1e-3, rtol=1e-2)


def test_warm_start_widens_the_discriminators_kernels_to_the_same_answer_on_averaged_pictures(
    sharded_celeba: Path,
) -> None:
    task = task_of(sharded_celeba, "Eyeglasses")
    known = {f"average.{key}": value for key, value in task.average.state_dict().items()}
    narrow = {
        f"discriminator.{key}": value[..., :3, :3].clone() if value.ndim == 4 else value.clone()
        for key, value in task.discriminator.state_dict().items()
    }
    warm_start(task, known | narrow, task.generator.config, task.told_labels)
    old, new = narrow["discriminator.large.conv.0.weight"], task.discriminator.large.conv[0].weight
    x = torch.rand(1, old.shape[1], 32, 32, generator=torch.Generator().manual_seed(0))
    expected = functional.conv2d(functional.avg_pool2d(x, 2, stride=1), old, stride=2)
    assert torch.allclose(functional.conv2d(x, new, stride=2), expected, atol=1e-6)


def test_noise_penalty_makes_the_discriminators_flatter(sharded_celeba: Path) -> None:
    def response(penalty: float) -> float:
        torch.manual_seed(0)
        config = replace(config_of("Eyeglasses"), noise_penalty=penalty, penalise_every=1)
        faces = load_faces(sharded_celeba, partition="train", size=32, margin=2)
        task = ElegantTask(config, faces, faces, compiled=False)
        for iteration in range(20):
            task.step(iteration)
        x, told = torch.zeros(64, 3, 32, 32), torch.ones(64, 2)
        noisy = 0.1 * torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
        return losses.noise_response(task.discriminator(x, told), task.discriminator(x + noisy, told)).item()

    assert response(1000.0) < 0.8 * response(0.0)


def test_warm_start_refuses_a_network_whose_blocks_lie_elsewhere(sharded_celeba: Path, tmp_path: Path) -> None:
    small = task_of(sharded_celeba, "Eyeglasses", "Smiling")
    save_compact(small, 0, tmp_path / "compact.safetensors")
    with pytest.raises(ConfigError, match="must come first and own the same blocks"):
        start_from_compact(
            task_of(sharded_celeba, "Smiling", "Eyeglasses", "Male", code_channels=24), tmp_path / "compact.safetensors"
        )


@pytest.mark.parametrize("attribute", ["Eyeglasses", "Male"])
def test_exported_model_edits_as_the_trained_average_does(sharded_celeba: Path, tmp_path: Path, attribute: str) -> None:
    from videoedit.edit.elegant import ElegantEditor

    task = task_of(sharded_celeba, attribute, "Smiling")
    for i in range(3):
        task.step(i)
    faces = load_faces(sharded_celeba, partition="train", size=32)
    export_elegant(task.average, faces, Export(folder=tmp_path, name="tiny", iteration=3))
    editor = ElegantEditor.from_card(tmp_path / "tiny.toml", "cpu")
    assert editor.attributes == (attribute, "Smiling")
    x = to_model(faces.images[:2])
    change = change_of(editor.residuals(x, [editor.edit_like(faces.images[5], attribute)]), x)
    with torch.no_grad():
        exemplar = to_model(faces.images[5:6])
        straight, mirrored = (
            task.average(a, task.average.encoder(b)[0].expand(2, -1, -1, -1), 0)
            for a, b in ((x, exemplar), (x.flip(3), exemplar.flip(3)))
        )
        mask = torch.from_numpy(region_of(attribute, 32))
        expected = change_of((straight + mirrored.flip(3)) / 2 * mask.pow(1.5), x)
    torch.testing.assert_close(change, (x + expected).clamp(-1, 1) - x, atol=5e-3, rtol=0)
    assert editor.edit_without("Smiling").code.shape == (1, 2, 8, 1, 1)
    rows = np.flatnonzero(faces.column("Smiling") == 1)
    with torch.no_grad():
        codes = task.average.encoder(to_model(faces.images[rows]))[0][:, task._config.network.blocks[1]]
    typical = editor.typical(editor.edit_like(faces.images[5], "Smiling"))
    torch.testing.assert_close(typical.code[0, 0], codes.mean(dim=0), atol=2e-3, rtol=0)


@pytest.mark.parametrize(("attribute", "is_seen"), [("Smiling", True), ("Male", False)])
def test_discriminators_see_nothing_beside_an_oval(sharded_celeba: Path, attribute: str, is_seen: bool) -> None:
    task = task_of(sharded_celeba, attribute)
    seen: list[torch.Tensor] = []

    def judge(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, ...]:
        seen.append(x.detach())
        return task.discriminator(x, y)

    task._judge = judge
    task.step(1)  # without the penalty, which adds noise
    assert len(seen) == 2
    for x in seen:
        assert x[:, :, :3, :3].abs().amax(dim=(1, 2, 3)).gt(0).all() == is_seen
        assert x[:, :, 14:18, 14:18].abs().sum() > 0


def test_unfinished_attribute_keeps_its_block_but_is_not_offered(sharded_celeba: Path, tmp_path: Path) -> None:
    from videoedit.edit.elegant import ElegantEditor

    task = task_of(sharded_celeba, "Eyeglasses", "Smiling", "Male", code_channels=24)
    faces = load_faces(sharded_celeba, partition="train", size=32)
    export_elegant(task.average, faces, Export(folder=tmp_path, name="tiny", iteration=0, unfinished=("Smiling",)))
    editor = ElegantEditor.from_card(tmp_path / "tiny.toml", "cpu")
    assert editor.attributes == ("Eyeglasses", "Male")
    code = editor.edit_like(faces.images[0], "Male").code
    with torch.no_grad():
        z, _ = task.average.encoder(to_model(faces.images[:1]))
    torch.testing.assert_close(code[:, 0], z[:, 16:24], atol=2e-2, rtol=0)


def test_learning_rate_is_constant_and_falls_to_a_tenth_at_the_end() -> None:
    config = replace(config_of("Eyeglasses"), iterations=100, cool_down=50)
    rates = [learning_rate_at(i, config) for i in (0, 50, 75, 100, 500)]
    assert rates == pytest.approx([2e-4, 2e-4, 1.1e-4, 2e-5, 2e-5])


@pytest.mark.gpu
def test_step_on_a_gpu_learns_and_its_checkpoint_goes_on_a_cpu(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=32, margin=2)
    on_gpu = ElegantTask(
        config_of("Eyeglasses", "Smiling"), faces, faces.rows(np.arange(4)), compiled=False, device="cuda"
    )
    before = weights_of(on_gpu).clone()
    for i in range(3):
        assert all(np.isfinite(value) for value in on_gpu.step(i).values())
    assert not torch.equal(before, weights_of(on_gpu))
    on_cpu = task_of(sharded_celeba, "Eyeglasses", "Smiling")
    on_cpu.restore(on_gpu.state())
    on_cpu.step(3)


def test_detail_that_the_network_does_not_see_stays_in_what_is_edited(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=32, margin=2)
    config = replace(config_of("Eyeglasses"), unseen_detail=1.0)
    task = ElegantTask(config, faces, faces, compiled=False)
    seen: list[torch.Tensor] = []
    judged: list[torch.Tensor] = []
    task.generator.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    task.discriminator.register_forward_pre_hook(lambda _, inputs: judged.append(inputs[0]))
    task.step(1)  # not a step with a reconstruction
    x, x_fake = judged[0][:4], judged[0][4:8]
    fine = [
        (t - functional.interpolate(functional.avg_pool2d(t, 2), scale_factor=2, mode="bilinear")) for t in (x, x_fake)
    ]
    assert not torch.equal(seen[0], x)
    torch.testing.assert_close(seen[0], x - fine[0], atol=1e-2, rtol=0)
    assert fine[1].std() > 0.5 * fine[0].std()


def test_hidden_label_is_neither_told_nor_matched(sharded_celeba: Path) -> None:
    faces = load_faces(sharded_celeba, partition="train", size=32, margin=2)
    labels = faces.labels.copy()
    eyeglasses, male = (faces.attributes.index(name) for name in ("Eyeglasses", "Male"))
    labels[:, male] = labels[:, eyeglasses]  # all with glasses, and none without, are men
    faces = replace(faces, labels=labels)
    with pytest.raises(ConfigError, match="agree in Male"):
        ElegantTask(config_of("Eyeglasses", "Male"), faces, faces, compiled=False)
    config = replace(config_of("Eyeglasses", "Male"), hidden={"Eyeglasses": ("Male",)})
    task = ElegantTask(config, faces, faces, compiled=False)
    told: list[torch.Tensor] = []
    task.discriminator.register_forward_pre_hook(lambda _, inputs: told.append(inputs[1]))
    for iteration in range(6):
        task.step(iteration)
    edits_glasses = [y for y in told if y[:, 1].eq(0).all()]
    assert 0 < len(edits_glasses) < len(told)
    assert all(y[:, 0].abs().eq(1).all() for y in edits_glasses)
