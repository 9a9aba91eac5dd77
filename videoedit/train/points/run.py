"""The trainings of the points networks, of five points, lips and brows, from pictures to weights and card."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from videoedit.align.brows import LEFT, NUM_BROWS, RIGHT
from videoedit.align.brows import MIRRORED as MIRRORED_BROWS
from videoedit.align.lips import CORNERS, MIRRORED, NUM_LIPS
from videoedit.faces import Points
from videoedit.nets.points import BROWS_TEMPLATE, LIPS_TEMPLATE, PointsConfig, PointsNetwork
from videoedit.resources import ModelCard
from videoedit.train.detector.quiet import read_landmarks
from videoedit.train.job import TrainJob
from videoedit.train.loop import fit
from videoedit.train.pictures import Picture, load_celeba, load_lfw
from videoedit.train.points.export import export_brows, export_lips, export_points
from videoedit.train.points.task import AlignedFaces, PointsTask, PointsTrainConfig

Export: TypeAlias = Callable[[PointsNetwork, Path, str], ModelCard]

OUTLINES_WIDTH: Final = 24
"""Width of the networks that find outlines."""
# fmt: off
LANDMARKER_LIPS: Final = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 78, 95, 88, 178, 87, 14,
    317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)
LANDMARKER_BROWS: Final = (
    70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
)
# fmt: on
"""Numbers of MediaPipe Face Landmarker's points that the tables of the embedded networks' trainings begin with."""
_SAME_MOUTH: Final = 0.35
"""Distances between the eyes by which the corners of one mouth may differ between two teachers."""
_ABOVE_EYE: Final = 0.75
"""The same by which the middle of a brow may be away from the eye below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsJob(TrainJob):
    """One run of the training; `data` holds `lfw/images.tar` and `celeba/`."""

    faces: str
    """CSV of the teacher's faces for LFW."""
    iterations: int = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LipsJob(PointsJob):
    """One run of the training that finds lips."""

    lips: tuple[str, ...]
    """CSV tables of another network's landmarks, `quiet.read_landmarks`, which begin with those of `align.lips`."""
    iterations: int = 9_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowsJob(PointsJob):
    """One run of the training that finds brows."""

    brows: tuple[str, ...]
    """CSV tables of another network's landmarks, which begin with those of `align.brows`."""
    iterations: int = 9_000


def run_points(job: PointsJob) -> int:
    """Train, resuming exactly where there is something to resume; return the steps done in all."""
    config = PointsTrainConfig(iterations=job.iterations)
    return _run(job, config, AlignedFaces.of(_pictures_of(job), config.network.crop_size), export_points)


def run_lips(job: LipsJob) -> int:
    """Train what finds the outlines of lips; see `run_points`."""
    network = PointsConfig(num_points=NUM_LIPS, width=OUTLINES_WIDTH)
    config = PointsTrainConfig(network=network, mirrored=MIRRORED, iterations=job.iterations)
    pictures = _pictures_of(job)
    faces = AlignedFaces.of(pictures, network.crop_size, LIPS_TEMPLATE, lips_of(pictures, job.lips))
    return _run(job, config, faces, export_lips)


def run_brows(job: BrowsJob) -> int:
    """Train what finds the outlines of brows; see `run_points`."""
    network = PointsConfig(num_points=NUM_BROWS, width=OUTLINES_WIDTH)
    config = PointsTrainConfig(network=network, mirrored=MIRRORED_BROWS, iterations=job.iterations)
    pictures = _pictures_of(job)
    faces = AlignedFaces.of(pictures, network.crop_size, BROWS_TEMPLATE, brows_of(pictures, job.brows))
    return _run(job, config, faces, export_brows)


def lips_of(pictures: Sequence[Picture], tables: Iterable[str]) -> dict[str, Points]:
    """Return the lips, (40, 2) by file, that landmarks tell of the surest face of each picture."""

    def away(outlines: Points, points_xy: Points) -> Points:
        return np.asarray(np.linalg.norm(outlines[:, list(CORNERS)] - points_xy[3:], axis=2).max(axis=1), np.float64)

    return _nearest(pictures, tables, NUM_LIPS, away, _SAME_MOUTH)


def brows_of(pictures: Sequence[Picture], tables: Iterable[str]) -> dict[str, Points]:
    """Return the brows, (20, 2) by file, that landmarks tell of the surest face of each picture."""

    def away(outlines: Points, points_xy: Points) -> Points:
        middles = np.stack([outlines[:, list(half)].mean(axis=1) for half in (LEFT, RIGHT)], axis=1)
        return np.asarray(np.linalg.norm(middles - points_xy[:2], axis=2).max(axis=1), np.float64)

    return _nearest(pictures, tables, NUM_BROWS, away, _ABOVE_EYE)


def _nearest(
    pictures: Sequence[Picture],
    tables: Iterable[str],
    count: int,
    away: Callable[[Points, Points], Points],
    most: float,
) -> dict[str, Points]:
    """Return the outlines (P, 2) by file, of those in tables, that are nearest to the surest face of each picture.

    Args:
        pictures: Their faces have five points.
        tables: See `quiet.read_landmarks`.
        count: P; what a table tells beyond it is left out.
        away: How far outlines (N, P, 2) are from where a face's five points (5, 2) want them, (N,) in pixels.
        most: Of that, in distances between the eyes, what may still be the same face.
    """
    found = {name: faces[:, :count] for table in tables for name, faces in read_landmarks(table).items()}
    nearest = {}
    for picture in pictures:
        points_xy = picture.faces[0, 4:14].reshape(5, 2)
        eyes = float(np.linalg.norm(points_xy[1] - points_xy[0]))
        outlines = found.get(picture.name, np.zeros((0, count, 2)))
        ways = away(outlines, points_xy)
        if len(ways) and ways.min() < most * eyes:
            nearest[picture.name] = outlines[int(ways.argmin())]
    return nearest


def _run(job: PointsJob, config: PointsTrainConfig, faces: AlignedFaces, export: Export) -> int:
    loop = job.begin(log_every=200)
    task = PointsTask(config, faces)
    done = fit(task, loop)
    if job.export:
        export(task.average, Path(job.out), job.export)
    return done


def _pictures_of(job: PointsJob) -> list[Picture]:
    data = Path(job.data)
    pictures = load_celeba(data / "celeba", partition=0)
    return pictures + load_lfw(data / "lfw" / "images.tar", job.faces, held_out=False)
