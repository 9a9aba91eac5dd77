"""The ELEGANT editor: an exemplar's block of the code replaces the face's own (Xiao et al., ECCV 2018).

Shapes: F faces, S the side of the crop, K code channels, h x w the code's map.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.align.regions import WHOLE, soft_region
from videoedit.device import resolve_device
from videoedit.edit.base import Edit, editors
from videoedit.edit.lifting.base import light_of
from videoedit.errors import ConfigError, ModelError
from videoedit.frames import Image
from videoedit.nets.checkpoint import fill, load_tensors
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.ramps import smoothstep
from videoedit.registry import unknown_name
from videoedit.resources import ModelCard, load_card, verify
from videoedit.tensors import change_of, mean_around, to_model

NEUTRAL_PREFIX = "neutral."
"""Tensors (K_i, h, w) of the weights file: the block of a face that lacks the attribute."""
TYPICAL_PREFIX = "typical."
"""The same of one that has it, and has no beard."""

_BINOMIAL: Final = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
_AROUND: Final = 9
"""Side in pixels of the squares in which it is asked whether an edit darkens."""
_PLAINLY_DARKER: Final = 0.03
"""Mean darkening, in units of [-1, 1], from which on it is sharpened in full."""
_STRONGEST: Final = 0.4
"""Least power to which the light of a dark exemplar is raised."""
_PATCH: Final = 5
"""Side in pixels of two means, one after the other, that tell how much darker a patch gets, or of what colour."""
_NARROWER: Final = 1.5
"""Power of the masks: where little was let through, little was learned, and the network's lines would show."""
_HIDING: Final = (0.25, 0.6)
"""Up to the first share a cover hides no detail finer than the crop, from the second on all of it."""


