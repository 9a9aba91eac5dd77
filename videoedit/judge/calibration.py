"""How far a judge can be trusted: thresholds, accuracies, calibration.

Shapes: N pictures, one attribute: probabilities (N,) and whether the picture has it (N,).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NUM_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What a judge is worth on one attribute, measured on real pictures."""

    attribute: str
    num_positive: int
    num_negative: int
    accuracy: float
    """At probability 0.5."""
    majority: float
    """Accuracy of always saying what is more common."""
    balanced: float
    """Mean of the shares of positives and of negatives told right, at 0.5."""
    threshold: float
    """Where both error rates are equal."""
    equal_error: float
    """That rate."""
    calibration_error: float
    """Expected calibration error over 15 bins of equal width."""
    plainly_below: float
    """One real positive in a hundred is judged lower."""


def reliability_of(attribute: str, probabilities: NDArray[np.float64], has: NDArray[np.bool_]) -> Reliability:
    """Measure one attribute."""
    said = probabilities > 0.5
    threshold, rate = equal_error(probabilities, has)
    return Reliability(
        attribute=attribute,
        num_positive=int(has.sum()),
        num_negative=int((~has).sum()),
        accuracy=float((said == has).mean()),
        majority=float(max(has.mean(), 1 - has.mean())),
        balanced=float((said[has].mean() + (~said[~has]).mean()) / 2),
        threshold=threshold,
        equal_error=rate,
        calibration_error=calibration_error(probabilities, has),
        plainly_below=float(np.quantile(probabilities[has], 0.01)),
    )


def equal_error(probabilities: NDArray[np.float64], has: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the threshold at which misses and false alarms are equally frequent, and their rate.

    A picture is said to have the attribute where its probability is above the threshold.

    Raises:
        ValueError: There are no positives or no negatives.
    """
    if has.all() or not has.any():
        raise ValueError("equal error needs pictures with and without the attribute")
    order = np.argsort(probabilities)
    misses = np.cumsum(has[order]) / has.sum()
    false_alarms = 1.0 - np.cumsum(~has[order]) / (~has).sum()
    best = int(np.argmin(np.abs(misses - false_alarms)))
    ordered = probabilities[order]
    threshold = (ordered[best] + ordered[min(best + 1, len(ordered) - 1)]) / 2
    return float(threshold), float((misses[best] + false_alarms[best]) / 2)


def calibration_error(probabilities: NDArray[np.float64], has: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: |confidence − frequency|, averaged over pictures by bins."""
    bins = np.minimum((probabilities * _NUM_BINS).astype(int), _NUM_BINS - 1)
    error = 0.0
    for number in range(_NUM_BINS):
        inside = bins == number
        if inside.any():
            error += inside.mean() * abs(probabilities[inside].mean() - has[inside].mean())
    return float(error)
