"""Altered faces differ from real ones in one label, and say which others nobody knows."""

import numpy as np
import pytest
import torch

from tests.face_sets import SIZE, faces_of
from videoedit.datasets.celeba import FaceSet
from videoedit.nets.classifier import ClassifierConfig
from videoedit.synthetic.grafts import Grafts
from videoedit.train.judge.altered import AlteredFaces
from videoedit.train.judge.task import ClassifierTask, ClassifierTrainConfig


def draws(faces: FaceSet, count: int = 60) -> list[tuple[np.ndarray, dict[str, int]]]:
    altered = AlteredFaces(faces, SIZE)
    rng = np.random.default_rng(0)
    drawn = [altered.draw(rng) for _ in range(count)]
    return [(image, dict(zip(faces.attributes, labels.tolist(), strict=True))) for image, labels in drawn]


def test_drawn_glasses_change_their_own_label_alone() -> None:
    faces = faces_of(Eyeglasses=[-1, -1, 1], Young=[1, -1, 1])
    for image, labels in draws(faces, 12):
        row = [1, -1].index(labels["Young"])
        assert labels["Eyeglasses"] == 1
        assert (image != faces.images[row]).any()
        assert np.array_equal(image[100:], faces.images[row][100:])
    assert faces.labels[:2, 0].tolist() == [-1, -1]


def test_parts_bring_their_own_label_and_make_unknown_what_else_they_may_bring() -> None:
    faces = faces_of(Mustache=[1, -1, -1], Goatee=[1, -1, 1], Big_Lips=[1] * 3, Male=[1, -1, -1])
    faces.images[:] = 120  # anybody may give
    seen = {tuple(labels.values()) for _, labels in draws(faces)}
    assert seen == {
        (-1, 0, 1, 1),  # of 0, who got the lip of 1
        (-1, 1, 1, 1),  # of 0, who got that of 2
        (1, 0, 1, -1),  # of 1, who got the mustache of 0
        (1, 1, 1, -1),  # of 2, who got it
        (-1, 0, 1, -1),  # of 1 and 2, who got each other's
    }


def test_part_of_somebody_of_the_same_label_is_never_one_s_own() -> None:
    grafts = Grafts(faces_of(Mustache=[1, 1, -1, -1]), SIZE, "Mustache")
    given = [grafts.giver_for(row, np.random.default_rng(0), has_the_same=True) for row in range(4)]
    assert given == [1, 0, 3, 2]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_judge_learns_from_as_many_altered_faces_as_are_wanted_and_not_what_nobody_knows(share: float) -> None:
    faces = faces_of(Mustache=[1, -1, -1, 1], Goatee=[1, -1, -1, 1])
    network = ClassifierConfig(attributes=faces.attributes, crop_size=SIZE, width=8, blocks=1, dropout=0.0)
    config = ClassifierTrainConfig(network=network, iterations=4, batch_size=8, warm_up=1, altered=share)
    task = ClassifierTask(config, faces, compiled=False)
    images, labels = task._draw()
    assert images.shape == (8, SIZE + 16, SIZE + 16, 3)
    real = [any(np.array_equal(image, face) for face in faces.images) for image in images]
    assert real == [False] * round(8 * share) + [True] * (8 - round(8 * share))
    task._draw = lambda: (images, torch.zeros_like(labels).index_fill_(1, torch.tensor([0]), 1))  # type: ignore[method-assign]
    before = task.network.linear.bias.detach().clone()
    task.step(1)
    moved = (task.network.linear.bias.detach() - before).abs()
    assert moved[0] > 1e-4
    assert moved[1] < 1e-6