@editors.register("elegant")
class ElegantEditor:
    """Holds the trained generator, and the neutral and the typical codes."""

    def __init__(
        self,
        generator: ElegantGenerator,
        neutral: Mapping[str, Tensor],
        typical: Mapping[str, Tensor],
        card: ModelCard,
        device: str,
    ) -> None:
        self._device = resolve_device(device)
        self._generator = generator.eval().requires_grad_(False).to(self._device)
        self._neutral, self._typical = (
            {name: code.to(self._device) for name, code in codes.items()} for codes in (neutral, typical)
        )
        self._config = generator.config
        self._card = card

    @classmethod
    def from_card(cls, name_or_path: str | Path, device: str = "auto") -> Self:
        """Load an embedded model by name, or the user's own by the path of its card.

        Raises:
            ModelError: The weights are missing, damaged, or do not fit the card.
        """
        card = load_card(name_or_path, "elegant")
        verify(card)
        config = config_of(card)
        tensors = load_tensors(card.weights_path)
        neutral, typical = (
            {k.removeprefix(prefix): v.float() for k, v in tensors.items() if k.startswith(prefix)}
            for prefix in (NEUTRAL_PREFIX, TYPICAL_PREFIX)
        )
        generator = ElegantGenerator(config)
        weights = {k: v for k, v in tensors.items() if not k.startswith((NEUTRAL_PREFIX, TYPICAL_PREFIX))}
        fill(generator, weights, card.weights_path)
        return cls(generator, neutral, typical, card, device)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that the card offers, in the order of their blocks."""
        return tuple(name for name in self._config.attributes if name not in self._card.unfinished)

    @property
    def crop_size(self) -> int:
        """Side of the crops in pixels."""
        return self._config.crop_size

    @property
    def template(self) -> str:
        """Name of the alignment."""
        return self._card.template

    @torch.inference_mode()
    def edit_like(self, exemplar: Image, attribute: str, strength: float = 1.0) -> Edit:
        """Encode an aligned exemplar (S, S, 3) and its mirror image; keep the attribute's block alone."""
        block = self._block(attribute)
        face = _lit_at_least(to_model([exemplar]).to(self._device), self._card.exemplar_light.get(attribute, 0.0))
        z, _ = self._generator.encoder(_with_mirrored(face))  # (2, K, h, w)
        return Edit(attribute, z[None, :, block].clone(), strength)

    def edit_without(self, attribute: str, strength: float = 1.0) -> Edit:
        """Use the neutral block of the weights file.

        Raises:
            ConfigError: The model has no neutral code for the attribute.
        """
        self._block(attribute)
        if attribute not in self._neutral:
            raise ConfigError(f"{self._card.name} cannot remove {attribute} without a reference; give one with --ref")
        code = self._neutral[attribute]  # (K_i, h, w), of faces from both sides
        return Edit(attribute, code.expand(1, 2, *code.shape), strength, is_removal=True)

    def typical(self, edit: Edit) -> Edit:
        """Return an edit as an exemplar like most others makes it, where the weights file has the code of one."""
        code = self._typical.get(edit.attribute)
        return edit if code is None else replace(edit, code=code.expand(1, 2, *code.shape))

    @torch.inference_mode()
    def residuals(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Exchange every edit's block, z = z_own + gain strength (z_other - z_own), and decode once.

        It is done to every face and to its mirror image, and the mean is taken, because the smears that the network
        makes are seldom the same in both; the residuals of shifted crops, in contrast, would blur the mean.
        """
        x = crops.to(self._device)
        z_own, skips = self._generator.encoder(_with_mirrored(x))  # (2F, K, h, w)
        z_edit = z_own.clone()
        for edit in edits:
            block = self._block(edit.attribute)
            code = edit.code.expand(len(x), -1, -1, -1, -1).transpose(0, 1).flatten(0, 1)  # (2F, K_i, h, w)
            strengths = torch.tensor([edit.strength]) if edit.strengths is None else edit.strengths
            strengths = strengths * self._gain_of(edit)
            share = strengths.to(z_own).expand(len(x)).repeat(2)[:, None, None, None]  # (2F, 1, 1, 1)
            z_edit[:, block] = torch.lerp(z_own[:, block], code, share)
        straight, mirrored = self._generator.decoder(z_edit, z_own, skips).chunk(2)
        mask = self._mask_of(edits).pow(_NARROWER)
        residual = (straight + mirrored.flip(3)) / 2 * mask
        for edit in edits:
            if raised := self._card.sharpening.get(edit.attribute):
                residual = _sharpened(residual, x, raised * self._mask_of([edit]).square())
        if all(edit.is_removal for edit in edits):
            residual = _lightened(residual, x, _loosest(self._card.darkening, edits))
        residual = _untinted(residual, x, _loosest(self._card.tinting, edits))
        changed = x + change_of(residual, x)
        residual[:, :3] += changed.clamp(-1.0, 1.0) - changed
        return _hiding(residual, x).float().cpu()

    def limits(self, crops: Tensor, edits: Sequence[Edit]) -> Tensor:
        """Return the soft mask of the edits' regions for every face, (F, S, S)."""
        return self._mask_of(edits).cpu().expand(len(crops), -1, -1)

    def _gain_of(self, edit: Edit) -> float:
        """Return by how many times an edit goes as far as the exemplar's code."""
        gain = self._card.gains.get(edit.attribute, 1.0)
        return self._card.removal_gains.get(edit.attribute, gain) if edit.is_removal else gain

    def _mask_of(self, edits: Sequence[Edit]) -> Tensor:
        """Return where any of the edits may change the picture, (S, S); everywhere where there is none."""
        card, names = self._card, [edit.attribute for edit in edits] or [""]  # without any, everywhere
        masks = [
            soft_region(card.regions.get(name, WHOLE), self.crop_size, is_oval=name in card.ovals) for name in names
        ]
        return torch.from_numpy(np.maximum.reduce(masks)).to(self._device)

    def _block(self, attribute: str) -> slice:
        if attribute not in self.attributes:
            raise ConfigError(unknown_name("attribute", attribute, self.attributes))
        return self._config.blocks[self._config.attributes.index(attribute)]


def _lit_at_least(x: Tensor, least: float) -> Tensor:
    """Raise all light of faces (F, 3, S, S) to a power that gives their skin so much, from 0 to 1, if it has less.

    What a much darker exemplar has in its code would lie on fair skin as stains.
    """
    if not least:
        return x
    power = (math.log(least) / light_of(x).log()).clamp(_STRONGEST, 1.0)[..., None, None]
    return 2.0 * ((x + 1.0) / 2.0) ** power - 1.0


def _loosest(limits: Mapping[str, float], edits: Sequence[Edit]) -> float:
    """Return the largest limit of edits; infinity where one has none."""
    return max((limits.get(edit.attribute, math.inf) for edit in edits), default=math.inf)


def _sharpened(layers: Tensor, x: Tensor, share: Tensor) -> Tensor:
    """Raise what a binomial blur of 5 x 5 pixels takes from layers (F, 3 or 4, S, S), where they darken the crops.

    What an edit lightens is mostly the end of something dark, of which a picture tells how much there is; raised, it
    would leave a bright outline. The share is told for every pixel, (S, S), because a region's border is no detail.
    """
    padded = functional.pad(layers, (2, 2, 2, 2), mode="replicate")
    kernel = torch.outer(_BINOMIAL, _BINOMIAL).to(layers).expand(layers.shape[1], 1, 5, 5)
    finest = layers - functional.conv2d(padded, kernel, groups=layers.shape[1])
    lightening = change_of(layers, x).mean(dim=1, keepdim=True)
    darkening = -mean_around(lightening, _AROUND)
    raised = layers + share * smoothstep((darkening / _PLAINLY_DARKER).clamp(0.0, 1.0)) * finest
    return torch.cat([raised[:, :3], raised[:, 3:].clamp(0.0, 1.0)], dim=1)


def _lightened(layers: Tensor, x: Tensor, most: float) -> Tensor:
    """Lighten layers (F, 3 or 4, S, S) where they make a patch of the crops darker by more than so much."""
    if math.isinf(most):
        return layers
    darker = _in_patches(-change_of(layers, x).mean(dim=1, keepdim=True))
    return torch.cat([layers[:, :3] + (darker - most).clamp(min=0.0), layers[:, 3:]], dim=1)


def _untinted(layers: Tensor, x: Tensor, most: float) -> Tensor:
    """Take back colour from layers (F, 3 or 4, S, S) that they give a patch of the crops beyond so much."""
    if math.isinf(most):
        return layers
    change = change_of(layers, x)
    tint = _in_patches(change - change.mean(dim=1, keepdim=True))
    kept = (most / tint.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)).clamp(max=1.0)  # the same of each: no light
    return torch.cat([layers[:, :3] + (kept - 1.0) * tint, layers[:, 3:]], dim=1)


