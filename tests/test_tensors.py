"""Pictures become what networks take, and come back as they were."""

import numpy as np
import torch

from videoedit.tensors import bent, change_of, from_model, greatest_around, mean_around, to_model


def test_pictures_come_back_as_they_were_and_lie_colour_by_colour_in_memory() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 8, 6, 3)).astype(np.uint8)
    tensor = to_model(list(pictures))
    assert tensor.shape == (2, 3, 8, 6)
    assert -1.0 <= float(tensor.min()) < -0.9 < 0.9 < float(tensor.max()) <= 1.0
    assert tensor.is_contiguous()
    np.testing.assert_array_equal(from_model(tensor), pictures)


def test_bent_crops_show_what_lay_so_far_away_and_are_the_same_where_nothing_is_bent() -> None:
    torch.manual_seed(0)
    crops = torch.rand(2, 3, 12, 253) * 2 - 1
    shifts = torch.zeros(2, 2, 12, 253)
    shifts[0, 0, :, :8], shifts[1, 1] = 3.0, -2.0
    moved = bent(crops, shifts)
    torch.testing.assert_close(moved[0, :, :, :8], crops[0, :, :, 3:11], atol=1e-4, rtol=0)
    assert torch.equal(moved[0, :, :, 8:], crops[0, :, :, 8:])
    torch.testing.assert_close(moved[1, :, 2:], crops[1, :, :-2], atol=1e-4, rtol=0)


def test_what_is_covered_and_added_lies_on_the_bent_face() -> None:
    crops = torch.rand(1, 3, 8, 8) * 2 - 1
    residual = torch.zeros(1, 6, 8, 8)
    residual[:, 4] = 1.0
    residual[:, 3, 4:], residual[:, :3, 4:] = 0.75, 0.2
    changed = crops + change_of(residual, crops)
    torch.testing.assert_close(changed[..., :4, :7], crops[..., :4, 1:], atol=1e-4, rtol=0)
    torch.testing.assert_close(changed[..., 4:, :7], 0.25 * crops[..., 4:, 1:] + 0.2, atol=1e-4, rtol=0)


def test_means_and_the_greatest_are_of_what_is_there_around_each_value() -> None:
    values = torch.zeros(1, 1, 7, 9)
    values[0, 0, 3, 4], values[0, 0, 0, 0] = 9.0, 4.0
    means, greatest = mean_around(values, 3), greatest_around(values, 3)
    assert torch.equal(means[0, 0, 2:5, 3:6], torch.ones(3, 3))
    assert float(means[0, 0, 0, 0]) == 1.0  # of four that are there
    assert float(means[0, 0, 3, 6]) == 0.0
    assert torch.equal(greatest[0, 0, 2:5, 3:6], torch.full((3, 3), 9.0))
    assert float(greatest[0, 0, 3, 6]) == 0.0
    assert torch.equal(greatest_around(-values, 3), torch.zeros_like(values))
