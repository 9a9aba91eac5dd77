"""Holes are filled with what is around them, and what is known stays."""

import torch

from videoedit.edit.inpainting import inpainted

SIZE = 64


def slope() -> torch.Tensor:
    """Two pictures, (2, 3, S, S), that brighten to the right and to the bottom."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")
    return torch.stack([torch.stack([x, y, 0.5 * x]), torch.stack([y, x, -y])])


def test_holes_get_the_colours_around_them_and_nothing_of_what_was_in_them() -> None:
    picture, known = slope(), torch.ones(2, 1, SIZE, SIZE)
    known[0, :, :, 30:35] = 0.0
    known[1, :, 20:29, 20:29] = 0.0
    torn = torch.where(known > 0, picture, 50.0)
    filled = inpainted(torn, known)
    torch.testing.assert_close(filled, picture, atol=0.12, rtol=0)
    assert torch.equal(torch.where(known > 0, filled, picture), picture)
    assert torch.equal(inpainted(torch.where(known > 0, picture, -3.0), known), filled)


def test_pixels_that_are_half_known_stay_by_half() -> None:
    picture, known = torch.zeros(1, 1, SIZE, SIZE), torch.ones(1, 1, SIZE, SIZE)
    picture[..., 32, 32], known[..., 32, 32] = 1.0, 0.5
    assert 0.5 <= float(inpainted(picture, known)[..., 32, 32]) < 0.7
    assert inpainted(picture, known).count_nonzero() == 1


def test_a_picture_of_which_nothing_is_known_is_no_failure() -> None:
    assert inpainted(slope(), torch.zeros(2, 1, SIZE, SIZE)).isfinite().all()
