"""The training of the matting network: layers are what is worn, it learns, goes on exactly, its export can be used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from videoedit.cli import main
from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.edit.base import Edit, Worn
from videoedit.edit.tryon import load_editor
from videoedit.errors import ConfigError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import MattingConfig, MattingNetwork
from videoedit.synthetic.finish import Finish
from videoedit.synthetic.glasses import Glasses, put_on
from videoedit.tensors import change_of
from videoedit.train.augment import AugmentConfig
from videoedit.train.loop import LoopConfig, fit
from videoedit.train.matting.evaluate import as_table, count_taken, evaluate_drawn
from videoedit.train.matting.export import export_matting
from videoedit.train.matting.scenes import Chances, SceneMaker
from videoedit.train.matting.task import MattingTask, MattingTrainConfig, pyramid_l1

SIZE, MARGIN = 64, 4
PLAIN = AugmentConfig(jitter=0.0, degrade=0.0)


class DarkeningEditor:
    """Takes nothing off, but darkens."""

    attributes = ("Eyeglasses",)
    crop_size = 32
    template = "elegant"

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        raise AssertionError("training has no exemplars")

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        return Edit(attribute, torch.zeros(1), strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        assert [edit.attribute for edit in edits] == ["Eyeglasses"]
        return torch.full((len(crops), 3, 32, 32), -0.1)

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        return torch.ones(len(crops), 32, 32)


@pytest.fixture(scope="module")
def faces(sharded_celeba: Path) -> FaceSet:
    return load_faces(sharded_celeba, partition="train", size=SIZE, margin=MARGIN)


SOME = Chances(bare=0.1, unhelped=0.15, smeared=0.5)


def maker_of(faces: FaceSet) -> SceneMaker:
    return SceneMaker(faces, DarkeningEditor(), SIZE, PLAIN)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def task_of(faces: FaceSet, iterations: int, *, chances: Chances = SOME, seed: int = 0) -> MattingTask:
    config = MattingTrainConfig(
        network=MattingConfig(crop_size=SIZE, width=8),
        iterations=iterations,
        warm_up=1,
        augment=PLAIN,
        chances=chances,
        seed=seed,
    )
    return MattingTask(config, faces, DarkeningEditor(), compiled=False)


def test_a_scene_holds_what_is_worn_and_what_the_editor_leaves_of_it(faces: FaceSet) -> None:
    scenes = maker_of(faces).draw(8, seeded())
    assert (scenes.layer[:, 3] > 0.5).flatten(1).any(dim=1).all()
    assert (scenes.layer[:, :3].abs() <= scenes.layer[:, 3:] + 1e-6).all()
    torch.testing.assert_close(scenes.without, scenes.wearer - 0.1)
    unhelped = maker_of(faces).draw(8, seeded(), Chances(unhelped=1.0))
    assert torch.equal(unhelped.without, unhelped.wearer)
    assert not maker_of(faces).draw(4, seeded(), Chances(bare=1.0)).layer.any()


def test_some_scenes_are_smeared_in_patches_beside_what_is_taken_off(faces: FaceSet) -> None:
    clean, smeared = (maker_of(faces).draw(8, seeded(), Chances(smeared=chance)) for chance in (0.0, 0.5))
    assert torch.equal(smeared.wearer, clean.wearer)
    assert torch.equal(smeared.layer, clean.layer)
    changed = (smeared.without - clean.without).abs().amax(dim=1) > 1e-3  # (B, S, S)
    shares = changed.flatten(1).float().mean(dim=1)
    assert 0 < int((shares > 0).sum()) < 8
    assert (shares[shares > 0] > 0.05).all()
    assert (shares < 0.6).all()

    def rough(x: Tensor) -> float:
        steps = (x[..., 1:] - x[..., :-1]).abs().amax(dim=1)
        return float(steps[changed[..., 1:]].mean())

    assert rough(smeared.without) < 0.85 * rough(clean.without)


def test_training_sees_smeared_scenes_as_often_as_it_is_told_to(faces: FaceSet) -> None:
    sheets = [task_of(faces, 4, chances=Chances(smeared=chance)).sample_sheet() for chance in (0.0, 1.0)]
    never, always = (sheet[: 2 * SIZE] for sheet in sheets if sheet is not None)
    assert np.array_equal(never[:SIZE], always[:SIZE])
    assert not np.array_equal(never[SIZE:], always[SIZE:])


def test_training_sees_faces_with_lines_as_often_as_it_is_told_to(faces: FaceSet) -> None:
    young, aged = (maker_of(faces).draw(16, seeded(), Chances(bare=1.0, aged=chance)) for chance in (0.0, 0.5))
    differ = (young.wearer - aged.wearer).flatten(1).abs().amax(dim=1) > 0.05
    assert 3 < int(differ.sum()) < 13
    assert not aged.layer.any()  # lines are the face's own
    first, second = (task_of(faces, 4, chances=Chances(aged=chance)).sample_sheet() for chance in (0.0, 1.0))
    assert first is not None
    assert second is not None
    assert not np.array_equal(first, second)


def test_a_layer_laid_on_the_bare_face_makes_its_wearer(faces: FaceSet) -> None:
    one_face = faces.rows(np.array([int(np.flatnonzero(faces.column("Eyeglasses") == -1)[0])]))
    maker = maker_of(one_face)
    worn, bare = maker.draw(6, seeded()), maker.draw(6, seeded(), Chances(bare=1.0))
    errors = []
    for wearer, layer in zip(worn.wearer, worn.layer, strict=True):  # mirrored and lit at random
        laid = bare.wearer + change_of(layer[None], bare.wearer)
        errors.append(float((laid - wearer).abs().flatten(1).mean(dim=1).min()))
    assert min(errors) < 0.02


def test_glasses_are_finished_vary_and_reflect_the_set(faces: FaceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[Glasses, Finish]] = []

    def noted(face: Image, points_xy: Points, glasses: Glasses, rng: np.random.Generator, finish: Finish) -> Any:
        drawn.append((glasses, finish))
        return put_on(face, points_xy, glasses, rng, finish)

    monkeypatch.setattr("videoedit.train.matting.scenes.put_on", noted)
    maker_of(faces).draw(40, seeded())
    assert any(finish.relief for _, finish in drawn)
    assert max(glasses.half_wh[0] for glasses, _ in drawn) > 0.48  # larger than plain ones
    assert all(
        any(finish.around is image or np.array_equal(finish.around, image) for image in faces.images)
        for _, finish in drawn
    )


def test_faces_that_all_wear_glasses_are_refused(faces: FaceSet) -> None:
    rows = np.flatnonzero(faces.column("Eyeglasses") == 1)
    with pytest.raises(ConfigError, match="no pictures without 'Eyeglasses'"):
        maker_of(faces.rows(rows))


def test_distances_count_less_where_something_is_nearly_in_place() -> None:
    line, near, far = (torch.zeros(1, 1, 16, 16) for _ in range(3))
    line[..., 8], near[..., 9], far[..., 1] = 1, 1, 1
    assert pyramid_l1(line - near) < 0.8 * pyramid_l1(line - far)
    assert pyramid_l1(line - line) == 0


def test_training_lifts_what_is_worn_and_the_exported_file_as_well(faces: FaceSet, tmp_path: Path) -> None:
    task = task_of(faces, 60, chances=Chances(unhelped=0.15, smeared=0.5))
    first = task.step(0)
    fit(task, LoopConfig(out=str(tmp_path), iterations=60, sheet_every=30))
    last = [task.step(60) for _ in range(4)]
    assert np.mean([numbers["covers"] for numbers in last]) < 0.7 * first["covers"]
    assert np.mean([numbers["layers"] for numbers in last]) < 0.7 * first["layers"]
    assert len(list(tmp_path.glob("sheet-*.png"))) == 2
    card = export_matting(task.average, tmp_path, "small")
    network = load_network(MattingNetwork(MattingConfig(crop_size=SIZE, width=8)), card).eval()
    scenes = maker_of(faces).draw(8, seeded(1))
    cover, true = network.lift(scenes.wearer, scenes.without)[:, 3], scenes.layer[:, 3]
    assert cover[true > 0.9].mean() > 3 * cover[true < 0.1].mean()


def test_training_goes_on_exactly_from_a_checkpoint_and_a_sheet_changes_nothing(faces: FaceSet, tmp_path: Path) -> None:
    whole, first, second = (task_of(faces, 4) for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2, sheet_every=1))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, other)


def test_training_begins_with_the_weights_of_another(faces: FaceSet) -> None:
    one, other = task_of(faces, 4), task_of(faces, 4, seed=1)
    one.begin_with(other.network)
    for network in (one.network, one.average):
        torch.testing.assert_close(network.state_dict(), other.network.state_dict())
    assert one.network is not other.network


def test_command_trains_and_exports(sharded_celeba: Path, tmp_path: Path) -> None:
    command = ["train", "matting", "--data", str(sharded_celeba), "--limit", "8", "--no-compile", "--iterations", "1"]
    assert main([*command, "--out", str(tmp_path), "--export", "tiny"]) == 0
    assert load_editor("elegant", tmp_path / "tiny.toml", "cpu").crop_size == 256
    further = ["--from", str(tmp_path / "tiny.toml"), "--learning-rate", "0", "--export", "same"]
    assert main([*command, "--out", str(tmp_path / "further"), *further]) == 0
    first, same = (
        load_file(path) for path in (tmp_path / "tiny.safetensors", tmp_path / "further" / "same.safetensors")
    )
    weights = [name for name in first if "running" not in name and "num_batches" not in name]
    for name in weights:
        torch.testing.assert_close(same[name], first[name])


class Exact(MattingNetwork):
    """Lifts what it is told."""

    def __init__(self, layers: Sequence[Tensor]) -> None:
        super().__init__(MattingConfig(crop_size=SIZE, width=8))
        self._layers = iter(layers)

    def lift(self, x: Tensor, without: Tensor) -> Tensor:
        return next(self._layers)


def test_figures_tell_layers_that_are_right_from_those_that_are_not(faces: FaceSet) -> None:
    maker, random = SceneMaker(faces, DarkeningEditor(), SIZE, AugmentConfig()), seeded()
    true = [maker.draw(8, random).layer for _ in range(5)]
    rows = evaluate_drawn(Exact(true), faces, DarkeningEditor(), count=40)
    assert {row.name for row in rows} == {"clear lenses", "dark lenses"}
    assert sum(row.num_faces for row in rows) == 40
    for row in rows:
        assert (row.found, row.beside, row.codes) == pytest.approx((1.0, 0.0, 0.0))
    everything = [torch.cat([layer[:, :3], torch.ones_like(layer[:, 3:])], dim=1) for layer in true]
    (clear, *_) = evaluate_drawn(Exact(everything), faces, DarkeningEditor(), count=40)
    assert clear.found == pytest.approx(1.0)
    assert clear.beside > 5
    nothing = [torch.zeros_like(layer) for layer in true]
    (clear, *_) = evaluate_drawn(Exact(nothing), faces, DarkeningEditor(), count=40)
    assert (clear.found, clear.beside) == (0.0, 0.0)
    assert clear.codes > 10
    assert f"| clear lenses | {clear.num_faces} | 0.0% | 0.0% |" in as_table([clear])


def test_exemplars_are_counted_by_whether_they_wear_any(faces: FaceSet) -> None:
    class Sure(DarkeningEditor):
        def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
            is_first = bool((exemplar == faces.images[0]).all())
            return Edit(attribute, torch.zeros(1), worn=Worn(*torch.zeros(3, 1)) if is_first else None)

    taken = count_taken(faces, Sure())
    has = faces.column("Eyeglasses") == 1
    assert taken == {"with glasses": (int(has[0]), int(has.sum())), "without": (int(~has[0]), int((~has).sum()))}
