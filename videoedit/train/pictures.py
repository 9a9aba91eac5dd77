"""Pictures with known faces for the detector: LFW as the teacher sees it, CelebA with its table of points.

A face is (15,): box x0, y0, x1, y1, five points x, y, and a trust of 1 (learn it) or 0 (leave it alone).
"""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.errors import MediaError
from videoedit.frames import Image
from videoedit.train.detector.teacher import COLUMNS, read_table, read_tar

FaceRows = NDArray[np.float64]  # (N, 15)
TRUSTED_SCORE: Final = 0.6
_HELD_OUT_SHARE: Final = 10  # one identity in ten


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One compressed picture and its faces."""

    name: str
    """File it came from."""
    jpeg: bytes
    """Compressed picture."""
    faces: FaceRows
    """(N, 15), the surest first."""
    score: float = 1.0
    """How sure the teacher is of the first face."""
    is_faceless: bool = False
    """The row of `faces` is a place that was taken for a face and is none."""

    def image(self) -> Image:
        """Decode to RGB."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        if decoded is None:
            raise MediaError(f"{self.name} is not a readable JPEG")
        return decoded.astype(np.uint8, copy=False)


def is_held_out(name: str) -> bool:
    """Tell whether an LFW file belongs to an identity kept for evaluation.

    >>> is_held_out("Aaron_Peirsol_0001.jpg") == is_held_out("Aaron_Peirsol_0004.jpg")
    True
    """
    identity = name.rsplit("_", 1)[0]
    return int(hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest(), 16) % _HELD_OUT_SHARE == 0


def load_lfw(tar: str | Path, table: str | Path, *, held_out: bool) -> list[Picture]:
    """Return the pictures of one side of the split that the teacher finds a face in.

    Args:
        tar: Pictures.
        table: The teacher's answers, from `teacher.write_table`.
        held_out: True for the identities kept for evaluation.
    """
    answers = read_table(table)
    pictures = []
    for name, jpeg in read_tar(tar):
        found = answers.get(name, np.zeros((0, 15)))
        if is_held_out(name) == held_out and len(found) and found[0, 14] >= TRUSTED_SCORE:
            pictures.append(Picture(name, jpeg, _rows(found), float(found[0, 14])))
    return pictures


def load_celeba(folder: str | Path, *, partition: int, table: str | Path = "") -> list[Picture]:
    """Return the pictures of one official partition that hold exactly one face.

    Args:
        folder: `images-*.tar`, `labels.csv`, `landmarks5.csv`.
        partition: 0 for training, 1 for validation.
        table: Faces to take instead of those of `landmarks5.csv`, as `teacher.save_table` writes them.
    """
    root = Path(folder)
    partitions = labels_of(root, "partition")
    faces = read_table(table) if table else celeba_faces(root / "landmarks5.csv")
    return [
        Picture(name, jpeg, _rows(faces[name]), float(faces[name][0, 14]))
        for shard in sorted(root.glob("images-*.tar"))
        for name, jpeg in read_tar(shard)
        if partitions.get(name) == str(partition) and name in faces
    ]


def labels_of(folder: str | Path, column: str) -> dict[str, str]:
    """Return one column of CelebA's `labels.csv` by file."""
    with (Path(folder) / "labels.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"]: row[column] for row in csv.DictReader(file)}


def turn_of(face: NDArray[np.float64]) -> float:
    """Return how far a (15,) face is turned aside: 0 for frontal, about 0.5 for three quarters, more for profiles.

    The nose's distance from the middle of the eyes along the line of the eyes, in units of their distance.
    """
    eyes, nose = face[4:8].reshape(2, 2), face[8:10]
    line = eyes[1] - eyes[0]
    return float(abs((nose - eyes.mean(axis=0)) @ line) / max(float(line @ line), 1e-6))


def celeba_faces(table: str | Path) -> dict[str, FaceRows]:
    """Return the (1, 15) box x, y, w, h, points and score of every picture with one trusted face."""
    with Path(table).open(newline="", encoding="utf-8") as file:
        return {
            row["file"]: np.array([[float(row[column]) for column in (*COLUMNS, "score")]])
            for row in csv.DictReader(file)
            if row["n_faces"] == "1" and float(row["score"]) >= TRUSTED_SCORE
        }


def _rows(found: NDArray[np.float64]) -> FaceRows:
    rows = found.copy()  # (N, 15): x, y, w, h, points, score
    rows[:, 2:4] += rows[:, :2]
    rows[:, 14] = found[:, 14] >= TRUSTED_SCORE
    return rows
