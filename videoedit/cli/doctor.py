"""`videoedit doctor`: what this machine has, what is missing, and what to put in a bug report."""

import argparse
import importlib
import importlib.util
import platform
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from videoedit.errors import ModelError, VideoEditError

DEPENDENCIES: Final = {
    "torch": "torch",
    "av": "av",
    "insightface": "insightface",  # before onnxruntime: it turns that library's telemetry off
    "onnxruntime": "onnxruntime",
    "opencv-python": "cv2",
    "numpy": "numpy",
    "scikit-image": "skimage",
    "tifffile": "tifffile",
    "tqdm": "tqdm",
    "safetensors": "safetensors",
}
"""Module of every package that a run needs."""

OPTIONAL: Final = {"tensorboard": "tensorboard"}
"""Module of every package that only a training needs."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "doctor",
        help="check the installation",
        description="Says what this machine has, what is missing, and what belongs into a bug report.",
    )
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Print the facts, then one line per check; fail if any check fails."""
    from videoedit import __version__

    print(f"videoedit {__version__}, Python {platform.python_version()}, {platform.platform()}")
    failures = [name for name, check in _checks() if not _passes(name, check)]
    if failures:
        raise ModelError(f"checks failed: {', '.join(failures)}; see the lines marked FAIL")


def _checks() -> Iterator[tuple[str, Callable[[], str]]]:
    for package, module in DEPENDENCIES.items():
        yield package, partial(_version_of, module)
    for package, module in OPTIONAL.items():
        yield package, partial(_version_if_any, module)
    yield "device", _device
    yield "models", _models
    yield "cache", _cache


def _passes(name: str, check: Callable[[], str]) -> bool:
    """Run one check and print what it found."""
    try:
        print(f"ok    {name}: {check()}")
    except (ImportError, OSError, VideoEditError) as error:
        print(f"FAIL  {name}: {error}")
        return False
    return True


def _version_of(module: str) -> str:
    """Import the module, which finds missing system libraries too."""
    return str(getattr(importlib.import_module(module), "__version__", "of unknown version"))


def _version_if_any(module: str) -> str:
    return _version_of(module) if importlib.util.find_spec(module) else "not installed; only trainings use it"


def _device() -> str:
    from videoedit.device import describe

    return ", ".join(f"{name} {value}" for name, value in describe().items())


def _models() -> str:
    from videoedit.resources import list_cards, verify

    cards = list_cards()
    for card in cards:
        verify(card)
    return ", ".join(card.name for card in cards) or "none"


def _cache() -> str:
    """Say where imported models go; the folder is made only when something is put there."""
    from videoedit.resources import cache_dir

    return str(cache_dir())
