"""How far two sets of pictures are apart, as distributions of features.

Shapes: N and M features of D numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]

SUBSET: Final = 1000
NUM_SUBSETS: Final = 100
"""Of sets larger than `SUBSET`, so many random subsets are compared, as clean-fid does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A distance to the real pictures that have what was asked for, beside two yardsticks."""

    edited: float
    source: float
    """Of the sources, as if nothing had been edited."""
    floor: float
    """Between two halves of the real pictures."""


def frechet(a: Features, b: Features) -> float:
    """Return the Fréchet distance of two normal distributions fitted to (N, D) and (M, D), as in FID.

    Raises:
        ValueError: A set has fewer than two members.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"need two or more features in each set, got {len(a)} and {len(b)}")
    root = _root(np.atleast_2d(np.cov(a, rowvar=False)))
    other = np.atleast_2d(np.cov(b, rowvar=False))
    overlap = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other @ root), 0.0)).sum()
    spread = np.square(root).sum() + np.trace(other)  # the trace of root² is that of the first covariance
    return float(np.square(a.mean(axis=0) - b.mean(axis=0)).sum() + spread - 2.0 * overlap)


def kernel(a: Features, b: Features, seed: int = 0) -> float:
    """Return the unbiased squared maximum mean discrepancy with a cubic kernel, as in KID; it may be negative."""
    if max(len(a), len(b)) <= SUBSET:
        return _discrepancy(a, b)
    rng = np.random.default_rng(seed)
    size = min(SUBSET, len(a), len(b))
    draws = [
        _discrepancy(a[rng.choice(len(a), size, replace=False)], b[rng.choice(len(b), size, replace=False)])
        for _ in range(NUM_SUBSETS)
    ]
    return float(np.mean(draws))


def halves(features: Features, seed: int) -> tuple[Features, Features]:
    """Cut a set into two random halves."""
    order = np.random.default_rng(seed).permutation(len(features))
    middle = len(features) // 2
    return features[order[:middle]], features[order[middle:]]


def _root(covariance: Features) -> Features:
    values, vectors = np.linalg.eigh(covariance)
    root: Features = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _discrepancy(a: Features, b: Features) -> float:
    def likeness(x: Features, y: Features) -> Features:
        cubed: Features = (x @ y.T / x.shape[1] + 1.0) ** 3
        return cubed

    within = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (likeness(a, a), likeness(b, b))]
    return float(within[0] + within[1] - 2.0 * likeness(a, b).mean())
