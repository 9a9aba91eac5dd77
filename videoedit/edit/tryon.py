"""The very thing that a picture wears: another editor takes off what a face has of it, and the exemplar's is put on.

An editor's code of an exemplar tells roughly what its glasses, mustache or bangs are; here they are lifted off the
exemplar as a layer, with their own shape, and laid on every face where the editor has first taken off its own: moved as
the five points of both say, and lit as the face is. Smiles are bent into the face, and out of it; the editor draws the
rest on the bent face. What changes the brows it draws on a face whose brows are level. Of several
edits it draws one after the other.
Shapes: F faces, S the side of the crops, s that of the other editor's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, Self, runtime_checkable

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.align.templates import template_points
from videoedit.detect.finders import Finders
from videoedit.device import resolve_device
from videoedit.edit.base import Edit, FaceEditor
from videoedit.edit.elegant import ElegantEditor
from videoedit.edit.lifting.bangs import BangsLifting
from videoedit.edit.lifting.base import Bends, Clears, Lifting, Mends, TellsWearers, over
from videoedit.edit.lifting.brows import BrowLevelling, Levelling
from videoedit.edit.lifting.glasses import GlassesLifting
from videoedit.edit.lifting.mustache import MustacheLifting
from videoedit.edit.lifting.smile import SmileBending
from videoedit.edit.lifting.spared import Sparing
from videoedit.errors import ConfigError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import TEMPLATE, MattingConfig, MattingNetwork
from videoedit.resources import load_card
from videoedit.tensors import BENT_FROM, change_of, from_model, to_model

EMBEDDED: Final = "glasses-matting"
"""Name of the card of the network that lifts glasses."""


@runtime_checkable
class KnowsTypical(FaceEditor, Protocol):
    """An editor that can draw what no single exemplar looks like, with nothing of one's beard or light."""

    def typical(self, edit: Edit) -> Edit:
        """Return an edit after an exemplar like most others, or as it is."""
        ...


def load_editor(model: str | Path, try_on: str | Path | None, device: str = "auto") -> FaceEditor:
    """Load an ELEGANT editor, and what tries things on, where one is named and the editor can take any off.

    Raises:
        ModelError: Weights are missing or damaged, or do not fit.
    """
    editor = ElegantEditor.from_card(model, device)
    if try_on is None or not _removable(editor):
        return editor
    return TryOnEditor.from_card(editor, try_on, device)


def _removable(editor: FaceEditor) -> set[str]:
    """Return the attributes that an editor can take away."""
    found = set()
    for attribute in editor.attributes:
        try:
            editor.edit_without(attribute)
        except ConfigError:
            continue
        found.add(attribute)
    return found


class TryOnEditor:
    """Another editor, which gives a face what the exemplar itself wears."""

    def __init__(self, editor: FaceEditor, network: MattingNetwork, finders: Finders, device: str = "auto") -> None:
        """Take an editor, the network that lifts glasses, and what finds points, lips, brows and hair of faces."""
        self._device = resolve_device(device)
        self._editor = editor
        self._size = network.config.crop_size
        self._points = finders.points
        network = network.eval().requires_grad_(False).to(self._device)
        known: Mapping[str, Lifting] = {
            "Eyeglasses": GlassesLifting(network),
            "Mustache": MustacheLifting(),
            "Bangs": BangsLifting(finders.hair),
        }
        bends: Mapping[str, Bends] = {"Smiling": SmileBending(finders.lips)}
        removable = _removable(editor)
        self._liftings = {attribute: known[attribute] for attribute in removable & known.keys()}
        levels: Mapping[str, BrowLevelling] = {"Male": BrowLevelling(finders.brows)}
        self._levels = {attribute: levels[attribute] for attribute in removable & levels.keys()}
        self._bends = {attribute: bends[attribute] for attribute in removable & bends.keys()}
        sparing: Mapping[str, Sparing] = {"Male": Sparing(finders.lips)}
        self._sparing = {attribute: sparing[attribute] for attribute in removable & sparing.keys()}

    @classmethod
    def from_card(cls, editor: FaceEditor, name_or_path: str | Path = EMBEDDED, device: str = "auto") -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path, "matting")
        network = load_network(MattingNetwork(MattingConfig(crop_size=card.crop_size, **card.network)), card)
        return cls(editor, network, Finders.embedded(device), device)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that can be edited."""
        return self._editor.attributes

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._editor.template

    @torch.inference_mode()
    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute from an aligned exemplar, (S, S, 3), and with it what it wears, or its lips."""
        side = self._editor.crop_size
        small = np.asarray(cv2.resize(exemplar, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        edit = self._editor.edit_like(small, attribute, strength)
        wearer = to_model([exemplar]).to(self._device)
        if bends := self._bends.get(attribute):
            return replace(edit, worn=bends.lift(wearer, *self._points_of(wearer)))
        lifting = self._liftings.get(attribute)
        if lifting is None:
            return edit
        taken_off = change_of(self._of_editor(wearer, [self._editor.edit_without(attribute)]), wearer)
        return replace(edit, worn=lifting.lift(wearer, wearer + taken_off, *self._points_of(wearer)))

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute away, with no exemplar."""
        return self._editor.edit_without(attribute, strength)

    @torch.inference_mode()
    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return what to add to the faces, what it covers, and how they are bent, (F, 6, S, S).

        Where nothing could be bent, it is (F, 4, S, S).
        """
        x = crops.to(self._device).view(crops.shape)  # a tensor of its own: what is found on it is remembered by it
        levelling = self._levelling(x, edits)
        bending = [
            edit for edit in edits if edit.attribute in self._bends and (edit.is_removal or edit.worn is not None)
        ]
        if bending:
            others = [edit for edit in edits if edit is not bending[0]]
            residual = self._bent(x, bending[0], others, levelling)
        else:
            straight = self._laid(x, self._below(x, edits, levelling), edits)
            residual = functional.pad(straight, (0, 0, 0, 0, 0, 2 if self._bends or self._levels else 0))
        if levelling is not None:
            residual[:, BENT_FROM:] += levelling.lowered
        return residual.float().cpu()

    def _levelling(self, x: Tensor, edits: Sequence[Edit]) -> Levelling | None:
        """Return how faces are levelled for an edit that gives them other brows; None where there is none."""
        for edit in edits:
            if (levels := self._levels.get(edit.attribute)) and not edit.is_removal:
                levelling = levels.of(x, self._points_in(edit, x), _strengths_of(edit, x))
                return replace(levelling, lowered=self._bounded(levelling.lowered, edit, x))
        return None

    def _bent(self, x: Tensor, edit: Edit, others: Sequence[Edit], levelling: Levelling | None) -> Tensor:
        """Return the residuals (F, 6, S, S) of faces that one edit bends, before it and others are made."""
        points_xy, strengths = self._points_in(edit, x), _strengths_of(edit, x)
        bent = self._bends[edit.attribute].bend(edit.worn, x, points_xy, strengths)
        residual = self._bounded(bent.residual, edit, x)
        below, points = x + change_of(residual, x), torch.from_numpy(np.stack(bent.points))
        left = replace(edit, points=points, strengths=(strengths * bent.drawn).cpu())
        moved = [left, *(replace(other, points=points) for other in others)]
        drawn = self._laid(below, self._below(below, moved, levelling, bent.free), moved)
        return torch.cat([over(residual[:, :BENT_FROM], drawn), residual[:, BENT_FROM:]], dim=1)

    def _laid(self, x: Tensor, residual: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Lay what exemplars wear over residuals (F, 4, S, S)."""
        for edit in edits:
            lifting = self._liftings.get(edit.attribute)
            if edit.worn is not None and lifting is not None:
                laid = lifting.lay(edit.worn, x, self._points_in(edit, x), _strengths_of(edit, x))
                residual = over(residual, self._bounded(laid, edit, x))
        return residual

    def _below(
        self, x: Tensor, edits: Sequence[Edit], levelling: Levelling | None, free: Tensor | None = None
    ) -> Tensor:
        """Return what is drawn below what is worn, (F, 4, S, S), on level faces if they are to be levelled."""
        if levelling is None:
            return self._drawn(x, edits, free)
        level = levelling.level(x)
        return levelling.taken_back(self._drawn(level, edits, free), level)

    def _drawn(self, x: Tensor, edits: Sequence[Edit], free: Tensor | None) -> Tensor:
        """Return the other editor's residuals, (F, 4, S, S), with what is worn taken off where something else goes.

        One edit is made after the other, since several at once get into each other's way; what goes, goes first. What
        bends the faces is drawn only where they are free, (F, 1, S, S).
        """
        residual, below = x.new_zeros(len(x), 4, *x.shape[2:]), x
        asked_of = [(edit, self._drawn_below(edit)) for edit in edits]
        for edit, asked in sorted(asked_of, key=lambda both: not both[1].is_removal):
            drawn = self._drawn_alone(below, edit, asked)
            if free is not None and edit.attribute in self._bends:
                drawn = free * drawn
            residual = over(residual, drawn)
            below = x + change_of(residual, x)
        return residual

    def _drawn_alone(self, x: Tensor, edit: Edit, asked: Edit) -> Tensor:
        """Return the residuals, (F, 4, S, S), of one edit, for which this is asked of the other editor."""
        points_xy, lifting = self._points_in(edit, x), self._liftings.get(edit.attribute)
        wearing = x.new_ones(1)
        if edit.worn is not None and isinstance(lifting, TellsWearers):
            wearing = lifting.wearing(x, points_xy)
        if not wearing.any():
            return x.new_zeros(len(x), 4, *x.shape[2:])
        drawn = self._of_editor(x, [asked])
        residual = wearing * drawn
        if sparing := self._sparing.get(edit.attribute):
            residual = residual * (1.0 - sparing.of(x, points_xy, is_removal=asked.is_removal))
        if not asked.is_removal or not isinstance(lifting, Clears | Mends):
            return residual
        strengths = _strengths_of(asked, x)
        is_whole = bool((strengths == 1.0).all())
        whole = drawn if is_whole else self._of_editor(x, [replace(asked, strength=1.0, strengths=None)])
        if isinstance(lifting, Clears):
            clearing = lifting.clearing(x, x + change_of(whole, x), points_xy)
            residual, whole = residual * clearing, whole * clearing
        if isinstance(lifting, Mends):
            mended = wearing * lifting.mend(x, x + change_of(whole, x), points_xy, strengths)
            residual = over(residual, self._bounded(mended, asked, x))
        return residual

    def _bounded(self, layers: Tensor, edit: Edit, x: Tensor) -> Tensor:
        """Return layers (F, C, S, S) on faces x as far as the limits of their edit let them through."""
        return self.limits(x, [edit])[:, None].to(x) * layers

    def _points_in(self, edit: Edit, x: Tensor) -> list[Points]:
        """Return the points of faces (F, 3, S, S) that come with an edit, or are found."""
        return self._points_of(x) if edit.points is None else list(edit.points.expand(len(x), -1, -1).numpy())

    def _points_of(self, x: Tensor) -> list[Points]:
        """Return the five points of aligned faces (F, 3, S, S) in their crops."""
        rough = template_points(TEMPLATE, self.crop_size)
        return self._points.find(list(from_model(x)), [rough] * len(x))

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the other editor's limits, (F, S, S)."""
        small = self._editor.limits(self._reduced(crops), edits)
        return functional.interpolate(small[:, None], size=crops.shape[2:], mode="bilinear")[:, 0]

    def _of_editor(self, x: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the other editor's residuals, enlarged, (F, 4, S, S)."""
        residual = self._editor.residuals(self._reduced(x), edits).to(x)  # (F, 3 or 4, s, s)
        whole = functional.pad(residual, (0, 0, 0, 0, 0, 4 - residual.shape[1]))
        large = functional.interpolate(whole, size=x.shape[2:], mode="bicubic")
        return torch.cat([large[:, :3], large[:, 3:].clamp(0.0, 1.0)], dim=1)

    def _reduced(self, crops: Tensor) -> Tensor:
        """Return crops (F, 3, S, S) as the other editor takes them, (F, 3, s, s)."""
        side = self._editor.crop_size
        return functional.interpolate(crops, size=(side, side), mode="area")

    def _drawn_below(self, edit: Edit) -> Edit:
        """Return what the other editor does: all, what goes with a bent face, or taking off what is worn."""
        if edit.attribute in self._bends and not edit.is_removal:
            drawn = edit.as_drawn
            return self._editor.typical(drawn) if isinstance(self._editor, KnowsTypical) else drawn
        if edit.worn is None:
            return edit.as_drawn
        bare = self._editor.edit_without(edit.attribute)
        strengths = None if edit.strengths is None else edit.strengths.clamp(max=1.0)
        return replace(bare, strength=min(edit.strength, 1.0), strengths=strengths)


def _strengths_of(edit: Edit, x: Tensor) -> Tensor:
    """Return every face's own strength, (F,)."""
    strengths = torch.tensor([edit.strength]) if edit.strengths is None else edit.strengths
    return strengths.to(x).expand(len(x))
