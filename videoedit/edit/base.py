"""What every editor promises: aligned faces in, residuals out.

Shapes: F faces, S the side of the crop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol, Self, TypeAlias

import numpy as np
import torch
from torch import Tensor

from videoedit.frames import Image
from videoedit.registry import Registry
from videoedit.strength import MAX_STRENGTH

Kind: TypeAlias = tuple[str, bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """What an exemplar wears, to be put on others as it is."""

    layer: Tensor
    """Lifted off the exemplar's crop, (1 or F, C, S, S), as its way of lifting reads it."""
    points: Tensor
    """Five points of the exemplar in its crop, and then those of its lips where it lends a smile, (1 or F, P, 2)."""
    light: Tensor
    """What its light is compared with, 0 to 1: how bright its skin is, (1 or F, 1), or its colour, (1 or F, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """One attribute's change, taken from an exemplar once and applied to any number of faces."""

    attribute: str
    """Name as the model card lists it."""
    code: Tensor
    """What the editor needs of the exemplar, (1, …); for ELEGANT the attribute's block of its code and of that of its
    mirror image, (1, 2, K, h, w).

    With (F, …) every face of a batch has an exemplar of its own.
    """
    strength: float = 1.0
    """0 leaves the face as it is, 1 is the exemplar's own strength, up to 1.5 exaggerates."""
    strengths: Tensor | None = None
    """(F,) where every face of a batch has a strength of its own; `strength` is the largest then."""
    worn: Worn | None = None
    """What the exemplar wears, where that itself is put on."""
    points: Tensor | None = None
    """Five points of the faces in their crops, (1 or F, 5, 2), steadied; where there are none, they are looked for."""
    is_removal: bool = False
    """The attribute is taken away, and nothing of it is to be left."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= MAX_STRENGTH:
            raise ValueError(f"strength must be in 0..{MAX_STRENGTH}, got {self.strength}")

    @property
    def kind(self) -> Kind:
        """What edits that are made together have in common."""
        return self.attribute, self.worn is not None, self.is_removal

    @property
    def as_drawn(self) -> Self:
        """The edit as the code alone makes it."""
        return replace(self, worn=None)

    @property
    def as_removal(self) -> Self:
        """The edit as one whose exemplar is to have nothing on: it lends nothing, strand or speck."""
        return replace(self, worn=None, is_removal=True)


def together(edits: Sequence[Edit]) -> Edit:
    """Join the edits of one kind of several faces, one each, so that they are made in one call."""
    first, strengths = edits[0], [edit.strength for edit in edits]
    placed = [edit.points for edit in edits if edit.points is not None]
    return Edit(
        first.attribute,
        _joined([edit.code for edit in edits]),
        max(strengths),
        torch.tensor(strengths) if len(set(strengths)) > 1 else None,
        _worn_together([edit.worn for edit in edits if edit.worn is not None]),
        torch.cat(placed) if len(placed) == len(edits) else None,
        first.is_removal,
    )


def _worn_together(worn: Sequence[Worn]) -> Worn | None:
    if all(one is worn[0] for one in worn):
        return worn[0] if worn else None
    names = [field.name for field in fields(Worn)]
    return Worn(**{name: torch.cat([getattr(one, name) for one in worn]) for name in names})


def _joined(codes: Sequence[Tensor]) -> Tensor:
    """Stack codes (1, …) to (F, …); where all are the same one, it is enough."""
    if all(code is codes[0] for code in codes):
        return codes[0]
    shape = np.broadcast_shapes(*(tuple(code.shape) for code in codes))  # a neutral code may have no map
    return torch.cat([code.expand(shape) for code in codes])


class FaceEditor(Protocol):
    """Says what must be added to an aligned face."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that can be edited."""
        ...

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        ...

    @property
    def template(self) -> str:
        """Name of the alignment, a key of `align.templates.TEMPLATES`."""
        ...

    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute from an aligned exemplar, (S, S, 3)."""
        ...

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute away, with no exemplar."""
        ...

    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the residuals of crops (F, 3, S, S) in [-1, 1], all edits together.

        (F, 3, S, S), what is added; or (F, 4, S, S), where the fourth is the share of the face's own colours that the
        others cover; or (F, 6, S, S), where the last two bend the face before (`tensors.change_of`). All are kept
        apart from what is added, because the face has more detail in the frame than in its crop: what is covered must
        vanish at any size, and what is bent stay as sharp as it is.
        """
        ...

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return by which shares, (F, S, S) in 0..1, residuals of these crops and edits have been multiplied."""
        ...


editors: Registry[FaceEditor] = Registry("editor")
