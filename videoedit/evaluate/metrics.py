"""Metrics of edits as pure functions.

Shapes: N edits; S the side of the crop; n attributes of the judge.
"""

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from videoedit.frames import Image

EYE_BAND = (0.24, 0.36, 0.76, 0.50)
"""Left, top, right, bottom of the fixed eye band, as shares of the crop's side."""


def bootstrap_interval(values: NDArray[np.float64], seed: int, num_draws: int = 2000) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (num_draws, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def psnr(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the peak signal-to-noise ratio of values in [-1, 1], in dB; infinite where they are equal."""
    error = float(np.square(x - y).mean())
    return float("inf") if error == 0 else 10 * float(np.log10(4.0 / error))


def locality(residuals: NDArray[np.float32], inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Return mean |residual| outside a region, and the share of the squared residual that lies inside.

    Args:
        residuals: (N, 3, S, S).
        inside: (S, S); where it covers everything, the first figure is 0 and the second 1.
    """
    outside = residuals[:, :, ~inside]
    energy = float(np.square(residuals).sum())
    share = float(np.square(residuals[:, :, inside]).sum()) / energy if energy else 1.0
    return float(np.abs(outside).mean()) if outside.size else 0.0, share


def flips(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of pictures whose label changes, per attribute: (N, n) twice -> (n,)."""
    shares: NDArray[np.float64] = (before != after).mean(axis=0)
    return shares


def correlations(labels: NDArray[np.int8], column: int) -> NDArray[np.float64]:
    """Return the correlation of one label with every label, (n,); 0 where a label never varies."""
    centred = labels - labels.mean(axis=0)
    spread = np.sqrt(np.square(centred).sum(axis=0) * np.square(centred[:, column]).sum())
    products = (centred * centred[:, [column]]).sum(axis=0)
    result: NDArray[np.float64] = np.divide(products, spread, out=np.zeros_like(spread), where=spread > 0)
    return result


def eye_band_lab(image: Image) -> NDArray[np.float64]:
    """Return mean L*, a*, b* of the fixed eye band of an aligned crop, (3,)."""
    size = image.shape[0]
    left, top, right, bottom = (round(edge * size) for edge in EYE_BAND)
    mean: NDArray[np.float64] = rgb2lab(image[top:bottom, left:right]).mean(axis=(0, 1))
    return mean


def spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the rank correlation of two series without many ties; 0 where one never varies."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.argsort(np.argsort(values)).astype(np.float64)
