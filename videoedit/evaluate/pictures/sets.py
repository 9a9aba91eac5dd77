"""Pictures before and after an edit, read from folders and aligned alike.

Shapes: N pictures, S the side of the aligned crop.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.templates import TEMPLATE_SIZE, TEMPLATES, crop_from_points
from videoedit.detect.base import FaceDetector
from videoedit.edit.attributes import attribute_of
from videoedit.errors import ConfigError, MediaError
from videoedit.evaluate.pairs import COLUMNS, DIRECTIONS, Direction
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.judge.recognition import FaceRecogniser
from videoedit.video.stills.arrays import read_image

ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")

_TEMPLATE: Final = "elegant"


@dataclass(frozen=True, slots=True)
class EditName:
    """Which edit a set of pictures shows."""

    attribute: str
    direction: Direction

    @property
    def folder(self) -> str:
        """Name of the folder that holds such pictures, `Eyeglasses-add` for instance."""
        return f"{self.attribute}-{self.direction}"

    @property
    def opposite(self) -> "EditName":
        """The edit whose sources look like the results of this one."""
        return EditName(self.attribute, "remove" if self.direction == "add" else "add")


@dataclass(frozen=True, slots=True)
class Row:
    """Files of one edited picture."""

    source: Path
    edited: Path
    exemplar: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class PictureSet:
    """Aligned pictures of one edit; those whose source shows no face are left out."""

    sources: NDArray[np.uint8]
    """(N, S, S, 3)."""
    edited: NDArray[np.uint8]
    """(N, S, S, 3), cut out where the source's face is."""
    exemplars: NDArray[np.uint8] | None
    """(N, S, S, 3); None where the list of pairs does not tell."""
    likeness: NDArray[np.float64] | None
    """(N,) cosine between who a result and who its source is; None where nobody recognises faces."""
    num_skipped: int


class Finder(Protocol):
    """Finds where a picture's face is."""

    def points_xy(self, picture: Image) -> Points | None:
        """Return five points in pixels of the picture; None where there is no face."""
        ...


@dataclass(frozen=True, slots=True)
class LargestFace:
    """Finds the largest face of a picture."""

    detector: FaceDetector

    def points_xy(self, picture: Image) -> Points | None:
        """Detect."""
        faces = self.detector.detect([picture])[0]
        return max(faces, key=lambda face: face.size).points_xy if faces else None


class AlignedCrop:
    """Knows where the face is in a crop that was aligned before."""

    def points_xy(self, picture: Image) -> Points | None:
        """Return the template's points."""
        points: Points = TEMPLATES[_TEMPLATE] * (picture.shape[1] / TEMPLATE_SIZE)
        return points


def find_edits(edited: Path, attributes: Sequence[str], asked: EditName | None) -> dict[EditName, Path]:
    """Return the folder of every edit: `Eyeglasses-add` and the like, or the folder itself for the edit asked for.

    Raises:
        ConfigError: The folder is flat and no edit is named.
        MediaError: It is missing, or holds no such folder.
    """
    if not edited.is_dir():
        raise MediaError(f"{edited} is no folder; give the folder that holds the edited pictures")
    names = [EditName(attribute, direction) for attribute in attributes for direction in DIRECTIONS]
    found = {name: edited / name.folder for name in names if (edited / name.folder).is_dir()}
    if asked is not None:
        return {asked: found.get(asked, edited)}
    if not found:
        raise ConfigError(f"{edited} has no folders such as Eyeglasses-add; say with --attr what was edited")
    return found


def rows_of(source: Path, edited: Path, name: EditName, pairs: "Pairs | None") -> list[Row]:
    """Put pictures of one name together; endings may differ.

    Raises:
        MediaError: There is none, or the list of pairs names a picture that is missing.
    """
    sources, results = _by_stem(source), _by_stem(edited)
    if pairs is not None:
        rows = pairs.of(name)
        wanted = {stem for row in rows for stem in row} - sources.keys() | {row[0] for row in rows} - results.keys()
        if wanted:
            raise MediaError(f"no picture {min(wanted)} in {source} or {edited}, which the pairs name; restore it")
        chosen = [Row(sources[own], results[own], sources[exemplar]) for own, exemplar in rows]
    else:
        chosen = [Row(sources[stem], results[stem], None) for stem in sorted(sources.keys() & results.keys())]
    if not chosen:
        raise MediaError(f"no picture of {edited} has a source of its name in {source}; give matching folders")
    return chosen


