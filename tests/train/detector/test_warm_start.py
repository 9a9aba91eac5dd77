"""Going on from an exported file: a deeper network says what it said, and its norms are those of training."""

from pathlib import Path

import pytest
import torch

from videoedit.errors import ModelError
from videoedit.nets.detector import EVEN, DetectorConfig, FaceNet, fold_norms
from videoedit.train.detector.export import write_onnx
from videoedit.train.detector.warm_start import begin_from_folded, mix, read_weights

WIDTHS = {"widths": (4, 4, 8, 8, 8), "neck_width": 8}


@pytest.fixture
def shipped() -> FaceNet:
    torch.manual_seed(0)
    net = FaceNet(DetectorConfig(**WIDTHS, depths=(1, 1, 2, 1)))
    for _ in range(20):
        net.train()(torch.randn(4, 3, 64, 64))
    return net.eval()


def test_a_deeper_network_says_what_the_file_said_and_its_norms_fit_the_pictures(
    shipped: FaceNet, tmp_path: Path
) -> None:
    write_onnx(shipped, tmp_path / "net.onnx", EVEN)
    deeper = FaceNet(DetectorConfig(**WIDTHS, depths=(1, 3, 2, 2)))
    batches = list(torch.randn(6, 8, 3, 64, 64))
    begin_from_folded(deeper, read_weights(tmp_path / "net.onnx"), batches)
    for said, expected in zip(deeper(batches[0]), fold_norms(shipped)(batches[0]), strict=True):
        torch.testing.assert_close(said, expected, atol=1e-3, rtol=1e-3)
    in_training = deeper.train()(torch.cat(batches))
    for said, expected in zip(in_training, fold_norms(shipped)(torch.cat(batches)), strict=True):
        torch.testing.assert_close(said, expected, atol=0.02, rtol=0.02)
    in_training.boxes.sum().backward()
    for block in (deeper.stages[1][1], deeper.stages[1][2], deeper.stages[3][1]):
        assert block.pointwise[1].weight.grad.abs().max() > 0  # what is new learns


def test_files_that_do_not_fit_are_refused(shipped: FaceNet, tmp_path: Path) -> None:
    write_onnx(shipped, tmp_path / "net.onnx", EVEN)
    shallower = FaceNet(DetectorConfig(**WIDTHS, depths=(1, 1, 1, 1)))
    with pytest.raises(ModelError, match=r"the network has no stages\.2\.1"):
        begin_from_folded(shallower, read_weights(tmp_path / "net.onnx"), [torch.randn(1, 3, 64, 64)])
    (tmp_path / "other.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"other\.onnx"):
        read_weights(tmp_path / "other.onnx")


def test_a_mean_of_two_has_weights_between_them_and_norms_of_its_own() -> None:
    torch.manual_seed(1)
    one, other, mean = (FaceNet(DetectorConfig(**WIDTHS, depths=(1, 1, 1, 1))) for _ in range(3))
    batches = list(torch.randn(6, 8, 3, 64, 64))
    for _ in range(10):
        one.train()(5 + torch.randn(4, 3, 64, 64))  # its norms have seen other pictures, and count them
    mix(mean, one, other, 0.25, batches)
    weights = [net.stem[0].weight for net in (one, other, mean)]
    torch.testing.assert_close(weights[2], 0.75 * weights[0] + 0.25 * weights[1])
    seen = torch.cat(batches)
    stem = mean.stem[0](seen)
    torch.testing.assert_close(mean.stem[1].running_mean, stem.mean((0, 2, 3)), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(mean.stem[1].running_var, stem.var((0, 2, 3)), atol=1e-3, rtol=1e-2)
    assert mean.stem[1].momentum == one.stem[1].momentum
    assert not mean.training
