"""Edits that stay behind what is in front of a face: where a hand or a microphone is, nothing is added.

Shapes: F faces, S the side of the editor's crops.
"""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from skimage.filters import apply_hysteresis_threshold
from torch import Tensor

from videoedit.detect.mask import HairFinder, MaskFinder
from videoedit.edit.base import Edit, FaceEditor
from videoedit.frames import Image
from videoedit.tensors import BENT_FROM, bent

EMBEDDED: Final = "face-occluder"
"""Name of the embedded network's card."""
_FAINT: Final = 0.02
"""Share from which a pixel belongs to a spot of what hides a face."""
_PLAIN: Final = 0.5
"""Least of the largest share of a spot: hair on a forehead, or a fold, gets no surer."""

_OF_HAIR: Final = ("Bangs",)
"""Attributes whose edits change hair, behind which there is nothing that they should not."""
_SMALL: Final = (0.02, 0.03)
"""Shares of the crop: up to the first a spot on hair may be hair that is taken for a thing, from the second on it is a
thing, and hair is seen on it."""


class OccluderFinder(MaskFinder):
    """Finds what hides a face."""

    kind = "occluder"
    embedded = EMBEDDED
    believed = (0.25, 0.6)

    def marked(self, crops: Tensor) -> Tensor:
        """Return what share of each pixel is hidden; a spot counts if some of it plainly is."""
        found = super().marked(crops)
        spots = [apply_hysteresis_threshold(one, _FAINT, _PLAIN) for one in found.numpy()]  # type: ignore[no-untyped-call]
        return found * torch.from_numpy(np.stack(spots))


class BehindOccluders:
    """Another editor, whose residuals are left out where something hides the face."""

    def __init__(self, editor: FaceEditor, finder: OccluderFinder, hair: HairFinder) -> None:
        """Take an editor, what finds what hides faces, and what finds hair, which does not hide what becomes of it."""
        self._editor = editor
        self._finder = finder
        self._hair = hair

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that can be edited."""
        return self._editor.attributes

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._editor.crop_size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._editor.template

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute from an aligned exemplar, (S, S, 3)."""
        return self._editor.edit_like(exemplar, attribute, strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute away, with no exemplar."""
        return self._editor.edit_without(attribute, strength)

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return what to add to the faces as far as they are seen, (F, 3, 4 or 6, S, S)."""
        hidden = self._hidden(crops, edits)[:, None]
        residuals = self._editor.residuals(crops, edits) * (1.0 - hidden)
        if residuals.shape[1] > BENT_FROM and residuals[:, BENT_FROM:].any():
            residuals[:, BENT_FROM:] *= 1.0 - bent(hidden, residuals[:, BENT_FROM:]).clamp(0.0, 1.0)
        return residuals  # nothing comes from what hides the face, either

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the editor's own limits, and 0 where the faces are hidden, (F, S, S)."""
        return self._editor.limits(crops, edits) * (1.0 - self._hidden(crops, edits))

    def _hidden(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return what share of each pixel is hidden from edits, (F, S, S)."""
        hidden = self._finder.marked(crops)
        if any(edit.attribute in _OF_HAIR for edit in edits) and hidden.any():
            small = torch.from_numpy(np.stack([_small(one) for one in hidden.numpy()]))
            hidden = hidden * (1.0 - small * self._hair.marked(crops))
        return hidden


def _small(hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far pixels (S, S) lie in spots of what hides a face that are too small for a thing, (S, S) in 0..1."""
    _, spots = cv2.connectedComponents((hidden > 0).astype(np.uint8))
    shares = np.bincount(spots.ravel()) / spots.size
    small = np.clip((_SMALL[1] - shares) / (_SMALL[1] - _SMALL[0]), 0.0, 1.0)
    return np.asarray(small[spots], np.float32)
