"""The detector network and its SCRFD layout."""

import pytest
import torch

from videoedit.nets import detector
from videoedit.nets.detector import (
    STRIDES,
    DetectorConfig,
    FaceNet,
    ScrfdLayout,
    agreed,
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


def test_the_path_of_the_points_says_nothing_at_first_and_knows_of_the_finer_levels() -> None:
    net = trained_a_little()
    maps = [torch.randn(1, 8, 64 // stride, 64 // stride) for stride in STRIDES]
    assert all(not added.any() for added in net.point_path(maps))
    for conv in net.point_path.predict:
        torch.nn.init.normal_(conv.weight)
    before = net.point_path(maps)
    assert [added.shape[1] for added in before] == [2 * (64 // stride) ** 2 for stride in STRIDES]
    after = net.point_path([maps[0] + 1, *maps[1:]])
    assert not any(torch.allclose(*pair) for pair in zip(before, after, strict=True))
    after = net.point_path([*maps[:2], maps[2] + 1])
    assert [torch.equal(*pair) for pair in zip(before, after, strict=True)] == [True, True, False]


def test_what_the_path_says_is_added_to_the_points_alone_and_in_their_order() -> None:
    net, picture = trained_a_little(), torch.randn(1, 3, 64, 96)
    before = net(picture)
    for level, conv in enumerate(net.point_path.predict):
        torch.nn.init.normal_(conv.bias, mean=level)
    after = net(picture)
    assert torch.equal(after.logits, before.logits)
    assert torch.equal(after.boxes, before.boxes)
    anchors = cell_grid(64, 96)[2]
    for anchor in range(2):  # of larger ones both say the same
        added = (after.points - before.points)[0, anchors == anchor]
        wanted = net.point_path.predict[anchor // 2].bias.reshape(2, 10)[anchor % 2]
        torch.testing.assert_close(added, wanted.expand_as(added), atol=1e-4, rtol=0)


def test_cells_around_and_both_anchors_agree_on_where_points_lie_as_far_as_they_are_sure() -> None:
    height, width = 5, 7
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    cells = torch.stack([x, y], dim=2).reshape(-1, 1, 1, 2).float()  # (h w, anchor, point, 2)

    def said(places: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """Points (h w, 2, 5, 2) in strides from the picture's corner, before and after."""
        rows = (places - cells).reshape(1, -1, 10)
        together = agreed(rows, logits.reshape(1, -1, 1), torch.zeros(1, 8, height, width))
        return together.reshape(-1, 2, 5, 2) + cells

    logits, places = torch.full((height * width, 2), -4.0), torch.rand(5, 2).mul(5).expand(height * width, 2, 5, 2)
    torch.testing.assert_close(said(places, logits), places, atol=1e-4, rtol=0)  # whoever speaks, all say the same
    other = places.clone()
    middle, second = 2 * width + 3, torch.arange(height * width) != 2 * width + 3
    other[middle, 1] += 1.0
    logits[middle, 1] = 12.0
    found = said(other, logits)
    near = ((cells - cells[middle]).abs().amax(dim=(1, 2, 3)) <= 1) & second
    torch.testing.assert_close(found[near], places[near] + 1.0, atol=0.02, rtol=0)
    torch.testing.assert_close(found[~near & second], places[~near & second], atol=1e-4, rtol=0)
    logits[middle + 1, 0] = 12.0
    torch.testing.assert_close(said(other, logits)[middle], places[middle] + 0.5, atol=0.02, rtol=0)
    logits[middle + 1, 0] = 0.0  # a score of one half weighs a quarter
    torch.testing.assert_close(said(other, logits)[middle], places[middle] + 0.8, atol=0.02, rtol=0)


def test_small_faces_lie_too_close_for_their_cells_to_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def noted(points: torch.Tensor, logits: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(level.shape[2:]))
        return points + 100

    net, picture = trained_a_little(), torch.randn(1, 3, 64, 96)
    before = net.levels(picture)
    monkeypatch.setattr(detector, "agreed", noted)
    after = net.levels(picture)
    assert seen == [(4, 6), (2, 3)]
    assert torch.equal(after[0][2], before[0][2])
    assert all(bool((one[2] > 50).all()) for one in after[1:])


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
