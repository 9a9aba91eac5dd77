"""TL-ID and TG-ID: does the edited person stay one person, as the source does (Tzaban et al., 2022).

Shapes: T frames, E numbers of an embedding.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MAX_FRAMES: Final = 1000
"""Every pair of so many frames is compared; of longer clips, so many evenly chosen ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The published figures are ratios that pass 1 where the edit is steadier than the source: 1 is best."""

    tl_id: float
    """Mean ratio of likenesses between neighbouring frames, edited over source."""
    tg_id: float
    """The same between all pairs of frames."""
    tl_off: float
    """|1 - TL-ID|."""
    tg_off: float
    """|1 - TG-ID|."""
    kept: float
    """Mean likeness of each edited frame and its own source: the share of the person that the edit leaves."""
    num_frames: int


def identity_of(source: NDArray[np.float64], edited: NDArray[np.float64]) -> Identity:
    """Compare unit embeddings (T, E) of the same face in the same frames, T at least 2."""
    if len(source) < 2 or source.shape != edited.shape:
        raise ValueError(f"need two or more frames with both faces, got {source.shape} and {edited.shape}")
    neighbours = (edited[1:] * edited[:-1]).sum(axis=1) / (source[1:] * source[:-1]).sum(axis=1)
    rows = np.unique(np.linspace(0, len(source) - 1, min(len(source), MAX_FRAMES)).round().astype(int))
    apart = ~np.eye(len(rows), dtype=bool)
    ratios = (edited[rows] @ edited[rows].T)[apart] / (source[rows] @ source[rows].T)[apart]
    tl_id, tg_id = float(neighbours.mean()), float(ratios.mean())
    return Identity(
        tl_id=tl_id,
        tg_id=tg_id,
        tl_off=abs(1.0 - tl_id),
        tg_off=abs(1.0 - tg_id),
        kept=float((source * edited).sum(axis=1).mean()),
        num_frames=len(source),
    )
