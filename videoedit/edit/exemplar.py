"""The face of a reference picture, aligned for who wants to see it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.detect.base import FaceDetector
from videoedit.edit.base import FaceEditor
from videoedit.errors import MediaError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.video.stills.arrays import read_image

CropOf: TypeAlias = Callable[[Image, Points], Image]


def read_face(path: str | Path, detector: FaceDetector, crop_of: CropOf, score: float = 0.0) -> Image:
    """Read a picture and cut out the largest of the faces that are at least as sure as `score`.

    Args:
        path: Picture.
        detector: Finds the face.
        crop_of: Cuts it out of the picture by its five points.
        score: Of the detector, 0 to 1.

    Raises:
        MediaError: The picture cannot be read or shows no face.
    """
    image = read_image(path)
    faces = [face for face in detector.detect([image])[0] if face.score >= score]
    if not faces:
        raise MediaError(f"no face in reference {path}; give a picture that shows a face from the front")
    return crop_of(image, max(faces, key=lambda face: face.size).points_xy)


def read_exemplar(path: str | Path, detector: FaceDetector, editor: FaceEditor, score: float = 0.0) -> Image:
    """Read a picture and cut out its largest face for an editor, (S, S, 3); see `read_face`."""

    def crop_of(image: Image, points_xy: Points) -> Image:
        size = editor.crop_size
        return warp_image(image, crop_from_points(points_xy, editor.template, size), size)

    return read_face(path, detector, crop_of, score)
