"""Detectors in SCRFD's ONNX layout, run by insightface: the embedded one, or any `buffalo_*` or SCRFD file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from videoedit.detect.base import detectors
from videoedit.detect.fit import MULTIPLE, Fitted
from videoedit.errors import ModelError
from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.geometry import overlap_of_smaller
from videoedit.resources import load_card, verify
from videoedit.signals import held_back

EMBEDDED = "face-detector"
"""Name of the embedded detector's card."""

_SMALLEST_LOOK: Final = 256
"""Longer side below which a picture is not reduced for one more look."""
_SAME_FACE: Final = 0.5
"""Overlap, as a share of the smaller box, above which two looks have seen the same face, or a part of it."""

CPU: Final = ("CPUExecutionProvider",)
"""The execution providers that every machine has."""


@detectors.register("insightface")
class InsightFaceDetector:
    """Runs one ONNX file through `insightface.model_zoo`."""

    def __init__(
        self,
        weights: str | Path = EMBEDDED,
        *,
        size: int = 640,
        score: float = 0.5,
        num_threads: int = 1,
        providers: Sequence[str] = CPU,
    ) -> None:
        """Load the weights.

        Args:
            weights: Name of a model card, or the path of an ONNX file.
            size: Longer side of the network's input in pixels, a multiple of 32; larger pictures are reduced to it.
                A picture is also seen at half this size, and at half of that, for networks know no very large faces.
            score: Faces below this are not reported.
            num_threads: Threads of ONNX Runtime within one picture.
            providers: ONNX Runtime's execution providers, the preferred first.

        Raises:
            ModelError: The file is missing, damaged, or not a face detector with five points.
        """
        if size < MULTIPLE or size % MULTIPLE:
            raise ValueError(f"size must be a positive multiple of {MULTIPLE}, got {size}")
        if not 0.0 < score < 1.0:
            raise ValueError(f"score must be between 0 and 1, got {score}")
        self.size = size
        self.score = score
        self._network = _load(_weights_path(weights), num_threads, providers)

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return one list of faces per RGB picture, in its own pixels, surest face first."""
        return [self._faces(image) for image in images]

    def _faces(self, image: Image) -> list[Face]:
        side = min(self.size, max(image.shape[:2]))
        looks = [self._faces_at(image, side)]
        while (side := side // 2) >= _SMALLEST_LOOK:
            looks.append(self._faces_at(image, side))
        return _united(looks)

    def _faces_at(self, image: Image, size: int) -> list[Face]:
        fitted = Fitted.of(image, size)
        height, width = fitted.image.shape[:2]
        bgr = cv2.cvtColor(fitted.image, cv2.COLOR_RGB2BGR)  # several times as fast as a reversed copy
        boxes, points = self._network.detect(bgr, input_size=(width, height), det_thresh=self.score)
        order = np.argsort(-boxes[:, 4], kind="stable")
        return [fitted.face(boxes[row, :4], points[row], boxes[row, 4]) for row in order]


def _united(looks: Sequence[Sequence[Face]]) -> list[Face]:
    """Return the faces of all looks, surest first, each from the look that is surest of it."""
    kept: list[tuple[int, Face]] = []
    seen = [(number, face) for number, faces in enumerate(looks) for face in faces]
    for number, face in sorted(seen, key=lambda one: -one[1].score):
        others = (other for look, other in kept if look != number)
        if all(overlap_of_smaller(face.box_xyxy, other.box_xyxy) <= _SAME_FACE for other in others):
            kept.append((number, face))
    return [face for _, face in kept]


def _weights_path(weights: str | Path) -> Path:
    if str(weights).endswith(".onnx"):
        return Path(weights)
    card = load_card(weights, "detector")
    verify(card)
    return card.weights_path


def load_network(path: Path, wanted: str, *, num_threads: int = 1, providers: Sequence[str] = CPU) -> Any:
    """Load any of insightface's networks; nothing is downloaded and nothing printed.

    Args:
        path: ONNX file.
        wanted: What the file should be, for the messages.
        num_threads: Threads of ONNX Runtime within one picture.
        providers: ONNX Runtime's execution providers, the preferred first.

    Raises:
        ModelError: The file is missing or damaged.
    """
    if not path.is_file():
        raise ModelError(f"no weights at {path}; give {wanted}")
    with held_back():
        import insightface.model_zoo  # before onnxruntime, so that insightface's switches against telemetry hold
        import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return insightface.model_zoo.get_model(
            str(path), sess_options=options, providers=list(providers), static_shape_sessions=False
        )
    except Exception as error:  # ONNX Runtime's errors share no public base class
        raise ModelError(f"cannot load {path}: {error}; give {wanted}") from error


def _load(path: Path, num_threads: int, providers: Sequence[str]) -> Any:
    wanted = "an ONNX file in SCRFD's layout"
    network = load_network(path, wanted, num_threads=num_threads, providers=providers)
    if getattr(network, "taskname", "") != "detection" or not getattr(network, "use_kps", False):
        raise ModelError(f"{path} is not a face detector with five points; give {wanted}")
    return network
