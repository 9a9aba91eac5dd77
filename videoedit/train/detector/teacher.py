"""Ask a YuNet detector where the faces of a tar of pictures are, and keep the answers as a table.

The answers follow one convention: the picture is doubled (bilinear), detected, and halved again.
"""

import csv
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.errors import MediaError, ModelError

COLUMNS: Final = (
    "x",
    "y",
    "w",
    "h",
    "re_x",
    "re_y",
    "le_x",
    "le_y",
    "nose_x",
    "nose_y",
    "rm_x",
    "rm_y",
    "lm_x",
    "lm_y",
)
"""Box and points of a face in pixels; `re` and `rm` are on the left side of the picture."""
_LOWEST_SCORE: Final = 0.3  # below what is trusted, so that doubtful faces can be ignored


def open_teacher(path: str | Path, score: float = _LOWEST_SCORE) -> Any:
    """Load YuNet's ONNX file through OpenCV."""
    try:
        return cv2.FaceDetectorYN.create(str(path), "", (320, 320), score, 0.3, 200)
    except cv2.error as error:
        raise ModelError(f"cannot load the teacher from {path}: {error.err}") from error


def ask(teacher: Any, image_bgr: NDArray[np.uint8], enlarge: float = 2.0) -> NDArray[np.float64]:
    """Return (N, 15) faces: `COLUMNS` and the score, in pixels of the picture, surest first."""
    enlarged = cv2.resize(image_bgr, None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_LINEAR)
    teacher.setInputSize((enlarged.shape[1], enlarged.shape[0]))
    _, found = teacher.detect(enlarged)
    if found is None:
        return np.zeros((0, 15))
    faces: NDArray[np.float64] = found.astype(np.float64)
    faces[:, :14] /= enlarge
    surest_first: NDArray[np.float64] = faces[np.argsort(-faces[:, 14])]
    return surest_first


def write_table(pictures: str | Path, weights: str | Path, table: str | Path) -> int:
    """Write one CSV line per face of every picture in a tar; a picture without a face has one empty line.

    Returns:
        Number of faces.
    """
    teacher = open_teacher(weights)
    answers: dict[str, NDArray[np.float64]] = {}
    for name, jpeg in read_tar(pictures):
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise MediaError(f"{name} in {pictures} is not a readable JPEG; leave it out")
        answers[name] = ask(teacher, decoded.astype(np.uint8, copy=False))
    save_table(answers, table)
    return sum(len(faces) for faces in answers.values())


def save_table(answers: Mapping[str, NDArray[np.float64]], table: str | Path) -> None:
    """Write (N, 15) faces by file as CSV, one line per face; a picture without a face has one empty line."""
    with Path(table).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("file", *COLUMNS, "score"))
        for name, faces in answers.items():
            writer.writerows([name, *(f"{value:.3f}" for value in face)] for face in faces)
            if len(faces) == 0:
                writer.writerow([name])


def read_table(table: str | Path) -> dict[str, NDArray[np.float64]]:
    """Return (N, 15) faces by file, as `save_table` wrote them."""
    rows: dict[str, list[list[float]]] = {}
    with Path(table).open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if row[0] == "file":
                continue
            faces = rows.setdefault(row[0], [])
            if len(row) > 1:
                faces.append([float(value) for value in row[1:]])
    return {name: np.array(faces).reshape(-1, 15) for name, faces in rows.items()}


def read_tar(path: str | Path) -> Iterator[tuple[str, bytes]]:
    """Yield file name and bytes of every JPEG in a tar."""
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name.endswith(".jpg") else None
                if content is not None:
                    yield Path(member.name).name, content.read()
    except (OSError, tarfile.TarError) as error:
        raise MediaError(f"cannot read pictures from {path}: {error}") from error
