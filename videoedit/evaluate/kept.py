"""Aligned pictures before and after their edits, in the folders that `videoedit eval images` reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from videoedit.datasets.celeba import FaceSet
from videoedit.evaluate.folder import made_folder
from videoedit.evaluate.pairs import Pair
from videoedit.video.stills.arrays import write_image


@dataclass(frozen=True, slots=True, eq=False)
class PictureFolders:
    """Writes `source/NAME.png` and `edited/Eyeglasses-add/NAME.png` into a folder."""

    folder: Path
    faces: FaceSet

    def keep_sources(self) -> None:
        """Write the pictures before their edits."""
        self._write("source", range(len(self.faces.names)), self.faces.images)

    def keep_results(self, pairs: Sequence[Pair], results: NDArray[np.uint8]) -> None:
        """Write results (B, S, S, 3) of pairs of one attribute and direction."""
        edit = f"edited/{pairs[0].attribute}-{pairs[0].direction}"
        self._write(edit, [pair.source for pair in pairs], results)

    def _write(self, name: str, rows: Sequence[int], images: NDArray[np.uint8]) -> None:
        folder = made_folder(self.folder / name)
        for row, image in zip(rows, images, strict=True):
            write_image(folder / f"{Path(self.faces.names[row]).stem}.png", image)
