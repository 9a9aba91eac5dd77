"""Targets, losses and the task of the detector's training."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from videoedit.nets.detector import DetectorConfig, Rows, cell_grid
from videoedit.train.detector.scenes import SceneConfig
from videoedit.train.detector.task import DetectorTask, DetectorTrainConfig, assign, detector_loss, to_network
from videoedit.train.pictures import Picture

GRID = cell_grid(128, 128)


def face_row(left: float, top: float, side: float, trust: float = 1.0) -> list[float]:
    points = [0.3, 0.4, 0.7, 0.4, 0.5, 0.6, 0.35, 0.8, 0.65, 0.8]
    placed = [value * side + (top if index % 2 else left) for index, value in enumerate(points)]
    return [left, top, left + side, top + side, *placed, trust]


def batch(*rows: list[float]) -> torch.Tensor:
    return torch.tensor([[*rows, [0.0] * 15]])


@pytest.mark.parametrize(("side", "anchor"), [(12, 0), (30, 1), (60, 2), (110, 3)])
def test_a_face_is_answered_by_the_anchor_of_its_size_near_its_centre(side: float, anchor: int) -> None:
    left = 64 - side / 2
    targets = assign(batch(face_row(left, left, side)), GRID)
    centres, strides, anchors = GRID
    chosen = targets.is_face[0]
    assert set(anchors[chosen].tolist()) == {anchor}
    assert float((centres[chosen] - 64).abs().amax()) <= max(0.16 * side, float(strides[chosen][0]) * 0.72)
    assert not (targets.is_ignored & targets.is_face).any()


def test_every_face_has_an_answer_wherever_it_lies() -> None:
    for shift in np.linspace(20, 52, 23):
        assert assign(batch(face_row(shift, shift / 2, 14)), GRID).is_face.any()


def test_a_face_without_trust_is_left_alone_and_padding_says_nothing() -> None:
    targets = assign(batch(face_row(30, 30, 60, trust=0.0)), GRID)
    assert not targets.is_face.any()
    assert targets.is_ignored.any()
    assert not assign(batch(), GRID).is_ignored.any()


def test_the_loss_of_a_perfect_answer_is_nearly_nothing_and_of_a_wrong_one_is_not() -> None:
    faces = batch(face_row(30, 40, 60), face_row(100, 5, 16))
    targets = assign(faces, GRID)
    perfect = rows_that_say(targets.faces, targets.is_face)
    loss, parts = detector_loss(perfect, targets, GRID)
    assert float(loss) < 0.01
    assert parts["overlap"] == pytest.approx(1.0, abs=1e-3)
    shifted = Rows(perfect.logits, perfect.boxes, perfect.points + 1)
    assert float(detector_loss(shifted, targets, GRID)[0]) > 0.5


def test_a_batch_without_faces_gives_a_loss_that_can_be_lowered() -> None:
    logits = torch.zeros(1, len(GRID[0]), requires_grad=True)
    rows = Rows(logits, torch.zeros(1, len(GRID[0]), 4), torch.zeros(1, len(GRID[0]), 10))
    loss, _ = detector_loss(rows, assign(batch(), GRID), GRID)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() > 0
    assert logits.grad is not None
    assert float(logits.grad.min()) >= 0


def test_training_goes_on_exactly_from_a_state() -> None:
    pictures, config = [drawn_face(seed) for seed in range(3)], small_config()
    straight = DetectorTask(config, pictures)
    for iteration in range(2):
        straight.step(iteration)
    state = {name: _copied(value) for name, value in straight.state().items()}
    expected = straight.step(2)
    resumed = DetectorTask(config, pictures)
    resumed.restore(state)
    assert resumed.step(2) == pytest.approx(expected, rel=1e-3)


def test_the_weights_of_another_training_are_taken_up_without_its_optimiser() -> None:
    pictures, config = [drawn_face(seed) for seed in range(3)], small_config()
    other, fresh = DetectorTask(config, pictures), DetectorTask(replace(config, only_points=True), pictures)
    other.step(0)
    fresh.begin_with(other.state())
    for one, wanted in zip(fresh.net.state_dict().values(), other.net.state_dict().values(), strict=True):
        assert torch.equal(one, wanted)
    for one, wanted in zip(fresh.average.state_dict().values(), other.average.state_dict().values(), strict=True):
        assert torch.equal(one, wanted)
    assert not fresh.state()["optimiser"]["state"]


def test_where_only_points_are_taught_faces_are_found_as_before() -> None:
    task = DetectorTask(replace(small_config(), only_points=True), [drawn_face(seed) for seed in range(3)])
    picture, nets = torch.randn(1, 3, 64, 64), (task.net, task.average.module)
    before = [deepcopy(net).eval()(picture) for net in nets]
    for iteration in range(4):
        task.step(iteration)
    for net, old in zip(nets, before, strict=True):
        said = net.eval()(picture)
        assert torch.equal(said.logits, old.logits)
        assert torch.equal(said.boxes, old.boxes)
        assert not torch.allclose(said.points, old.points, atol=1e-5)


def test_the_network_sees_what_scrfd_files_see() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 1, 2)
    assert to_network(pixels).flatten().tolist() == [-127.5 / 128, 127.5 / 128]


def rows_that_say(faces: torch.Tensor, is_face: torch.Tensor) -> Rows:
    centres, strides, _ = GRID
    boxes = torch.cat([centres - faces[..., :2], faces[..., 2:4] - centres], dim=2) / strides[:, None]
    points = (faces[..., 4:] - centres.repeat(1, 5)) / strides[:, None]
    return Rows(torch.where(is_face, 12.0, -12.0), boxes, points)


def small_config() -> DetectorTrainConfig:
    return DetectorTrainConfig(
        network=DetectorConfig(widths=(4, 4, 8, 8, 8), depths=(1, 1, 1, 1), neck_width=8),
        scenes=SceneConfig(size=64, largest=60.0),
        lfw="",
        lfw_faces="",
        celeba="",
        batch_size=2,
        num_workers=0,
        is_compiled=False,
    )


def drawn_face(seed: int) -> Picture:
    image = np.random.default_rng(seed).integers(60, 200, (100, 90, 3), dtype=np.uint8)
    row = face_row(25, 30, 40)
    for x, y in np.array(row[4:14]).reshape(5, 2):
        cv2.circle(image, (int(x), int(y)), 3, (0, 0, 0), -1)
    _, jpeg = cv2.imencode(".jpg", image)
    return Picture(Path(f"face_{seed:04d}.jpg").name, jpeg.tobytes(), np.array([row]))


def _copied(value: object) -> object:
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value
