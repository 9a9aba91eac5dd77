"""What a face detector is, and the names under which detectors are known."""

from collections.abc import Sequence
from typing import Protocol

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.registry import Registry


class FaceDetector(Protocol):
    """Finds faces; holds weights but no memory of earlier pictures."""

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        """Return one list of faces per RGB picture, in its own pixels, surest face first."""
        ...


detectors: Registry[FaceDetector] = Registry("detector")
