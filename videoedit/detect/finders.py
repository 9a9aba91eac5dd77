"""What is found on an aligned face, by one small network each: its five points, its lips, its brows, its hair."""

from dataclasses import dataclass
from typing import Self

from videoedit.detect.mask import HairFinder
from videoedit.detect.outlines import BrowsFinder, LipsFinder
from videoedit.detect.refine import PointsFinder


@dataclass(frozen=True, slots=True, eq=False)
class Finders:
    """One of each kind."""

    points: PointsFinder
    lips: LipsFinder
    brows: BrowsFinder
    hair: HairFinder

    @classmethod
    def embedded(cls, device: str = "auto") -> Self:
        """Load the embedded networks; that of hair runs on the device, the others, which are tiny, on the CPU.

        Raises:
            ModelError: Weights are missing or damaged.
        """
        hair = HairFinder.from_card(device=device)
        return cls(PointsFinder.from_card(), LipsFinder.from_card(), BrowsFinder.from_card(), hair)
