"""Noise whose patches have a size."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


def uneven(size: int, length: float, rng: Generator) -> NDArray[np.float32]:
    """Return a field of noise (S, S) whose patches are so many pixels long, of mean 0 and deviation 0.25."""
    coarse = max(2, round(size / max(length, 1.0)))
    field = cv2.resize(
        rng.normal(0, 1, (coarse, coarse)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(0.25 * (field - field.mean()) / max(float(field.std()), 1e-6), np.float32)
