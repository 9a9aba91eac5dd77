"""ELEGANT's training: networks, optimisers and one step, in the order of the paper.

Symbols: a has the attribute, b has not; c is a after the exchange (without), d is b after it (with);
y are labels in {-1, 1}; x_rec a reconstruction; x_like is x moved and degraded anew, x_back what the exchange of
an edited face with x_like gives: a face without its glasses, shown a picture of them, must get just these back.
Nothing else in the paper's losses makes the code carry the exemplar's style. (With a cycle through both edited
faces instead, the network hides the style in the edited pixels; so these are cut from the gradient, and noise added.)
Shapes: B pairs, 3 x S x S crops, n attributes, L told labels (attributes, then context).
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from videoedit.align.regions import OVALS, region_of
from videoedit.datasets.celeba import FaceSet
from videoedit.device import training_autocast
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.nets.elegant import ElegantConfig, Skips, exchange
from videoedit.synthetic.makers import MAKERS
from videoedit.tensors import change_of, to_model
from videoedit.train.augment import AugmentConfig, Augmenter
from videoedit.train.distributed import part_ways
from videoedit.train.elegant import losses
from videoedit.train.elegant.base import EditorTask
from videoedit.train.elegant.sampling import MatchedSampler
from videoedit.train.elegant.sheets import edit_sheet
from videoedit.train.elegant.synthetic import SyntheticPairs
from videoedit.train.steps import as_channels_last, descend, follow_average, other_half, twice

_HIDING_NOISE = 0.06
"""Largest standard deviation of the noise that covers what an edited picture may hide."""
_EMPHASIS = 4.0
"""How much more a pixel inside the attribute's region counts when the attribute is given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElegantTrainConfig:
    """What is learned and how."""

    network: ElegantConfig
    frequencies: tuple[float, ...]
    """How often each attribute is drawn, in the network's order; any positive scale."""
    matched: tuple[str, ...] = ("Male", "Young", "Smiling", "Eyeglasses", "Wearing_Hat")
    """Labels in which A and B are alike."""
    context: tuple[str, ...] = ("Young", "Heavy_Makeup", "Gray_Hair", "Wearing_Hat", "Chubby")
    """Labels told to the discriminators beside the attributes."""
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Labels neither told nor matched while an attribute is edited, because they must be free to change with it, or
    because its positives all share them: mustaches would never be seen to be put on women."""
    batch_size: int = 8
    """Pairs in a step."""
    learning_rate: float = 2e-4
    iterations: int = 100_000
    """Steps of the whole training, after which the learning rate has fallen to a tenth."""
    cool_down: int = 2000
    """Last steps, over which it falls; before them it is constant."""
    average_decay: float = 0.999
    """Of the average of the generator's weights, which is what ships."""
    reconstruction: float = 10.0
    """Weight of L1(x, x_rec)."""
    reconstruct_every: int = 4
    """Steps between reconstructions, which are learned soon and cost a third of a step."""
    giving_back: float = 20.0
    """Weight of L1(x, x_back)."""
    mirror: float = 10.0
    """Weight of the likeness between what an exemplar gives and what its removal takes."""
    idle: float = 0.0
    """Weight of what a face without the attribute changes by when it gets that of another one without."""
    adversarial: float = 0.5
    """Weight of the discriminators' opinion of the edited faces."""
    removal: float = 1.0
    """How much more their opinion of faces that lost the attribute counts than that of those that got it."""
    unseen_detail: float = 0.5
    """Chance that the networks see a batch at half its size, while the edit is applied to the whole detail: as in a
    video, whose faces are larger than their crops. What is not seen can be covered, but not taken away by addition."""
    noise_penalty: float = 100.0
    """Weight of the discriminators' squared response to noise of `noise_sigma`: twice it, times the square of sigma,
    is the gamma of an R1 penalty."""
    noise_sigma: float = 0.1
    """Standard deviation of that noise, in units of [-1, 1]."""
    penalise_every: int = 2
    """Steps between penalties, which count so many times more."""
    synthetic: int = 1
    """Steps of the generator toward known results after each other step, where an attribute has synthetic pairs."""
    synthetic_weight: float = 20.0
    """Weight of the distance to their known results."""
    consistency: float = 1.0
    """Weight of the code that comes back from an edited face."""
    residual: tuple[float, ...]
    """Weight of mean |residual| of each attribute, in the network's order."""
    is_local: bool = True
    """Residuals are multiplied by the soft masks of their attributes' regions."""
    variation: float = 4.0
    """Weight of the variation between neighbouring pixels that the edit adds."""
    colour_variation: float = 8.0
    """Weight of that of the colours, beside that of the whole."""
    veil: float = 1.0
    """Weight of covers that neither show nor hide the face."""
    overflow: float = 10.0
    """Weight of values beyond [-1, 1]."""
    weight_decay: float = 0.0
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 0

    def __post_init__(self) -> None:
        if not len(self.frequencies) == len(self.residual) == len(self.network.attributes):
            raise ConfigError("train.elegant: frequencies and residual need one number per attribute")

    @property
    def told_labels(self) -> tuple[str, ...]:
        """Labels of the discriminators' planes, in order."""
        return self.network.attributes + self.context


