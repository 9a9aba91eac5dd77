"""Quieter points for the teacher's faces: another network's landmarks, mapped to the teacher's definition.

The teacher's own points tremble by several per cent of the eye distance. A landmark network trembles less but means
other places. One linear map, fitted over all training faces in the frame of the eyes, takes its landmarks to the
teacher's five points: the mean of the teacher stays, most of its noise goes.

Shapes: N faces, L landmarks. Landmarks come from a table: file, then x, y of each, in pixels; the first
`NUM_EYE` surround the eye on the left of the picture, the next `NUM_EYE` the other.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

NUM_EYE: Final = 8
"""Landmarks around each eye, at the beginning of a row."""
# fmt: off
FACE_LANDMARKER: Final = (
    33, 133, 159, 145, 160, 144, 158, 153, 263, 362, 386, 374, 387, 373, 385, 380, 468, 473, 1, 4, 2, 98, 327, 5, 168,
    61, 291, 0, 17, 13, 14, 78, 308, 40, 270, 84, 314, 152, 10, 234, 454,
)
# fmt: on
"""Numbers of MediaPipe Face Landmarker's points that were taken for the embedded detector, in the table's order."""
_RIDGE: Final = 1e-3
_ROUNDS: Final = 4  # of leaving out the worst faces and fitting again
_FARTHEST: Final = 0.2  # eye distances: a face whose landmarks disagree more keeps the teacher's points

Faces = Mapping[str, NDArray[np.float64]]  # (N, 15) by file, as `teacher.read_table` gives them
Landmarks = Mapping[str, NDArray[np.float64]]  # (N, L, 2) by file


def read_landmarks(table: str | Path) -> dict[str, NDArray[np.float64]]:
    """Return (N, L, 2) landmarks by file."""
    rows: dict[str, list[list[float]]] = {}
    with Path(table).open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file):
            if row[0] != "file":
                rows.setdefault(row[0], []).append([float(value) for value in row[1:]])
    return {name: np.array(faces).reshape(len(faces), -1, 2) for name, faces in rows.items()}


def fit_map(faces: Faces, landmarks: Landmarks) -> NDArray[np.float64]:
    """Fit the (2 L + 1, 10) map from landmarks to the teacher's points, both in the frame of the eyes."""
    pairs = [
        (in_eye_frame(near, near), in_eye_frame(near, face[4:14].reshape(5, 2)))
        for name, found in faces.items()
        for face in found
        if (near := nearest(face, landmarks.get(name))) is not None
    ]
    known = np.array([[*one.ravel(), 1.0] for one, _ in pairs])  # (N, 2 L + 1)
    wanted = np.array([other.ravel() for _, other in pairs])  # (N, 10)
    kept = np.ones(len(pairs), bool)
    for _ in range(_ROUNDS):
        gram = known[kept].T @ known[kept]
        fitted = np.linalg.solve(gram + _RIDGE * len(gram) * np.eye(len(gram)), known[kept].T @ wanted[kept])
        error = np.linalg.norm((known @ fitted - wanted).reshape(-1, 5, 2), axis=2).mean(axis=1)
        kept = error < 3 * np.median(error)
    result: NDArray[np.float64] = fitted
    return result


def quieted(
    faces: Faces, landmarks: Landmarks, points_from_landmarks: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Replace the points of every face that has landmarks; others keep what the teacher said."""
    return {
        name: np.array([_quiet(face, landmarks.get(name), points_from_landmarks) for face in found]).reshape(-1, 15)
        for name, found in faces.items()
    }


def nearest(face: NDArray[np.float64], candidates: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return the (L, 2) landmarks of this face, or None where no candidate's eyes are where the face's are."""
    if candidates is None:
        return None
    eyes = face[4:8].reshape(2, 2)
    distances = [np.linalg.norm(eye_centres(one) - eyes, axis=1).max() for one in candidates]
    best = int(np.argmin(distances))
    return candidates[best] if distances[best] < 0.2 * float(face[2]) else None


def eye_centres(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (2, 2), the middles of the eyes."""
    return np.stack([landmarks[:NUM_EYE].mean(axis=0), landmarks[NUM_EYE : 2 * NUM_EYE].mean(axis=0)])


def in_eye_frame(landmarks: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Express points with the middle of the eyes as origin and their line as the x axis of length 1."""
    origin, axis = _frame(landmarks)
    shifted = (points - origin) @ np.array([axis, [-axis[1], axis[0]]]).T
    framed: NDArray[np.float64] = shifted / (axis @ axis)
    return framed


def from_eye_frame(landmarks: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Undo `in_eye_frame`."""
    origin, axis = _frame(landmarks)
    placed: NDArray[np.float64] = points @ np.array([axis, [-axis[1], axis[0]]]) + origin
    return placed


def _frame(landmarks: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    left, right = eye_centres(landmarks)
    return (left + right) / 2, right - left


def _quiet(
    face: NDArray[np.float64], candidates: NDArray[np.float64] | None, points_from_landmarks: NDArray[np.float64]
) -> NDArray[np.float64]:
    landmarks = nearest(face, candidates)
    if landmarks is None:
        return face
    known = np.append(in_eye_frame(landmarks, landmarks).ravel(), 1.0)
    points = from_eye_frame(landmarks, (known @ points_from_landmarks).reshape(5, 2))
    eye_distance = float(np.linalg.norm(face[6:8] - face[4:6]))
    if np.linalg.norm(points - face[4:14].reshape(5, 2), axis=1).mean() > _FARTHEST * eye_distance:
        return face
    quiet = face.copy()
    quiet[4:14] = points.ravel()
    return quiet
