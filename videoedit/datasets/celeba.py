"""CelebA as aligned faces in memory: the official folder, or tar shards with CSV tables.

Shapes: N pictures of S x S pixels, L labels of -1 or 1.
"""

import csv
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.errors import ConfigError, MediaError
from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import transform_points

PARTITIONS: Final = {"train": 0, "val": 1, "test": 2}
_POINT_COLUMNS: Final = ("re_x", "re_y", "le_x", "le_y", "nose_x", "nose_y", "rm_x", "rm_y", "lm_x", "lm_y")


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Aligned faces with their labels."""

    images: NDArray[np.uint8]
    """(N, S, S, 3) RGB."""
    labels: NDArray[np.int8]
    """(N, L), -1 or 1."""
    names: tuple[str, ...]
    """File of each picture."""
    attributes: tuple[str, ...]
    """Name of each label."""
    points: NDArray[np.float64]
    """(N, 5, 2), five points of each face in pixels of its picture."""

    def column(self, attribute: str) -> NDArray[np.int8]:
        """Return one label of every picture, (N,)."""
        if attribute not in self.attributes:
            raise ConfigError(f"no label {attribute!r} in the data (known: {', '.join(self.attributes)})")
        return self.labels[:, self.attributes.index(attribute)]

    def rows(self, rows: NDArray[np.int64]) -> Self:
        """Return some of the pictures, in the order of their numbers (R,)."""
        names = tuple(self.names[row] for row in rows)
        return type(self)(self.images[rows], self.labels[rows], names, self.attributes, self.points[rows])

    def without_margin(self, margin: int) -> Self:
        """Return the pictures without so many pixels on each side."""
        end = self.images.shape[1] - margin
        inner = self.images[:, margin:end, margin:end]
        return type(self)(inner, self.labels, self.names, self.attributes, self.points - margin)


@dataclass(frozen=True, slots=True)
class CelebaIndex:
    """Which pictures there are, before any is decoded."""

    attributes: tuple[str, ...]
    labels: dict[str, NDArray[np.int8]]
    points: dict[str, Points]
    names: tuple[str, ...]
    """Pictures of the wanted partition that have a face, in file order."""


def load_faces(folder: str | Path, *, partition: str, size: int, margin: int = 0, limit: int = 0) -> FaceSet:
    """Decode and align one partition.

    Args:
        folder: `images-*.tar`, `labels.csv`, `landmarks5.csv`; or the official `list_attr_celeba.txt` and
            `list_eval_partition.txt` with the pictures in the wild (`img_celeba/`, `list_landmarks_celeba.txt`),
            which show more detail, or the small ones (`img_align_celeba/`, `list_landmarks_align_celeba.txt`).
        partition: `train`, `val` or `test`.
        size: Side of the crop in pixels.
        margin: Pixels kept around the crop on each side, at the crop's scale.
        limit: Stop after so many pictures; 0 for all.

    Returns:
        Pictures of (size + 2 margin) pixels.
    """
    root = Path(folder)
    index = read_index(root, partition)
    wanted = set(index.names[:limit] if limit else index.names)
    encoded = _from_shards(root, wanted) if _is_sharded(root) else _from_folder(root, wanted)

    def align_one(item: tuple[str, bytes]) -> tuple[str, tuple[Image, Points]]:
        return item[0], _aligned(item[0], item[1], index.points[item[0]], size, margin)

    with ThreadPoolExecutor(2) as pool:
        aligned = dict(pool.map(align_one, encoded))
    names = tuple(name for name in index.names if name in aligned)
    if not names:
        raise MediaError(f"{root} holds no picture of partition {partition!r}; check that its images are there")
    labels = np.stack([index.labels[name] for name in names])
    images, points = zip(*(aligned[name] for name in names), strict=True)
    return FaceSet(np.stack(images), labels, names, index.attributes, np.stack(points))


def read_index(folder: str | Path, partition: str) -> CelebaIndex:
    """Read labels and points of one partition, in either layout, without decoding a picture."""
    root = Path(folder)
    read = _sharded_index if _is_sharded(root) else _official_index
    return read(root, PARTITIONS[partition])


def read_landmarks(path: str | Path) -> dict[str, Points]:
    """Read `list_landmarks_align_celeba.txt`: five points by the stem of the picture's name, (5, 2) each.

    Raises:
        MediaError: It cannot be read, or has another layout.
    """
    try:
        _, points = _read_official(Path(path))
        return {Path(name).stem: xy.astype(np.float64).reshape(5, 2) for name, xy in points.items()}
    except (ValueError, IndexError) as error:
        raise MediaError(f"{path} is no list of CelebA's landmarks; give list_landmarks_align_celeba.txt") from error


def _is_sharded(root: Path) -> bool:
    return (root / "labels.csv").exists()


def _aligned(name: str, encoded: bytes, points_xy: Points, size: int, margin: int) -> tuple[Image, Points]:
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise MediaError(f"{name} is not a picture; restore the data set")
    crop_from_image = crop_from_points(points_xy, "elegant", size)
    crop_from_image[:, 2] += margin
    image = warp_image(np.asarray(decoded[:, :, ::-1], dtype=np.uint8), crop_from_image, size + 2 * margin)
    return image, transform_points(crop_from_image, points_xy)


def _sharded_index(root: Path, partition: int) -> CelebaIndex:
    rows = _read_table(root / "labels.csv")
    attributes = tuple(column for column in rows[0] if column not in ("file", "partition"))
    labels = {
        row["file"]: np.array([int(row[a]) for a in attributes], np.int8)
        for row in rows
        if int(row["partition"]) == partition
    }
    points = {
        row["file"]: np.array([float(row[c]) for c in _POINT_COLUMNS]).reshape(5, 2)
        for row in _read_table(root / "landmarks5.csv")
        if int(row["n_faces"]) == 1 and row["file"] in labels
    }
    return CelebaIndex(attributes, labels, points, tuple(name for name in labels if name in points))


def _official_index(root: Path, partition: int) -> CelebaIndex:
    attributes, labels = _read_official(root / "list_attr_celeba.txt")
    _, points = _read_official(root / _official_edition(root)[1])
    lines = _read_lines(root / "list_eval_partition.txt")
    members = [name for name, part in (line.split() for line in lines) if int(part) == partition]
    return CelebaIndex(
        attributes,
        {name: labels[name].astype(np.int8) for name in members},
        {name: points[name].astype(np.float64).reshape(5, 2) for name in members},
        tuple(members),
    )


def _official_edition(root: Path) -> tuple[str, str]:
    """Return the folder of the pictures and the file of their points: in the wild where these are there."""
    if (root / "img_celeba").is_dir():
        return "img_celeba", "list_landmarks_celeba.txt"
    return "img_align_celeba", "list_landmarks_align_celeba.txt"


def _read_official(path: Path) -> tuple[tuple[str, ...], dict[str, NDArray[np.int64]]]:
    """Read the official text layout: a count, the column names, then one line per picture."""
    lines = _read_lines(path)
    rows = (line.split() for line in lines[2:])
    return tuple(lines[1].split()), {row[0]: np.array(row[1:], np.int64) for row in rows if row}


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise MediaError(f"cannot read {path}: {error.strerror}; give the folder that holds CelebA") from error


def _read_table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_read_lines(path)))


def _from_shards(root: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    for shard in sorted(root.glob("images-*.tar")):
        with tarfile.open(shard) as archive:
            for member in archive:
                name = Path(member.name).name
                stream = archive.extractfile(member) if name in wanted else None
                if stream is not None:
                    yield name, stream.read()


def _from_folder(root: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    folder = root / _official_edition(root)[0]
    for name in sorted(wanted):
        try:
            yield name, (folder / name).read_bytes()
        except OSError as error:
            raise MediaError(f"cannot read {folder / name}: {error.strerror}; restore the data set") from error