class ElegantTask(EditorTask[ElegantTrainConfig]):
    """ELEGANT in training as it ships: what `average` holds is a running average of the generator's weights."""

    def __init__(
        self,
        config: ElegantTrainConfig,
        faces: FaceSet,
        sheet_faces: FaceSet,
        *,
        compiled: bool,
        device: str = "cpu",
    ) -> None:
        super().__init__(config, faces, sheet_faces, compiled=compiled, device=device)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self._noise = part_ways(torch.Generator(self._device).manual_seed(config.seed))
        self._samplers = [
            MatchedSampler(faces, name, [other for other in config.matched if other not in config.hidden.get(name, ())])
            for name in config.network.attributes
        ]
        self._augment = Augmenter(config.augment, config.network.crop_size)
        self._synthetic = {
            attribute: SyntheticPairs(MAKERS[name](faces, config.network.crop_size), self._augment)
            for attribute, name in enumerate(config.network.attributes)
            if name in MAKERS and config.synthetic > 0
        }
        self._masks = [self._region(name) for name in config.network.attributes]
        self._emphasis = [_emphasis_of(mask)[None, None] for mask in self._masks]
        self._told = np.stack([faces.column(name) for name in config.told_labels], axis=1)  # (N, L)

    @property
    def is_local(self) -> bool:
        """Whether residuals are bounded by regions, as the editor must bound them then."""
        return self._config.is_local

    def step(self, iteration: int) -> dict[str, float]:
        """Draw an attribute and a batch of pairs; one step of each side, then synthetic ones."""
        self._set_learning_rate(learning_rate_at(iteration, self._config))
        attribute = int(torch.multinomial(torch.tensor(self._config.frequencies), 1, generator=self._random))
        x, x_like, y_real, y_fake = self._draw(attribute)
        with training_autocast(self._device):
            is_reconstructed = iteration % self._config.reconstruct_every == 0
            loss_g, x_fake, numbers = self._generator_terms(x, x_like, attribute, is_reconstructed)
            x_shown, x_fake_shown = (self._shown(part, attribute) for part in (x, x_fake))
            loss_d = self._discriminator_loss(x_shown, x_fake_shown.detach(), y_real, y_fake, iteration)
            descend(self._discriminator_step, loss_d)
            adversarial = losses.generator_hinge(self._judge(x_fake_shown, y_fake), self._config.removal)
        descend(self._generator_step, loss_g + self._config.adversarial * adversarial)
        name = self._config.network.attributes[attribute]
        numbers |= {"d": loss_d.item(), "adv": adversarial.item(), f"res/{name}": numbers["res"]}
        for _ in range(self._config.synthetic if self._synthetic else 0):
            numbers |= self._synthetic_step()
        follow_average(self.average, self.generator, self._config.average_decay, iteration)
        return numbers

    def _synthetic_step(self) -> dict[str, float]:
        """One step of the generator toward results that are known; the discriminators are not asked."""
        often = torch.tensor([self._config.frequencies[attribute] for attribute in self._synthetic])
        attribute = list(self._synthetic)[int(torch.multinomial(often, 1, generator=self._random))]
        pairs = self._synthetic[attribute].draw(self._config.batch_size, self._random)
        x, wanted, known = (self._placed(part) for part in pairs)
        with training_autocast(self._device):
            z, skips = self._encode(self._as_seen(x))
            z_edit = exchange(z, other_half(z), self._config.network.blocks[attribute])
            layers = self._decode(z_edit, z, skips) * self._masks[attribute]
            x_fake = x + change_of(layers, x)
            missed = x_fake - (x + (wanted - x) * self._masks[attribute])
            distance = losses.weighted_pyramid_l1(missed, self._emphasis[attribute] * known)
            over, veil = losses.overflow(x_fake), losses.veil(layers[:, 3:])
            loss = self._config.synthetic_weight * distance + self._config.overflow * over + self._config.veil * veil
        descend(self._generator_step, loss)
        return {f"synthetic/{self._config.network.attributes[attribute]}": distance.item()}

    def _draw(self, attribute: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return A and B stacked (2B, 3, S, S), the same once more, their labels (2B, L) and those of C and D."""
        positives, negatives = self._samplers[attribute].draw(self._config.batch_size, self._random)
        rows = np.concatenate([positives, negatives])
        crops = self._augment(self._faces.images[rows], self._random)
        x, x_like = (self._placed(to_model(c)) for c in (crops, self._augment.again(crops, self._random)))
        y_real = torch.from_numpy(self._told[rows]).float()
        for name in self._config.hidden.get(self._config.network.attributes[attribute], ()):
            y_real[:, self._config.told_labels.index(name)] = 0.0
        y_fake = y_real.clone()
        y_fake[:, attribute] *= -1
        return x, x_like, y_real.to(self._device), y_fake.to(self._device)

    def _placed(self, x: Tensor) -> Tensor:
        return as_channels_last(x.to(self._device, non_blocking=True))

    def _as_seen(self, x: Tensor) -> Tensor:
        """Return the faces as the network may see them, now and then with less detail than they have."""
        if torch.rand(1, generator=self._random).item() >= self._config.unseen_detail:
            return x
        return as_channels_last(functional.interpolate(functional.avg_pool2d(x, 2), scale_factor=2, mode="bilinear"))

    def _shown(self, x: Tensor, attribute: int) -> Tensor:
        """Return what the discriminators see of pictures: all, but beside an oval, where hair would give men away."""
        is_oval = self._config.network.attributes[attribute] in OVALS
        return x * self._masks[attribute].square() if is_oval else x

    def _region(self, attribute: str) -> Tensor:
        name = attribute if self._config.is_local else ""  # without a region, the whole crop
        return torch.from_numpy(region_of(name, self._config.network.crop_size)).to(self._device)

    def _generator_terms(
        self, x: Tensor, x_like: Tensor, attribute: int, is_reconstructed: bool
    ) -> tuple[Tensor, Tensor, dict[str, float]]:
        """Return the non-adversarial loss, the edited faces C and D (2B, 3, S, S), and numbers to log."""
        config = self._config
        z, skips = self._encode(self._as_seen(x))
        z_edit = exchange(z, other_half(z), config.network.blocks[attribute])
        if is_reconstructed:
            both = self._decode(torch.cat([z_edit, z]), torch.cat([z, z]), twice(skips))
            layers, layers_rec = both.chunk(2)
        else:
            layers, layers_rec = self._decode(z_edit, z, skips), None
        layers = layers * self._masks[attribute]
        r_edit = change_of(layers, x)
        x_fake = x + r_edit
        z_fake, _ = self._encode(x_fake)
        r_remove, r_add = r_edit.chunk(2)
        weighted = {
            "back": (config.giving_back, self._giving_back(x, x_like, x_fake.detach(), attribute)),
            "mirror": (config.mirror, losses.mirror(r_add, r_remove, self._emphasis[attribute])),
            "code": (config.consistency, losses.code_consistency(z_fake.float(), z_edit.float())),
            "res": (config.residual[attribute], r_edit.abs().mean()),
            "tv": (config.variation, losses.added_variation(x, x_fake)),
            "ctv": (config.colour_variation, losses.added_colour_variation(x, x_fake)),
            "over": (config.overflow, losses.overflow(x_fake)),
            "veil": (config.veil, losses.veil(layers[:, 3:])),
        }
        if layers_rec is not None:
            weighted["rec"] = (config.reconstruction, change_of(layers_rec, x).abs().mean())
        elif config.idle > 0:
            weighted["idle"] = (config.idle, self._idle(x, z, skips, attribute))
        loss = torch.stack([weight * part for weight, part in weighted.values()]).sum()
        return loss, x_fake, {name: part.item() for name, (_, part) in weighted.items()}

    def _idle(self, x: Tensor, z: Tensor, skips: Skips, attribute: int) -> Tensor:
        """Exchange the attribute among the faces that lack it, the second half; return by how much they change."""
        x_bare, z_bare = (part.chunk(2)[1] for part in (x, z))
        bare_skips = tuple(skip.chunk(2)[1] for skip in skips)
        z_other = exchange(z_bare, z_bare.roll(1, dims=0), self._config.network.blocks[attribute])
        change = change_of(self._decode(z_other, z_bare, bare_skips), x_bare) * self._masks[attribute]
        return losses.weighted_l1(change, self._emphasis[attribute])

    def _giving_back(self, x: Tensor, x_like: Tensor, x_fake: Tensor, attribute: int) -> Tensor:
        """Edit the edited faces once more with their own picture as the exemplar; return the distance to it."""
        block = self._config.network.blocks[attribute]
        sigma = torch.rand(len(x), 1, 1, 1, generator=self._noise, device=self._device) * _HIDING_NOISE
        noise = torch.randn(x.shape, generator=self._noise, device=self._device)
        x_noisy = self._as_seen(as_channels_last(x_fake.clamp(-1, 1) + sigma * noise))
        z, skips = self._encode(torch.cat([x_noisy, x_like]))
        z_noisy, z_like = z.chunk(2)
        skips_noisy = tuple(skip[: len(x)] for skip in skips)
        z_back = exchange(z_noisy, z_like, block)
        r_back = change_of(self._decode(z_back, z_noisy, skips_noisy), x_fake) * self._masks[attribute]
        return losses.weighted_l1(x_fake + r_back - x, self._emphasis[attribute])

    def _discriminator_loss(self, x: Tensor, x_fake: Tensor, y_real: Tensor, y_fake: Tensor, iteration: int) -> Tensor:
        """Real pictures; edited ones; real ones said to be on the other side of the edited attribute."""
        logits = self._judge(torch.cat([x, x_fake, x]), torch.cat([y_real, y_fake, y_fake]))
        real, fake, mismatched = zip(*(scale.chunk(3) for scale in logits), strict=True)
        loss = losses.discriminator_hinge(real, fake, mismatched)
        if iteration % self._config.penalise_every:
            return loss
        both, y_both = torch.cat([x, x_fake]), torch.cat([y_real, y_fake])
        noise = torch.randn(both.shape, generator=self._noise, device=self._device)
        noisy = self._judge(as_channels_last(both + self._config.noise_sigma * noise), y_both)
        clean = [scale[: len(both)] for scale in logits]
        weight = self._config.noise_penalty * self._config.penalise_every
        return loss + weight * losses.noise_response(clean, noisy)

    def state(self) -> dict[str, Any]:
        """Return everything from which the training goes on exactly."""
        return super().state() | {
            "average": self.average.state_dict(),
            "noise": self._noise.get_state(),
            "noise_device": self._device.type,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up `state()`."""
        super().restore(state)
        self.average.load_state_dict(state["average"])
        if "noise" in state and self._device.type == state["noise_device"]:
            self._noise.set_state(state["noise"])
            part_ways(self._noise)

    def sample_sheet(self) -> Image:
        """Return rows of B | its edits by each attribute's exemplar, made by the averaged weights."""
        return edit_sheet(self.average, self._sheet_faces, self._masks)


def learning_rate_at(iteration: int, config: ElegantTrainConfig) -> float:
    """Return the learning rate of a step: constant, then falling linearly to a tenth."""
    left = (config.iterations - iteration) / max(config.cool_down, 1)
    return config.learning_rate * min(1.0, max(0.1, 0.1 + 0.9 * left))


def _emphasis_of(mask: Tensor) -> Tensor:
    """Return (1, 1, S, S) weights of mean 1, larger inside the attribute's region."""
    weight = 1 + (_EMPHASIS - 1) * mask
    return weight / weight.mean()
