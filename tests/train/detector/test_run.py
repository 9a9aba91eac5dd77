"""The command's flags reach the detector's training, and a training may begin with another's weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from videoedit.cli import main
from videoedit.train.detector import run as run_detector
from videoedit.train.detector.task import DetectorTrainConfig

FLAGS = {
    "--data": "D",
    "--faces": "F.csv",
    "--celeba-faces": "C.csv",
    "--distractors": "T.tar",
    "--learning-rate": "1e-4",
    "--batch-size": "3",
    "--workers": "2",
    "--device": "cpu",
    "--iterations": "7",
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put a task that remembers in the place of the training; no step is made."""
    seen: dict[str, Any] = {"restored": []}

    class Remembering:
        def __init__(self, config: DetectorTrainConfig) -> None:
            seen["config"] = config

        def begin_with(self, state: Mapping[str, Any]) -> None:
            seen["restored"].append(state)

    monkeypatch.setattr(run_detector, "DetectorTask", Remembering)
    monkeypatch.setattr(run_detector, "fit", lambda task, loop: loop.iterations)
    return seen


def command(out: Path, **more: str) -> list[str]:
    flags = FLAGS | {"--out": str(out)} | {f"--{name}": value for name, value in more.items()}
    return ["train", "detector", *(word for pair in flags.items() for word in pair)]


def test_flags_reach_the_training(made: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(tmp_path)) == 0
    config = made["config"]
    assert (config.lfw, config.lfw_faces) == (str(Path("D/lfw/images.tar")), "F.csv")
    assert (config.celeba, config.celeba_faces, config.distractors) == (str(Path("D/celeba")), "C.csv", "T.tar")
    assert (config.learning_rate, config.batch_size, config.num_workers, config.iterations) == (1e-4, 3, 2, 7)
    assert "7 steps" in capsys.readouterr().out
    assert made["restored"] == []
    assert not config.only_points
    assert config.scenes.mirrored == 0.5
    assert main([*command(tmp_path), "--only-points"]) == 0
    assert made["config"].only_points
    assert made["config"].scenes.mirrored == 0.0


def test_only_a_training_that_has_not_begun_takes_up_anothers_weights(made: dict[str, Any], tmp_path: Path) -> None:
    other = tmp_path / "other.pt"
    torch.save({"task": {"net": 1}}, other)
    assert main(command(tmp_path, **{"from": str(other)})) == 0
    assert made["restored"] == [{"net": 1}]
    torch.save({}, tmp_path / "last.pt")
    assert main(command(tmp_path, **{"from": str(other)})) == 0
    assert len(made["restored"]) == 1
