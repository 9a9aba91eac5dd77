"""Where a detector's training begins, or ends between two.

A shipped file's batch norms were folded away, and it may have fewer blocks than the network that goes on. Every norm
gets the mean and the spread that it would have seen, and gives what was there before; blocks that are new add nothing
at first. So the network that goes on learning says what the file said. The mean of two gets norms of its own too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from videoedit.errors import ModelError
from videoedit.nets.detector import ConvNorm, FaceNet

_LEAST_VARIANCE: Final = 1e-4
_PREFIX: Final = "net."


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Return the weights of an exported detector by the names of the network's own, biases of the norms included.

    Raises:
        ModelError: The file cannot be read, or is not one of `export_detector`.
    """
    import onnx
    from google.protobuf.message import DecodeError
    from onnx import numpy_helper

    try:
        initializers = onnx.load(str(path)).graph.initializer
    except (OSError, DecodeError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    weights = {
        one.name.removeprefix(_PREFIX): torch.from_numpy(numpy_helper.to_array(one).copy())
        for one in initializers
        if one.name.startswith(_PREFIX)
    }
    if "stem.0.weight" not in weights:
        raise ModelError(f"{path} is not a detector that was exported here")
    return weights


@torch.no_grad()
def begin_from_folded(net: FaceNet, weights: dict[str, Tensor], batches: Sequence[Tensor]) -> None:
    """Give a network the weights of another without norms, which may have fewer blocks.

    Args:
        net: What goes on learning; left in evaluation mode.
        weights: From `read_weights`.
        batches: Pictures as the network takes them, (B, 3, H, W), by which its norms are fitted.

    Raises:
        ModelError: The network lacks some of the weights, or they are of other shapes.
    """
    own = dict(net.named_parameters())
    norms = {
        name: module[1]
        for name, module in net.named_modules()
        if isinstance(module, ConvNorm) and isinstance(module[1], nn.BatchNorm2d)
    }
    biases = {f"{name}.0.bias": name for name in norms}
    for name, values in weights.items():
        if name in own and own[name].shape == values.shape:
            own[name].copy_(values)
        elif name not in biases:
            raise ModelError(f"the network has no {name} of shape {tuple(values.shape)}")
    for name, norm in norms.items():
        is_new = f"{name}.0.weight" not in weights
        _pass_through(norm, weights.get(f"{name}.0.bias"), gain=0.0 if is_new and "pointwise" in name else 1.0)
    seen = _outputs_of(net.eval(), list(norms), batches)
    for name, norm in norms.items():
        _fit(norm, *seen[name])


@torch.no_grad()
def mix(net: FaceNet, one: nn.Module, other: nn.Module, share: float, batches: Sequence[Tensor]) -> None:
    """Give a network the mean of two, which have come from one beginning, and norms that fit it.

    Args:
        net: What gets the mean; left in evaluation mode.
        one: A network of the same shape.
        other: Another.
        share: Of the other, from 0 to 1.
        batches: As of `begin_from_folded`.
    """
    states = zip(one.state_dict().items(), other.state_dict().values(), strict=True)
    net.load_state_dict({name: torch.lerp(a.float(), b.float(), share) for (name, a), b in states})
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches
    net.train()
    for batch in batches:
        net(batch)
    net.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _pass_through(norm: nn.BatchNorm2d, bias: Tensor | None, *, gain: float) -> None:
    """Make a norm multiply by a gain, 0 where a new block ends, and add its bias."""
    norm.running_mean.zero_()  # type: ignore[union-attr]
    norm.running_var.fill_(1.0 - norm.eps)  # type: ignore[union-attr]
    norm.weight.fill_(gain)
    norm.bias.zero_() if bias is None else norm.bias.copy_(bias)


def _outputs_of(net: FaceNet, names: Sequence[str], batches: Sequence[Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """Return mean and variance, by channel, of what the convolution of every `ConvNorm` of these names gives."""
    sums: dict[str, list[Tensor]] = {name: [] for name in names}

    def note(name: str, values: Tensor) -> None:
        sums[name].append(torch.stack([values.mean(dim=(0, 2, 3)), values.square().mean(dim=(0, 2, 3))]))

    handles = [
        net.get_submodule(f"{name}.0").register_forward_hook(lambda _, __, values, name=name: note(name, values))
        for name in names
    ]
    for batch in batches:
        net(batch)
    for handle in handles:
        handle.remove()
    moments = {name: torch.stack(found).mean(dim=0) for name, found in sums.items()}
    return {name: (mean, square - mean.square()) for name, (mean, square) in moments.items()}


def _fit(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """Let a norm expect this mean and variance, and give what it gave."""
    variance = variance.clamp(min=_LEAST_VARIANCE)
    norm.running_mean.copy_(mean)  # type: ignore[union-attr]
    norm.running_var.copy_(variance)  # type: ignore[union-attr]
    norm.bias.add_(norm.weight * mean)
    norm.weight.mul_((variance + norm.eps).sqrt())
