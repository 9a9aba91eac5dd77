"""Metrics of edits as pure functions.

Shapes: N edits or pictures; S the side of the crop; n labels.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

Floats = NDArray[np.float64]

EYE_BAND: Final = (0.24, 0.36, 0.76, 0.50)
"""Left, top, right, bottom of the fixed eye band, as shares of the crop's side."""

_PEAK: Final = 2.0
"""Distance between the darkest and the brightest value of a crop in [-1, 1]."""
_NUM_DRAWS: Final = 2000


def bootstrap_interval(values: Floats, seed: int) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean, from 2000 draws with replacement."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(_NUM_DRAWS)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def residual_psnr(residuals: NDArray[np.float32]) -> Floats:
    """Return the peak signal-to-noise ratio in dB of pictures that differ by residuals (N, 3, S, S), as (N,).

    Infinite where nothing differs.
    """
    error = np.square(residuals, dtype=np.float64).mean(axis=(1, 2, 3))
    with np.errstate(divide="ignore"):
        decibels: Floats = 10.0 * np.log10(_PEAK**2 / error)
    return decibels


def outside_mean(residuals: NDArray[np.float32], inside: NDArray[np.bool_]) -> Floats:
    """Return mean |residual| of (N, 3, S, S) outside a region (S, S), as (N,).

    Raises:
        ValueError: The region is the whole crop.
    """
    if inside.all():
        raise ValueError("the region is the whole crop, nothing lies outside")
    means: Floats = np.abs(residuals[:, :, ~inside]).mean(axis=(1, 2), dtype=np.float64)
    return means


def inside_share(residuals: NDArray[np.float32], inside: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the squared residual inside a region and everywhere, summed over each picture: (N,) and (N,)."""
    energy = np.square(residuals, dtype=np.float64).sum(axis=1)  # (N, S, S)
    return energy[:, inside].sum(axis=1), energy.sum(axis=(1, 2))


def flip_shares(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Floats:
    """Return the share of pictures whose label changes: (N, n) twice -> (n,)."""
    shares: Floats = (before != after).mean(axis=0)
    return shares


def correlations(labels: NDArray[np.int8], column: int) -> Floats:
    """Return the correlation of one label with every label, (N, n) -> (n,); 0 where a label never varies."""
    centred = labels - labels.mean(axis=0)
    products = centred.T @ centred[:, column]
    spread = np.sqrt(np.square(centred).sum(axis=0) * np.square(centred[:, column]).sum())
    shares: Floats = np.divide(products, spread, out=np.zeros_like(spread), where=spread > 0)
    return shares


def eye_band_lab(images: NDArray[np.uint8]) -> Floats:
    """Return mean L*, a*, b* of the fixed eye band of aligned crops (N, S, S, 3), as (N, 3)."""
    left, top, right, bottom = (round(edge * images.shape[1]) for edge in EYE_BAND)
    means: Floats = rgb2lab(images[:, top:bottom, left:right]).mean(axis=(1, 2))
    return means


def spearman(x: Floats, y: Floats) -> float | None:
    """Return the rank correlation of two series (N,), equal values sharing their mean rank; None if one is constant."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks
