"""The very glasses of a picture: another editor takes off what a face wears, and the exemplar's are put on it.

An editor's code of an exemplar tells roughly what its glasses are; here they are lifted off the exemplar as a layer,
with their own shape and colours, and laid on every face where the editor has first taken off its own: turned as the
five points of both say, and lit as their skin is.
Shapes: F faces, S the side of the crops, s that of the other editor's.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.align.spectacles import TURNED, carried
from videoedit.align.templates import template_points
from videoedit.detect.refine import PointsFinder
from videoedit.device import resolve_device
from videoedit.edit.base import Edit, FaceEditor, Worn
from videoedit.edit.elegant import ElegantEditor
from videoedit.errors import ConfigError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.nets.checkpoint import load_network
from videoedit.nets.matting import TEMPLATE, MattingConfig, MattingNetwork
from videoedit.resources import load_card
from videoedit.tensors import change_of, from_model, to_model
from videoedit.track.yaw import yaw_of

EMBEDDED: Final = "glasses-matting"
"""Name of the embedded network's card."""
ATTRIBUTE: Final = "Eyeglasses"
"""What is tried on."""

_SURE: Final = (0.08, 0.6)
"""Covers up to the first share are none, from the second on whole: what the network is not sure of it lifts faintly."""
_LEAST_COVER: Final = 0.01
"""Share of each half of the crop that glasses cover at least."""
_LOPSIDED: Final = 0.4
"""Where something hides half of them, one half covers less than this share of what the other does."""
_MOST_TURNED: Final = 45.0
"""Degrees of the exemplar's yaw up to which enough of the near half of its glasses is seen."""
_SKIN: Final = (0.36, 0.48, 0.64, 0.62)
"""Box of nose and cheeks on the crop, by which the light of two pictures is compared: left, top, right, bottom."""
_BRIGHTER: Final = 0.5
"""Power of the ratio of their brightness with which a layer's own grows: skins differ too, not light alone."""
_GAINS: Final = (0.5, 1.6)


def load_editor(model: str | Path, try_on: str | Path | None, device: str = "auto") -> FaceEditor:
    """Load an ELEGANT editor, and what tries glasses on, where one is named and the editor can take glasses off.

    Raises:
        ModelError: Weights are missing or damaged, or do not fit.
    """
    editor = ElegantEditor.from_card(model, device)
    if try_on is None or not _can_take_off(editor):
        return editor
    return TryOnEditor.from_card(editor, try_on, device)


def _can_take_off(editor: FaceEditor) -> bool:
    try:
        editor.edit_without(ATTRIBUTE)
    except ConfigError:
        return False
    return True


class TryOnEditor:
    """Another editor, which gives a face the glasses of the exemplar itself."""

    def __init__(self, editor: FaceEditor, network: MattingNetwork, points: PointsFinder, device: str = "auto") -> None:
        self._device = resolve_device(device)
        self._editor = editor
        self._network = network.eval().requires_grad_(False).to(self._device)
        self._points = points

    @classmethod
    def from_card(cls, editor: FaceEditor, name_or_path: str | Path = EMBEDDED, device: str = "auto") -> Self:
        """Load the embedded network, or another by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path, "matting")
        network = load_network(MattingNetwork(MattingConfig(crop_size=card.crop_size, **card.network)), card)
        return cls(editor, network, PointsFinder.from_card(), device)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that can be edited."""
        return self._editor.attributes

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._network.config.crop_size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._editor.template

    @torch.inference_mode()
    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute from an aligned exemplar, (S, S, 3), and with it the glasses that it wears."""
        side = self._editor.crop_size
        small = np.asarray(cv2.resize(exemplar, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        edit = self._editor.edit_like(small, attribute, strength)
        if attribute != ATTRIBUTE:
            return edit
        wearer = to_model([exemplar]).to(self._device)
        taken_off = change_of(self._of_editor(wearer, [self._editor.edit_without(ATTRIBUTE)]), wearer)
        layer = _sure(self._network.lift(wearer, wearer + taken_off))
        (points_xy,) = self._points_of(wearer)
        if not _is_whole(layer, yaw_of(points_xy)):
            return edit
        return replace(edit, worn=Worn(layer, torch.from_numpy(points_xy)[None], _light_of(wearer)))

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Take an attribute away, with no exemplar."""
        return self._editor.edit_without(attribute, strength)

    @torch.inference_mode()
    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return what to add to the faces and what it covers, (F, 4, S, S)."""
        x = crops.to(self._device)
        residual = self._of_editor(x, [edit if edit.worn is None else self._bared(edit) for edit in edits])
        for edit in edits:
            if edit.worn is not None:
                share = _strengths_of(edit, x).clamp(max=1.0) * self.limits(x, [edit])[:, None].to(x)
                residual = _over(residual, share * self._tried_on(edit.worn, edit.points, x))
        return residual.float().cpu()

    def _tried_on(self, worn: Worn, points: Tensor | None, x: Tensor) -> Tensor:
        """Return what is worn as it lies on faces (F, 3, S, S) with these points (1 or F, 5, 2), (F, 4, S, S)."""
        takers_xy = self._points_of(x) if points is None else list(points.expand(len(x), -1, -1).numpy())
        sources = list(zip(worn.layer.cpu().numpy(), worn.points.numpy(), strict=True))
        sources *= len(x) // len(sources)
        moved = [carried(*source, xy) for source, xy in zip(sources, takers_xy, strict=True)]
        gains = (_light_of(x) / worn.light).pow(_BRIGHTER).clamp(*_GAINS)
        return _lit(torch.from_numpy(np.stack(moved)).to(x), gains[:, None, None, None])

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

    def _bared(self, edit: Edit) -> Edit:
        """Return the edit that takes off what a face wears before it is given something else."""
        bare = self._editor.edit_without(edit.attribute)
        strengths = None if edit.strengths is None else edit.strengths.clamp(max=1.0)
        return replace(bare, strength=min(edit.strength, 1.0), strengths=strengths)


def _over(below: Tensor, above: Tensor) -> Tensor:
    """Lay residuals (F, 4, S, S) over others; both as `tensors.change_of` reads them."""
    left = 1.0 - above[:, 3:]
    return torch.cat([left * below[:, :3] + above[:, :3], 1.0 - left * (1.0 - below[:, 3:])], dim=1)


def _light_of(x: Tensor) -> Tensor:
    """Return how bright the skin of faces (F, 3, S, S) is, (F,), 0 being black."""
    left, top, right, bottom = (round(edge * x.shape[-1]) for edge in _SKIN)
    skin = x[:, :, top:bottom, left:right].flatten(1).median(dim=1).values
    return ((skin + 1.0) / 2.0).clamp(min=0.05)


def _lit(layers: Tensor, gains: Tensor) -> Tensor:
    """Multiply the light that layers (F, 4, S, S) give, black being none, by gains (F, 1, 1, 1)."""
    added, cover = layers[:, :3], layers[:, 3:]
    return torch.cat([torch.minimum(gains * (added + cover), 2.0 * cover) - cover, cover], dim=1)


def _strengths_of(edit: Edit, x: Tensor) -> Tensor:
    """Return every face's own strength, (F, 1, 1, 1)."""
    strengths = torch.tensor([edit.strength]) if edit.strengths is None else edit.strengths
    return strengths.to(x).expand(len(x))[:, None, None, None]


def _sure(layer: Tensor) -> Tensor:
    """Return a layer (F, 4, S, S) in which faint covers are none, and those that are nearly whole are."""
    low, high = _SURE
    cover = layer[:, 3:]
    sure = ((cover - low) / (high - low)).clamp(0.0, 1.0)
    return torch.cat([layer[:, :3] * (sure / cover.clamp(min=low)), sure], dim=1)


def _is_whole(layer: Tensor, yaw: float) -> bool:
    """Tell whether a layer (1, 4, S, S) holds glasses, all that is needed of them, of a face turned so far."""
    halves = [float(half.mean()) for half in layer[0, 3].chunk(2, dim=1)]
    if abs(yaw) > TURNED:
        return abs(yaw) <= _MOST_TURNED and halves[0 if yaw > 0 else 1] > _LEAST_COVER
    return min(halves) > max(_LEAST_COVER, _LOPSIDED * max(halves))