def _in_patches(change: Tensor) -> Tensor:
    """Return the mean around every pixel of maps (F, C, S, S)."""
    for _ in range(2):
        change = mean_around(change, _PATCH)
    return change


def _hiding(residual: Tensor, x: Tensor) -> Tensor:
    """Let sure covers hide all detail finer than the crops (F, 3, S, S), faint ones none; these change as before.

    A rim that goes at half a cover would leave, in a frame, half the contrast of its edges; and tinted lenses are no
    reason for dull eyes.
    """
    if residual.shape[1] == 3:
        return residual
    cover = residual[:, 3:]
    low, high = _HIDING
    hiding = smoothstep(((cover - low) / (high - low)).clamp(0.0, 1.0))
    return torch.cat([residual[:, :3] + (hiding - cover) * x, hiding], dim=1)


def _with_mirrored(x: Tensor) -> Tensor:
    """Return the faces (F, 3, S, S), then their mirror images, (2F, 3, S, S)."""
    return torch.cat([x, x.flip(3)])


def config_of(card: ModelCard) -> ElegantConfig:
    """Return the network that a card describes.

    Raises:
        ModelError: The card contradicts itself.
    """
    try:
        return ElegantConfig(attributes=card.attributes, crop_size=card.crop_size, **card.network)
    except (TypeError, ValueError) as error:
        raise ModelError(f"card of {card.name}: {error}; mend its [network] table") from error
