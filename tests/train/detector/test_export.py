"""The written file says what the network says."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from videoedit.errors import ModelError
from videoedit.nets.detector import DetectorConfig, FaceNet, ScrfdLayout
from videoedit.resources import ModelCard, verify
from videoedit.train.detector.export import averaged_net, export_detector

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SMALL = DetectorConfig(widths=(4, 4, 8, 8, 8), depths=(1, 1, 1, 1), neck_width=8)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    net = FaceNet(SMALL)
    net(torch.randn(2, 3, 64, 96))
    average = {f"module.{name}": value for name, value in net.state_dict().items()}
    path = tmp_path / "last.pt"
    torch.save({"task": {"average": average}}, path)
    return path


def test_exported_file_and_card_fit_the_checkpoint_at_any_size(checkpoint: Path, tmp_path: Path) -> None:
    values = {"name": "small", "kind": "detector", "file": "small.onnx", "sha256": "0" * 64, "licence": "MIT"}
    card = ModelCard.read(export_detector(checkpoint, SMALL, ModelCard(**values, folder=tmp_path), THRESHOLDS))
    verify(card)
    session = onnxruntime.InferenceSession(str(card.weights_path), providers=["CPUExecutionProvider"])
    net = averaged_net(torch.load(checkpoint, weights_only=True)["task"], SMALL)
    for height, width in ((64, 96), (128, 32)):
        picture = torch.randn(1, 3, height, width)
        expected = ScrfdLayout(net, THRESHOLDS)(picture)
        found = session.run(None, {"input": picture.numpy()})
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other.detach().numpy(), rtol=1e-3, atol=1e-4)


def test_a_checkpoint_of_another_network_is_told(checkpoint: Path) -> None:
    with pytest.raises(ModelError, match="another network"):
        averaged_net(torch.load(checkpoint, weights_only=True)["task"], DetectorConfig())
