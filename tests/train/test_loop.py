"""Checkpoints that a training cannot go on from are told in one line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from videoedit.errors import ModelError
from videoedit.frames import Image
from videoedit.train.loop import CHECKPOINT_NAME, LoopConfig, fit, load_checkpoint, save_checkpoint


class Line:
    """Learns nothing; its state is one layer's."""

    def __init__(self, width: int) -> None:
        self.layer = torch.nn.Linear(width, 1)

    def step(self, iteration: int) -> Mapping[str, float]:
        return {"loss": float(iteration)}

    def state(self) -> dict[str, Any]:
        return {"layer": self.layer.state_dict()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.layer.load_state_dict(state["layer"])

    def sample_sheet(self) -> Image | None:
        return None


class Other(Line):
    """Keeps its layer under another name."""

    def restore(self, state: Mapping[str, Any]) -> None:
        self.layer.load_state_dict(state["network"])


@pytest.mark.parametrize("other", [Line(3), Other(2)])
def test_a_checkpoint_of_another_training_is_told_and_kept(other: Line, tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT_NAME
    save_checkpoint(Line(2), 4, path)
    kept = path.read_bytes()
    with pytest.raises(ModelError, match=r"last\.pt does not fit: .*; give the settings") as told:
        fit(other, LoopConfig(out=str(tmp_path), iterations=6))
    assert "\n" not in str(told.value)
    assert path.read_bytes() == kept
    assert fit(Line(2), LoopConfig(out=str(tmp_path), iterations=6)) == 6


@pytest.mark.parametrize("content", [{}, [1, 2], {"task": 3}, Path("foreign"), b"PK no zip", b""])
def test_a_file_that_is_no_checkpoint_is_told(content: object, tmp_path: Path) -> None:
    path = tmp_path / "some.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(ModelError, match=r"some\.pt.*; remove it") as told:
        load_checkpoint(path)
    assert "\n" not in str(told.value)
