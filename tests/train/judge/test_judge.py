"""The judge's training learns what can be seen, resumes exactly, and exports a judge that agrees with it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from videoedit.datasets.celeba import FaceSet, load_faces
from videoedit.errors import ConfigError, ModelError
from videoedit.judge.attributes import AttributeJudge
from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig
from videoedit.tensors import to_model
from videoedit.train.judge.export import export_classifier, reliability_table
from videoedit.train.judge.task import ClassifierTask, ClassifierTrainConfig, learning_rate_at
from videoedit.train.loop import LoopConfig, fit

NUM_STEPS = 60


@pytest.fixture(scope="module")
def faces(sharded_celeba: Path) -> dict[str, FaceSet]:
    return {
        "train": load_faces(sharded_celeba, partition="train", size=32, margin=2),
        "val": load_faces(sharded_celeba, partition="val", size=32),
    }


def task_of(faces: FaceSet) -> ClassifierTask:
    network = ClassifierConfig(attributes=faces.attributes, crop_size=32, width=8, blocks=1, dropout=0.0)
    config = ClassifierTrainConfig(network=network, iterations=NUM_STEPS, batch_size=16, warm_up=5, average_decay=0.9)
    return ClassifierTask(config, faces, compiled=False)


@pytest.fixture(scope="module")
def trained(faces: dict[str, FaceSet]) -> ClassifierTask:
    task = task_of(faces["train"])
    for i in range(NUM_STEPS):
        task.step(i)
    return task


def test_judge_learns_what_is_drawn_and_not_what_is_random(
    trained: ClassifierTask, faces: dict[str, FaceSet], tmp_path: Path
) -> None:
    measured = {m.attribute: m for m in export_classifier(trained.average, faces["val"], tmp_path, "judge")}
    assert measured["Eyeglasses"].balanced > 0.9
    assert measured["Male"].balanced > 0.9
    assert measured["Young"].balanced < 0.8  # nothing is drawn for it
    table = reliability_table(list(measured.values()))
    assert table.count("\n") == 2 + len(measured)
    assert "| Eyeglasses |" in table


def test_exported_judge_agrees_with_the_trained_average(
    trained: ClassifierTask, faces: dict[str, FaceSet], tmp_path: Path
) -> None:
    export_classifier(trained.average, faces["val"], tmp_path, "judge")
    judge = AttributeJudge.from_card(tmp_path / "judge.toml")
    crops = to_model(faces["val"].images[:6])
    with torch.no_grad():
        expected = torch.sigmoid(trained.average(crops))
    torch.testing.assert_close(judge.probabilities(crops), expected, atol=0.01, rtol=0)
    larger = torch.nn.functional.interpolate(crops, (64, 64), mode="bilinear")
    torch.testing.assert_close(judge.probabilities(larger), expected, atol=0.2, rtol=0)


def test_judge_knows_what_a_picture_plainly_lacks(
    trained: ClassifierTask, faces: dict[str, FaceSet], tmp_path: Path
) -> None:
    export_classifier(trained.average, faces["val"], tmp_path, "judge")
    judge = AttributeJudge.from_card(tmp_path / "judge.toml")
    val = faces["val"]
    lacks = np.array([judge.lacks_plainly(image, "Eyeglasses") for image in val.images])
    has = val.column("Eyeglasses") == 1
    assert lacks[has].sum() <= 1  # the lowest of all positives lies below their own first percentile
    assert lacks[~has].mean() > 0.8
    with pytest.raises(ConfigError, match="'Hat'"):
        judge.threshold("Hat")


def test_resumed_training_equals_an_uninterrupted_one(faces: dict[str, FaceSet], tmp_path: Path) -> None:
    whole, first, second = (task_of(faces["train"]) for _ in range(3))
    fit(whole, LoopConfig(out=str(tmp_path / "whole"), iterations=4))
    fit(first, LoopConfig(out=str(tmp_path / "parts"), iterations=2))
    fit(second, LoopConfig(out=str(tmp_path / "parts"), iterations=4))
    for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
        assert torch.equal(one, other)


def test_learning_rate_warms_up_and_falls_to_zero(faces: dict[str, FaceSet]) -> None:
    config = task_of(faces["train"])._config
    rates = [learning_rate_at(i, config) for i in range(NUM_STEPS + 1)]
    assert rates[0] < rates[4] == max(rates)
    assert rates[-1] == 0


def test_weights_that_do_not_fit_are_refused(
    trained: ClassifierTask, faces: dict[str, FaceSet], tmp_path: Path
) -> None:
    export_classifier(trained.average, faces["val"], tmp_path, "judge")
    card = tmp_path / "judge.toml"
    card.write_text(card.read_text().replace("width = 8", "width = 16"))
    with pytest.raises(ModelError, match="does not fit its card"):
        AttributeJudge.from_card(card)


def test_classifier_gives_one_logit_per_attribute_at_any_allowed_size() -> None:
    network = AttributeClassifier(ClassifierConfig(attributes=("A", "B", "C"), width=8)).eval()
    assert network(torch.zeros(2, 3, 128, 128)).shape == (2, 3)
    assert network.features(torch.zeros(2, 3, 64, 64)).shape == (2, 64)
