"""The face of a reference picture, aligned for an editor."""

from pathlib import Path

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.detect.base import FaceDetector
from videoedit.edit.base import FaceEditor
from videoedit.errors import MediaError
from videoedit.frames import Image
from videoedit.video.stills import read_image


def read_exemplar(path: str | Path, detector: FaceDetector, editor: FaceEditor, score: float = 0.0) -> Image:
    """Read a picture and cut out the largest of the faces that are at least as sure as `score`.

    Returns:
        (S, S, 3) crop for `editor`.

    Raises:
        MediaError: The picture cannot be read or shows no face.
    """
    image = read_image(path)
    faces = [face for face in detector.detect([image])[0] if face.score >= score]
    if not faces:
        raise MediaError(f"no face in reference {path}; give a picture that shows a face from the front")
    largest = max(faces, key=lambda face: face.size)
    return warp_image(image, crop_from_points(largest.points_xy, editor.template, editor.crop_size), editor.crop_size)
