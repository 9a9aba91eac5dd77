"""Who a face is, as an ArcFace model of the user says.

Shapes: B faces, E numbers of an embedding.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.from_frame import crop_of_frame
from videoedit.detect.insightface import load_network
from videoedit.errors import ModelError
from videoedit.faces import Points
from videoedit.frames import Frame, Image
from videoedit.geometry import Transform, fit_similarity

WANTED: Final = (
    "no recognition model; give an ArcFace file of insightface, such as w600k_r50.onnx of its buffalo_l pack, "
    "with --recognition-model"
)
"""Why identity is not measured, and what to do."""

_TEMPLATE_SIZE: Final = 112


class Recogniser(Protocol):
    """Tells whether two faces are one person's."""

    @property
    def reach(self) -> float:
        """Distance, 1 less the cosine of two embeddings, up to which they are taken for one person's."""
        ...

    def crop_of(self, picture: Frame | Image, points_xy: Points) -> Image:
        """Cut out a face by its five points."""
        ...

    def embeddings(self, crops: Sequence[Image]) -> NDArray[np.float64]:
        """Return (B, E) of unit length."""
        ...


class FaceRecogniser:
    """Runs one ONNX file through `insightface.model_zoo`."""

    reach = 0.6

    def __init__(self, path: str | Path) -> None:
        """Load the weights.

        Raises:
            ModelError: The file is missing, damaged, or no recognition model.
        """
        self._network, self._template = _load(Path(path))
        self._size: int = self._network.input_size[0]

    def crop_of(self, picture: Frame | Image, points_xy: Points) -> Image:
        """Align a face by its five points, as ArcFace was trained."""
        crop_from_picture: Transform = fit_similarity(points_xy, self._template * (self._size / _TEMPLATE_SIZE))
        if isinstance(picture, Frame):
            return crop_of_frame(picture, crop_from_picture, self._size)
        return warp_image(picture, crop_from_picture, self._size)

    def embeddings(self, crops: Sequence[Image]) -> NDArray[np.float64]:
        """Return (B, E) of unit length."""
        features = np.asarray(self._network.get_feat([crop[:, :, ::-1] for crop in crops]), dtype=np.float64)
        unit: NDArray[np.float64] = features / np.linalg.norm(features, axis=1, keepdims=True)
        return unit


def _load(path: Path) -> tuple[Any, NDArray[np.float64]]:
    wanted = "an ArcFace model in ONNX"
    network = load_network(path, wanted)
    if getattr(network, "taskname", "") != "recognition":
        raise ModelError(f"{path} is not a recognition model; give {wanted}")
    from insightface.utils.face_align import arcface_dst

    return network, np.asarray(arcface_dst, dtype=np.float64)
