"""Faces per second of the networks alone: by batch, by precision, compiled, and against the official network.

Speed does not hang on what was learned: the networks here have the shape of the model's card and drawn weights.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from videoedit.benchmark.stages import Cost
from videoedit.device import Precision, autocast, channels_last, resolve_device, synchronise
from videoedit.edit.elegant import config_of
from videoedit.errors import ConfigError, first_line
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.resources import load_card

OFFICIAL: Final = "official network, eager, fp32"
EAGER: Final = "eager, fp32"

_REPEATS: Final = 3
COMPARED_BATCH: Final = 8
"""Faces that every variant gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What one batch costs; the best of several."""

    device: str
    variant: str
    batch: int
    cost: Cost | None
    """None where the variant does not run here."""
    missing: str = ""
    """Why it does not."""


def batch_curve(model: str, device: str, batches: tuple[int, ...]) -> list[Speed]:
    """Time the network as it ships at several batch sizes."""
    generator = _generator(config_of(load_card(model)), device)
    return [_speed(generator, EAGER, device, batch) for batch in batches]


def variants(model: str, device: str, *, compiled: bool) -> list[Speed]:
    """Time one batch of the same faces by every variant, the official network last."""
    config = config_of(load_card(model))
    batch = COMPARED_BATCH
    speeds = [
        _speed(_generator(config, device), EAGER, device, batch),
        _speed(channels_last(_generator(config, device)), "eager, fp32, channels last", device, batch),
        _attempt(config, "eager, bf16", device, lambda generator: _in_precision(generator, "bf16", device)),
        _attempt(config, "eager, fp16", device, lambda generator: _in_precision(generator, "fp16", device)),
    ]
    if compiled:
        speeds.append(_attempt(config, "compiled, fp32", device, torch.compile))
    official = ElegantConfig(attributes=config.attributes)
    return [*speeds, _speed(_generator(official, device), OFFICIAL, device, batch)]


def _generator(config: ElegantConfig, device: str) -> ElegantGenerator:
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        generator = ElegantGenerator(config)
    return generator.eval().requires_grad_(False).to(resolve_device(device))


def _in_precision(generator: ElegantGenerator, precision: Precision, device: str) -> Callable[..., Tensor]:
    def run(crops: Tensor, z_other: Tensor, attribute: int) -> Tensor:
        with autocast(precision, resolve_device(device)):
            residual: Tensor = generator(crops, z_other, attribute)
            return residual

    autocast(precision, resolve_device(device))  # says now what this device lacks
    return run


def _attempt(
    config: ElegantConfig, variant: str, device: str, change: Callable[[ElegantGenerator], Callable[..., Tensor]]
) -> Speed:
    """Time a variant that may not run on this machine."""
    generator = _generator(config, device)
    try:
        return _speed(generator, variant, device, COMPARED_BATCH, change(generator))
    except (ConfigError, RuntimeError) as error:  # the compiler's errors are RuntimeErrors
        return Speed(device=device, variant=variant, batch=COMPARED_BATCH, cost=None, missing=first_line(error))


@torch.inference_mode()
def _speed(
    generator: ElegantGenerator, variant: str, device: str, batch: int, run: Callable[..., Tensor] | None = None
) -> Speed:
    size = generator.config.crop_size
    crops = torch.linspace(-1, 1, size).repeat(batch, 3, size, 1).to(resolve_device(device))
    z_other, _ = generator.encoder(crops)
    network = generator if run is None else run  # a compiled network has no truth value
    costs = []
    for repeat in range(_REPEATS + 1):
        start = Cost.now()
        network(crops, z_other, 0)
        synchronise(resolve_device(device))
        if repeat:  # the first one warms up
            costs.append(Cost.now() - start)
    return Speed(device=device, variant=variant, batch=batch, cost=min(costs, key=lambda cost: cost.on(device)))
