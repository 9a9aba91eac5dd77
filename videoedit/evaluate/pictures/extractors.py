"""Networks that turn pictures into features: the judge, and Inception and LPIPS as the user's TorchScript files.

Shapes: N pictures of S x S, D features.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from videoedit.errors import ModelError
from videoedit.evaluate.judging import batches
from videoedit.evaluate.pictures.distances import Features

_PLACE: Final = "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/"
INCEPTION_WANTED: Final = (
    f"no Inception weights; fetch {_PLACE}inception-2015-12-05.pt (clean-fid takes it too) and give it with --inception"
)
LPIPS_WANTED: Final = f"no LPIPS weights; fetch {_PLACE}vgg16.pt and give it with --lpips"

_INCEPTION_SIDE: Final = 299
_MIDDLE: Final = 128.0


class Inception:
    """Features of the Inception network of FID, resized as clean-fid does: bicubic, averaging first."""

    def __init__(self, path: str | Path) -> None:
        """Load a TorchScript file.

        Raises:
            ModelError: It is missing or none.
        """
        script = _load(Path(path), "Inception")
        self._network = getattr(script, "layers", script)  # the rest of NVIDIA's file resizes in its own way

    def features(self, images: NDArray[np.uint8]) -> Features:
        """Return (N, D) of pictures (N, S, S, 3)."""
        return _in_batches(images, lambda x: self._network((_resized(x) - _MIDDLE) / _MIDDLE).flatten(1))


class Lpips:
    """Distances between pictures as people see them (Zhang et al., CVPR 2018), by NVIDIA's VGG file."""

    def __init__(self, path: str | Path) -> None:
        """Load a TorchScript file.

        Raises:
            ModelError: It is missing or none.
        """
        self._network = _load(Path(path), "LPIPS")

    def distances(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return (N,) between pictures (N, S, S, 3) and others."""

        def features(x: Tensor) -> Tensor:
            found: Tensor = self._network(x, resize_images=False, return_lpips=True)
            return found

        apart = _in_batches(before, features) - _in_batches(after, features)
        squared: NDArray[np.float64] = np.square(apart).sum(axis=1)
        return squared


@torch.inference_mode()
def _in_batches(images: NDArray[np.uint8], network: Callable[[Tensor], Tensor]) -> Features:
    parts = [
        network(torch.from_numpy(np.ascontiguousarray(images[rows])).permute(0, 3, 1, 2).float()).numpy()
        for rows in batches(len(images))
    ]
    return np.concatenate(parts).astype(np.float64)


def _resized(x: Tensor) -> Tensor:
    side = (_INCEPTION_SIDE, _INCEPTION_SIDE)
    resized: Tensor = functional.interpolate(x, side, mode="bicubic", antialias=True)
    return resized


def _load(path: Path, what: str) -> Any:
    if not path.is_file():
        raise ModelError(f"no {what} weights at {path}; give the path of a TorchScript file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that TorchScript is old: both files exist in no newer form
            return torch.jit.load(str(path), map_location="cpu").eval()  # type: ignore[no-untyped-call]
    except RuntimeError as error:
        raise ModelError(f"cannot load {what} from {path}: not a TorchScript file; fetch it again") from error
