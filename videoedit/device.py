"""Where and how the networks run: device, precision and the one budget of threads.

The only file that asks PyTorch about accelerators.
"""

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Literal, TypeAlias, TypeVar

import cv2
import torch

from videoedit.errors import ConfigError, ModelError
from videoedit.registry import unknown_name
from videoedit.wording import counted

M = TypeVar("M", bound=torch.nn.Module)

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "fp16"]

DEVICES: Final = ("auto", "cpu", "cuda", "cuda:N", "mps")
_budget: Final = [0]
"""What `set_num_threads` was told last in this process; 0 where it was told nothing."""
DTYPES: Final[dict[str, torch.dtype]] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def resolve_device(name: str = "auto") -> torch.device:
    """Find the device the user means; `auto` takes CUDA, then MPS, then the CPU.

    >>> resolve_device("cpu")
    device(type='cpu')

    Raises:
        ConfigError: There is no device of that name.
        ModelError: This machine does not have it.
    """
    kind, _, number = name.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (number and not (kind == "cuda" and number.isdecimal())):
        raise ConfigError(unknown_name("device", name, DEVICES))
    if kind == "auto":
        return torch.device("cuda" if num_cuda_devices() else "mps" if _has_mps() else "cpu")
    if kind == "cuda" and int(number or 0) >= num_cuda_devices():
        raise ModelError(
            f"no device {name}: PyTorch sees {counted(num_cuda_devices(), 'CUDA device')}; use auto or cpu"
        )
    if kind == "mps" and not _has_mps():
        raise ModelError("no device mps: PyTorch does not see Apple's Metal here; use auto or cpu")
    return torch.device(name)


def resolve_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """Choose the type the networks compute in; `auto` is float16 on CUDA and float32 elsewhere.

    float16 has three more bits than bfloat16 for a residual that ends in 8-bit or 10-bit pixels,
    and the networks keep their normalisation in float32.

    Raises:
        ConfigError: There is no such precision, or the device lacks it.
    """
    if precision == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    if precision not in DTYPES:
        raise ConfigError(unknown_name("precision", precision, ("auto", *DTYPES)))
    if precision == "fp16" and device.type == "cpu":
        raise ConfigError("precision fp16 needs an accelerator; use bf16 or fp32 on the CPU")
    return DTYPES[precision]


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which networks run in the chosen precision."""
    dtype = resolve_precision(precision, device)
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)


def training_autocast(device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which networks learn in bfloat16; in float32 on CPUs without it, ten times as fast there."""
    is_supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)  # PyTorch without oneDNN: none
    has_bfloat16 = device.type != "cpu" or bool(is_supported())
    return autocast("bf16" if has_bfloat16 else "fp32", device)


def channels_last(network: M) -> M:
    """Lay a network's weights out with the channels last, which convolutions run fastest on."""
    untyped: Any = network  # PyTorch's stubs know this overload in some releases only
    laid_out: M = untyped.to(memory_format=torch.channels_last)
    return laid_out


def num_cuda_devices() -> int:
    """Return how many CUDA devices PyTorch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def synchronise(device: torch.device) -> None:
    """Wait until a device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def devices_here() -> tuple[str, ...]:
    """Return the names of the devices of this machine, the CPU first."""
    best = resolve_device("auto").type
    return ("cpu",) if best == "cpu" else ("cpu", best)


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def has_display() -> bool:
    """Return whether there is a screen for windows; without one on Linux, OpenCV would end the process."""
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def set_num_threads(num_threads: int) -> None:
    """Share one budget of threads between PyTorch, OpenCV and FFmpeg's decoders and encoders.

    Raises:
        ConfigError: It is less than 1.
    """
    if num_threads < 1:
        raise ConfigError(f"the number of threads must be at least 1, got {num_threads}")
    torch.set_num_threads(num_threads)
    cv2.setNumThreads(num_threads)
    _budget[0] = num_threads


def thread_budget() -> int:
    """Return the threads that one decoder or encoder may use; 0 lets FFmpeg choose."""
    return _budget[0]


def describe() -> dict[str, str]:
    """Return what a bug report should say about this machine."""
    facts = {"cores": str(num_cores()), "threads": str(torch.get_num_threads()), "cuda": torch.version.cuda or "none"}
    for index in range(num_cuda_devices()):
        properties = torch.cuda.get_device_properties(index)
        facts[f"cuda:{index}"] = f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if _has_mps():
        facts["mps"] = "available"
    return facts | {"device auto": str(resolve_device("auto"))}


def _has_mps() -> bool:
    return torch.backends.mps.is_available()
