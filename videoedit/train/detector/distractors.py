"""Places that a detector takes for faces and that are none, found in training pictures, for it to unlearn.

A distractor is kept as a picture twice as wide and high as the box that was seen, the box in its middle.
"""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.geometry import overlap_of_smaller
from videoedit.train.detector.evaluate import Finder
from videoedit.train.detector.light import cover_faces
from videoedit.train.detector.teacher import read_tar
from videoedit.train.pictures import Picture

_SIDES: Final = (64, 320)
"""Least and greatest side of a kept picture."""
_APART: Final = 0.2
"""Overlap, as a share of the smaller box, up to which a find has nothing to do with a known face."""
_QUALITY: Final = 92


def mined(detector: Finder, teacher: Finder, pictures: Iterable[Picture]) -> Iterator[Image]:
    """Yield what the detector takes for a face, in pictures as they are and with their faces cut away.

    Args:
        detector: Asked with a low score, so that near misses are found too.
        teacher: Whatever it takes for a face in the kept picture is not kept.
        pictures: Training pictures; all their faces are known.
    """
    for index, picture in enumerate(pictures):
        image, known = picture.image(), picture.faces[:, :4]
        alarms = [(image, face) for face in detector(image) if _is_apart(face, known)]
        covered = cover_faces(image, picture.faces, np.random.default_rng((2, index)))
        alarms += [(covered, face) for face in detector(covered)]
        for seen, face in alarms:
            cut = _surroundings_of(seen, face.box_xyxy)
            if not teacher(cv2.resize(cut, (_SIDES[1], _SIDES[1])).astype(np.uint8, copy=False)):
                yield cut


def save_distractors(images: Iterable[Image], tar: str | Path) -> int:
    """Write pictures to a tar of numbered JPEGs; return how many."""
    count = 0
    with tarfile.open(tar, "w") as archive:
        for image in images:
            _, jpeg = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            member = tarfile.TarInfo(f"{count:06d}.jpg")
            member.size = jpeg.nbytes
            archive.addfile(member, io.BytesIO(jpeg.tobytes()))
            count += 1
    return count


def load_distractors(tar: str | Path) -> list[Picture]:
    """Return the pictures of a tar, each with its one row: the box in the middle, which is no face."""
    return [Picture(name, jpeg, _middle(jpeg), is_faceless=True) for name, jpeg in read_tar(tar)]


def _is_apart(face: Face, known: NDArray[np.float64]) -> bool:
    return all(overlap_of_smaller(face.box_xyxy, box) <= _APART for box in known)


def _surroundings_of(image: Image, box: Sequence[float] | NDArray[np.float64]) -> Image:
    """Cut out a box with half its size on every side; edges are drawn out where the picture ends."""
    left, top, right, bottom = (float(edge) for edge in box)
    extent = np.array([right - left, bottom - top]) * 2
    zoom = float(np.clip(1.0, _SIDES[0] / extent.min(), _SIDES[1] / extent.max()))
    width, height = np.maximum(np.round(extent * zoom), 1).astype(int).tolist()
    corner = np.array([left + right, top + bottom]) / 2 - extent / 2
    cut_from_image = np.column_stack([np.eye(2) * zoom, -corner * zoom])
    cut = cv2.warpAffine(image, cut_from_image, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return cut.astype(np.uint8, copy=False)


def _middle(jpeg: bytes) -> NDArray[np.float64]:
    height, width = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).shape  # type: ignore[union-attr]
    row = np.zeros((1, 15))
    row[0, :4] = width / 4, height / 4, width * 3 / 4, height * 3 / 4
    return row