def load_set(rows: Sequence[Row], finder: Finder, size: int, recogniser: FaceRecogniser | None) -> PictureSet:
    """Read and align the pictures of one edit.

    Raises:
        MediaError: A picture cannot be read, differs in size from its source, or no source shows a face.
    """
    sources, results, exemplars, likeness = [], [], [], []
    for row in rows:
        before, after = read_image(row.source), read_image(row.edited)
        if before.shape != after.shape:
            raise MediaError(f"{row.edited} and its source {row.source} differ in size; give pictures of one size")
        points_xy = finder.points_xy(before)
        exemplar = None if row.exemplar is None else _crop_of(row.exemplar, finder, size)
        if points_xy is None or (exemplar is None and row.exemplar is not None):
            continue
        crop_from_picture = crop_from_points(points_xy, _TEMPLATE, size)
        sources.append(warp_image(before, crop_from_picture, size))
        results.append(warp_image(after, crop_from_picture, size))
        if exemplar is not None:
            exemplars.append(exemplar)
        if recogniser is not None:
            one, other = recogniser.embeddings([recogniser.crop_of(image, points_xy) for image in (before, after)])
            likeness.append(one @ other)
    if not sources:
        raise MediaError(f"no face in any of {len(rows)} pictures such as {rows[0].source}; give pictures of faces")
    return PictureSet(
        sources=np.stack(sources),
        edited=np.stack(results),
        exemplars=np.stack(exemplars) if exemplars else None,
        likeness=np.array(likeness) if likeness else None,
        num_skipped=len(rows) - len(sources),
    )


def load_pictures(paths: Sequence[Path], finder: Finder, size: int) -> NDArray[np.uint8]:
    """Read and align pictures, (N, S, S, 3); those without a face are left out."""
    crops = [crop for path in paths if (crop := _crop_of(path, finder, size)) is not None]
    return np.stack(crops) if crops else np.zeros((0, size, size, 3), np.uint8)


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of a folder by name.

    Raises:
        MediaError: It is no folder.
    """
    return [path for _, path in sorted(_by_stem(folder).items())]


class Pairs:
    """The list of edits that `videoedit eval model` writes."""

    def __init__(self, path: Path, attributes: Sequence[str]) -> None:
        """Read a CSV of source, exemplar, attribute and direction.

        Raises:
            MediaError: It cannot be read, or lacks a column.
        """
        try:
            rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        except OSError as error:
            raise MediaError(f"cannot read {path}: {error.strerror}; give the pairs.csv of eval model") from error
        if not rows or not {*COLUMNS} <= rows[0].keys() or any(row["direction"] not in DIRECTIONS for row in rows):
            raise MediaError(f"{path} is no list of pairs; its columns must be {', '.join(COLUMNS)}")
        self._rows = [(Path(r["source"]).stem, Path(r["exemplar"]).stem, r["attribute"], r["direction"]) for r in rows]
        for attribute in {row[2] for row in self._rows}:
            attribute_of(attribute, attributes)

    def of(self, name: EditName) -> list[tuple[str, str]]:
        """Return stems of source and exemplar of one edit."""
        return [row[:2] for row in self._rows if row[2:] == (name.attribute, name.direction)]


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise MediaError(f"{folder} is no folder; give a folder of pictures")
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS}


def _crop_of(path: Path, finder: Finder, size: int) -> Image | None:
    picture = read_image(path)
    points_xy = finder.points_xy(picture)
    return None if points_xy is None else warp_image(picture, crop_from_points(points_xy, _TEMPLATE, size), size)
