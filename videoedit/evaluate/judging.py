"""What a judge says of pictures: at its thresholds, and of the same pictures encoded again.

Shapes: N pictures of S x S; n attributes of the judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from videoedit.evaluate.results import Rate
from videoedit.frames import Image
from videoedit.tensors import to_model

BATCH: Final = 64
QUALITIES: Final = (95, 90)
"""JPEG qualities of the two re-encodings; sources are compared with edits after the first."""


class Judge(Protocol):
    """What is asked of a judge."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        ...

    def probabilities(self, crops: Tensor) -> Tensor:
        """Return (B, n) of crops (B, 3, S, S) in [-1, 1]."""
        ...

    def threshold(self, attribute: str) -> float:
        """Return the probability above which an attribute is said to be there."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The judge's answers on the unedited set, each (N, n)."""

    real: NDArray[np.bool_]
    """On the pictures themselves."""
    encoded: NDArray[np.bool_]
    """After the first of `QUALITIES`."""
    encoded_again: NDArray[np.bool_]
    """After the second."""


def judge_sources(images: NDArray[np.uint8], judge: Judge) -> Judged:
    """Judge pictures (N, S, S, 3) as they are, and encoded twice."""
    first, second = (verdicts(np.stack([recompressed(image, q) for image in images]), judge) for q in QUALITIES)
    return Judged(verdicts(images, judge), first, second)


def verdicts(images: NDArray[np.uint8], judge: Judge) -> NDArray[np.bool_]:
    """Return (N, n): whether each picture (N, S, S, 3) is above each threshold."""
    thresholds = torch.tensor([judge.threshold(name) for name in judge.attributes])
    said = torch.cat([judge.probabilities(to_model(images[rows])) > thresholds for rows in batches(len(images))])
    above: NDArray[np.bool_] = said.numpy()
    return above


def rate_of(said: NDArray[np.bool_]) -> Rate:
    """Return how often something is said, and of how many."""
    return Rate(share=float(said.mean()) if len(said) else None, count=len(said))


def recompressed(image: Image, quality: int) -> Image:
    """Return a picture after JPEG at this quality, colours at half resolution."""
    _, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.ascontiguousarray(decoded[:, :, ::-1])


def batches(count: int) -> Iterator[slice]:
    """Cut `count` rows into slices of `BATCH`."""
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))
