"""The detector network and its SCRFD layout."""

import pytest
import torch

from videoedit.nets.detector import (
    STRIDES,
    DetectorConfig,
    FaceNet,
    ScrfdLayout,
    cell_grid,
    fold_norms,
)

SMALL = DetectorConfig(widths=(4, 4, 8, 8, 8), depths=(1, 1, 1, 1), neck_width=8)


def trained_a_little() -> FaceNet:
    """A network whose norms have seen something."""
    torch.manual_seed(0)
    net = FaceNet(SMALL)
    for _ in range(3):
        net(torch.randn(2, 3, 64, 96))
    return net.eval()


def test_layout_has_nine_flat_outputs_score_box_points_from_fine_to_coarse() -> None:
    outputs = ScrfdLayout(trained_a_little())(torch.randn(1, 3, 64, 96))
    rows = [64 // stride * (96 // stride) * 2 for stride in STRIDES]
    assert [tuple(output.shape) for output in outputs] == [(count, width) for width in (1, 4, 10) for count in rows]
    assert all(bool(((score >= 0) & (score <= 1)).all()) for score in outputs[:3])


def test_layout_and_rows_say_the_same_in_the_same_order() -> None:
    net, picture = trained_a_little(), torch.randn(1, 3, 64, 96)
    rows, outputs = net(picture), ScrfdLayout(net)(picture)
    assert (torch.cat(outputs[:3]).squeeze(1) >= rows.logits[0].sigmoid() - 1e-6).all()
    torch.testing.assert_close(torch.cat(outputs[3:6]), rows.boxes[0])
    torch.testing.assert_close(torch.cat(outputs[6:]), rows.points[0])


def test_the_surer_anchor_of_a_cell_speaks_for_both_and_the_threshold_becomes_one_half() -> None:
    net, picture = trained_a_little(), torch.randn(1, 3, 64, 96)
    alone = net(picture).logits[0].sigmoid().reshape(-1, 2)
    joint = 1 - (1 - alone[:, 0]) * (1 - alone[:, 1])
    anchors = cell_grid(64, 96)[2].reshape(-1, 2)
    for thresholds in ((0.5,) * 6, (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)):
        said = torch.cat(ScrfdLayout(net, thresholds)(picture)[:3]).reshape(-1, 2)
        one_half = torch.tensor(thresholds)[anchors]
        odds = said / (1 - said) * one_half / (1 - one_half)
        torch.testing.assert_close(odds.amax(dim=1), joint / (1 - joint), rtol=1e-3, atol=1e-5)
        weaker = alone.amin(dim=1)
        torch.testing.assert_close(odds.amin(dim=1), weaker / (1 - weaker), rtol=1e-3, atol=1e-5)
    with pytest.raises(ValueError, match="thresholds"):
        ScrfdLayout(net, [1.0] * 6)


def test_folding_the_norms_changes_nothing() -> None:
    net, picture = trained_a_little(), torch.randn(1, 3, 64, 64)
    folded = fold_norms(net)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    torch.testing.assert_close(folded(picture).boxes, net(picture).boxes, rtol=1e-4, atol=1e-4)


def test_cells_run_along_x_first_with_two_anchors_each_and_no_half_pixel() -> None:
    centres, strides, anchors = cell_grid(64, 96)
    assert centres[:5].tolist() == [[0, 0], [0, 0], [8, 0], [8, 0], [16, 0]]
    assert anchors[:4].tolist() == [0, 1, 0, 1]
    assert strides[-1] == 32
    assert centres[-1].tolist() == [64, 32]
    assert len(centres) == FaceNet(SMALL)(torch.randn(2, 3, 64, 96)).logits.shape[1]
