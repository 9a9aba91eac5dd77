"""Shen and Liu's experiment: are landmarks found better once glasses are taken off?

Points as in `faces.py`; errors are shares of the distance between the true eyes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from videoedit.detect.base import FaceDetector
from videoedit.faces import Points
from videoedit.video.stills.arrays import read_image


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkError:
    """Mean error of the detector's points on one set of pictures."""

    eyes: float
    rest: float
    """Nose and corners of the mouth."""
    count: int
    """Pictures with a face found and true points known."""


def landmark_error(
    paths: Sequence[Path], names: Sequence[str], true_xy: Mapping[str, Points], detector: FaceDetector
) -> LandmarkError | None:
    """Detect in pictures and compare with the true points of the same stem; None where none is known or found.

    Args:
        paths: Pictures, in the pixels of the true points.
        names: Stem under which each picture's true points are known.
        true_xy: (5, 2) by stem.
        detector: Finds five points.
    """
    errors = []
    for path, name in zip(paths, names, strict=True):
        true = true_xy.get(name)
        faces = detector.detect([read_image(path)])[0] if true is not None else []
        if true is None or not faces:
            continue
        found = max(faces, key=lambda face: face.size).points_xy
        errors.append(np.linalg.norm(found - true, axis=1) / np.linalg.norm(true[1] - true[0]))
    if not errors:
        return None
    means = np.mean(errors, axis=0)  # (5,)
    return LandmarkError(eyes=float(means[:2].mean()), rest=float(means[2:].mean()), count=len(errors))
