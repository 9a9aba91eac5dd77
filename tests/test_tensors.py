"""Pictures become what networks take, and come back as they were."""

import numpy as np

from videoedit.tensors import from_model, to_model


def test_pictures_come_back_as_they_were_and_lie_colour_by_colour_in_memory() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 8, 6, 3)).astype(np.uint8)
    tensor = to_model(list(pictures))
    assert tensor.shape == (2, 3, 8, 6)
    assert -1.0 <= float(tensor.min()) < -0.9 < 0.9 < float(tensor.max()) <= 1.0
    assert tensor.is_contiguous()
    np.testing.assert_array_equal(from_model(tensor), pictures)
