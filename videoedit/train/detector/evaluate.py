"""Measure a face detector against its teacher on pictures it was not trained on; fixed seeds, one table.

Errors of points are in per cent of the distance between the eyes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.geometry import iou
from videoedit.train.detector.light import cover_faces, shadowed
from videoedit.train.detector.scenes import moved_picture
from videoedit.train.pictures import Picture, labels_of, load_celeba, load_lfw, turn_of

Finder: TypeAlias = Callable[[Image], Sequence[Face]]
"""Finds the faces of one picture; a detector's `detect` for a single picture."""

SURE: Final = 0.8
"""Faces of the teacher below this score are not asked for."""
SMALLEST: Final = 32.0
"""Nor faces whose longer side is shorter than this, in pixels."""
_DOUBTFUL: Final = 0.3
"""From this score of the teacher a face may be one."""
_HIT: Final = 0.5  # least overlap of a found face


@dataclass(frozen=True, slots=True)
class Case:
    """A picture and the faces that must be found in it."""

    image: Image
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a detector did on one set of pictures."""

    name: str
    num_pictures: int
    num_faces: int
    """Faces that must be found; 0 for a set of faceless pictures."""
    found: float
    """Share of these that was found."""
    point_error: float
    """Mean distance of the five points, in per cent of the eye distance."""
    offset: float
    """Largest mean displacement of any of the five points, in the same unit."""
    false_alarms: float
    """Share of faceless pictures in which something was found."""


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """Pictures kept from training."""

    lfw: Sequence[Picture]
    celeba: Sequence[Picture]
    glasses: frozenset[str]
    """Files of CelebA with eyeglasses."""

    @classmethod
    def load(
        cls, folder: str | Path, lfw_table: str | Path, celeba_table: str | Path = "", *, limit: int = 1000
    ) -> Self:
        """Read the held-out identities of LFW and the validation partition of CelebA, the latter up to a limit."""
        root = Path(folder)
        lfw = load_lfw(root / "lfw" / "images.tar", lfw_table, held_out=True)
        celeba = load_celeba(root / "celeba", partition=1, table=celeba_table)[:limit]
        lfw, celeba = ([picture for picture in pictures if picture.score >= SURE] for pictures in (lfw, celeba))
        labels = labels_of(root / "celeba", "Eyeglasses")
        return cls(lfw, celeba, frozenset(name for name, label in labels.items() if label == "1"))


def evaluate(detector: Finder, teacher: Finder, data: EvaluationData) -> list[Figures]:
    """Measure on all sets of pictures."""
    glasses = [picture for picture in data.celeba if picture.name in data.glasses]
    frontal = [picture for picture in data.celeba if turn_of(picture.faces[0]) < 0.15]
    everyone = [*data.lfw, *data.celeba]
    profiles = [picture for picture in everyone if turn_of(picture.faces[0]) > 0.5]
    rows = [
        measure("LFW, held-out people", detector, _cases(data.lfw)),
        measure("CelebA, validation", detector, _cases(data.celeba)),
        measure("CelebA, frontal", detector, _cases(frontal)),
        measure("CelebA, eyeglasses", detector, _cases(glasses)),
        measure("turned beyond three quarters", detector, _cases(profiles)),
        measure("LFW, rolled by 30 degrees", detector, _rolled(data.lfw, 30.0)),
        measure("LFW, half in the dark", detector, _half_dark(data.lfw)),
    ]
    rows += [measure(f"LFW, faces of {size} px", detector, _sized(data.lfw, size)) for size in (16, 24, 32, 64, 256)]
    rows.append(measure("LFW, faces cut away", detector, faceless(data.lfw, teacher)))
    rows.append(measure("CelebA, faces cut away", detector, faceless(data.celeba, teacher)))
    rows.append(measure("photographs of things", detector, (Case(image, ()) for image in photographs())))
    return rows


def evaluate_clip(name: str, detector: Finder, teacher: Finder, frames: Iterable[Image], size: int) -> list[Figures]:
    """Measure on frames of video, asking for what the teacher finds at the same input size.

    Args:
        name: Of the clip.
        detector: The one to measure.
        teacher: The one that says what there is.
        frames: At full size.
        size: Longer side of the picture to which both reduce a frame.

    Returns:
        Figures for the faces that are large enough in the reduced picture; for those that are so in the frame, where
        these are more; and for the frames in which the teacher does not even doubt.
    """
    seen = [(image, teacher(image)) for image in frames]
    shrink = min(1.0, size / max(seen[0][0].shape[:2]))
    rows = [measure(name, detector, _sure(seen, SMALLEST / shrink))]
    in_frame = measure(f"{name}, {SMALLEST:.0f} px in the frame", detector, _sure(seen, SMALLEST))
    if in_frame.num_faces > rows[0].num_faces:
        rows.append(in_frame)
    faceless = [Case(image, ()) for image, faces in seen if all(face.score < _DOUBTFUL for face in faces)]
    return [*rows, *([measure(f"{name}, frames without a face", detector, faceless)] if faceless else [])]


def measure(name: str, detector: Finder, cases: Iterable[Case]) -> Figures:
    """Measure on one set of pictures."""
    num_pictures = alarms = num_faces = 0
    errors: list[NDArray[np.float64]] = []
    for case in cases:
        found = detector(case.image)
        num_pictures += 1
        alarms += bool(found) and not case.faces
        num_faces += len(case.faces)
        errors += [error for face in case.faces if (error := _errors(face, found)) is not None]
    offsets = np.array(errors).reshape(-1, 5, 2)  # (hits, 5, 2)
    distances = np.linalg.norm(offsets, axis=2)
    return Figures(
        name=name,
        num_pictures=num_pictures,
        num_faces=num_faces,
        found=len(errors) / num_faces if num_faces else float("nan"),
        point_error=100 * float(distances.mean()) if errors else float("nan"),
        offset=100 * float(np.linalg.norm(offsets.mean(axis=0), axis=1).max()) if errors else float("nan"),
        false_alarms=float("nan") if num_faces else alarms / max(num_pictures, 1),
    )


def milliseconds(detector: Finder, image: Image, *, repeats: int = 40) -> float:
    """Return the median processor time of one picture, which other work on the machine does not change."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        detector(image)
        times.append(time.process_time() - start)
    return 1000 * float(np.median(times[repeats // 4 :]))


def as_table(rows: Sequence[Figures]) -> str:
    """Return a Markdown table."""
    lines = [
        "| set | pictures | faces | found | point error | offset | false alarms |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        found, alarms = (_percent(100 * value) for value in (row.found, row.false_alarms))
        faces = str(row.num_faces) if row.num_faces else "–"
        error, offset = _percent(row.point_error), _percent(row.offset)
        lines.append(f"| {row.name} | {row.num_pictures} | {faces} | {found} | {error} | {offset} | {alarms} |")
    return "\n".join(lines)


def photographs() -> Iterator[Image]:
    """Yield scikit-image's photographs without people or portraits, whole and in quarters: small things grow."""
    import skimage.data

    names = ("chelsea", "coffee", "rocket", "brick", "grass", "gravel", "moon", "hubble_deep_field", "text")
    pictures = [getattr(skimage.data, name)() for name in names] + [skimage.data.stereo_motorcycle()[0]]  # type: ignore[no-untyped-call]
    for picture in pictures:
        image = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture[:, :, :3]
        yield image
        height, width = image.shape[0] // 2, image.shape[1] // 2
        for top, left in ((0, 0), (0, width), (height, 0), (height, width)):
            yield np.ascontiguousarray(image[top : top + height, left : left + width])


def faceless(pictures: Sequence[Picture], teacher: Finder) -> Iterator[Case]:
    """Cut the faces away; a picture in which the teacher then sees a face elsewhere is left out."""
    for index, picture in enumerate(pictures):
        image = cover_faces(picture.image(), picture.faces, np.random.default_rng((1, index)))
        known = [row[:4] for row in picture.faces]
        if all(any(iou(face.box_xyxy, box) > 0.1 for box in known) for face in teacher(image)):
            yield Case(image, ())


def face_of(row: NDArray[np.float64]) -> Face:
    """Return the face of a (15,) row."""
    return Face(row[:4].copy(), row[4:14].reshape(5, 2).copy(), float(row[14]))


def _sure(seen: Sequence[tuple[Image, Sequence[Face]]], smallest: float) -> Iterator[Case]:
    for image, faces in seen:
        wanted = tuple(face for face in faces if face.score >= SURE and face.size >= smallest)
        if wanted:
            yield Case(image, wanted)


def _cases(pictures: Sequence[Picture]) -> Iterator[Case]:
    for picture in pictures:
        yield Case(picture.image(), (face_of(picture.faces[0]),))


def _rolled(pictures: Sequence[Picture], degrees: float) -> Iterator[Case]:
    for index, picture in enumerate(pictures):
        image, faces = moved_picture(picture, 1.0, np.deg2rad(degrees if index % 2 else -degrees))
        yield Case(image, (face_of(faces[0]),))


def _sized(pictures: Sequence[Picture], size: int) -> Iterator[Case]:
    for picture in pictures:
        image, faces = moved_picture(picture, size / face_of(picture.faces[0]).size, 0.0)
        yield Case(image, (face_of(faces[0]),))


def _half_dark(pictures: Sequence[Picture]) -> Iterator[Case]:
    for index, picture in enumerate(pictures):
        image = shadowed(picture.image(), picture.faces[0], direction=np.pi * (index % 2), softness=0.1, depth=0.75)
        yield Case(image, (face_of(picture.faces[0]),))


def _errors(face: Face, found: Sequence[Face]) -> NDArray[np.float64] | None:
    """Return (5, 2) displacements in eye distances of the best hit, or None."""
    best = max(found, key=lambda one: iou(one.box_xyxy, face.box_xyxy), default=None)
    if best is None or iou(best.box_xyxy, face.box_xyxy) < _HIT:
        return None
    eye_distance = float(np.linalg.norm(face.points_xy[1] - face.points_xy[0]))
    error: NDArray[np.float64] = (best.points_xy - face.points_xy) / max(eye_distance, 1e-6)
    return error


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1f} %"
