"""`videoedit eval images` from its settings to the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from videoedit.datasets.celeba import read_landmarks
from videoedit.detect.base import FaceDetector, detectors
from videoedit.edit.attributes import attribute_of
from videoedit.errors import ConfigError
from videoedit.evaluate.folder import made_folder, write_text
from videoedit.evaluate.pairs import DIRECTIONS
from videoedit.evaluate.pictures.extractors import Inception, Lpips
from videoedit.evaluate.pictures.landmarks import LandmarkError, landmark_error
from videoedit.evaluate.pictures.measure import Tools, measure_set
from videoedit.evaluate.pictures.report import PicturesReport
from videoedit.evaluate.pictures.sets import (
    AlignedCrop,
    EditName,
    Finder,
    LargestFace,
    Pairs,
    PictureSet,
    Row,
    find_edits,
    load_pictures,
    load_set,
    pictures_in,
    rows_of,
)
from videoedit.faces import Points
from videoedit.judge.attributes import EMBEDDED, AttributeJudge
from videoedit.judge.recognition import FaceRecogniser
from videoedit.video.stills.arrays import read_image


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesJob:
    """What is compared, by what, and what is written."""

    source: Path
    edited: Path
    attribute: str | None = None
    """Name or alias of what was edited; None where `edited` has a folder for every edit."""
    removing: bool = False
    pairs: Path | None = None
    """The list of edits that `videoedit eval model` writes."""
    real: Path | None = None
    """Real pictures that have what was asked for: a folder, or one for every edit."""
    is_aligned: bool = False
    """The pictures are aligned crops already."""
    recognition: str | None = None
    inception: str | None = None
    lpips: str | None = None
    landmarks: str | None = None
    """CelebA's true points of the source pictures."""
    detector_model: str = "face-detector"
    judge: str = EMBEDDED
    device: str = "auto"
    seed: int = 0
    out: Path | None = None
    """Folder for `table.md` and `table.json`."""

    def __post_init__(self) -> None:
        if self.removing and self.attribute is None:
            raise ConfigError("--remove needs --attr: say which attribute was taken away")
        if self.landmarks and self.is_aligned:
            raise ConfigError("--landmarks are in the pixels of whole pictures; leave --aligned out")


def evaluate_pictures(job: PicturesJob) -> PicturesReport:
    """Measure every edit that the folders hold, and write what was asked for."""
    judge = AttributeJudge.from_card(job.judge, job.device)
    detector = detectors.build("refined", weights=job.detector_model)
    finder: Finder = AlignedCrop() if job.is_aligned else LargestFace(detector)
    asked = None
    if job.attribute is not None:
        asked = EditName(attribute_of(job.attribute, judge.attributes), "remove" if job.removing else "add")
    edits = find_edits(job.edited, judge.attributes, asked)
    pairs = Pairs(job.pairs, judge.attributes) if job.pairs else None
    rows = {name: rows_of(job.source, folder, name, pairs) for name, folder in edits.items()}
    recogniser = FaceRecogniser(job.recognition) if job.recognition else None
    tools = Tools(
        judge=judge,
        inception=Inception(job.inception) if job.inception else None,
        lpips=Lpips(job.lpips) if job.lpips else None,
    )
    true_xy = read_landmarks(job.landmarks) if job.landmarks else None
    out = made_folder(job.out) if job.out else None
    size = _side_of(rows) if job.is_aligned else judge.crop_size
    sets = {name: load_set(own, finder, size, recogniser) for name, own in rows.items()}
    results = [
        measure_set(name, shown, _real(job, name, sets, finder), tools, job.seed)
        for name, shown in tqdm(sets.items(), unit="edit", dynamic_ncols=True, disable=None)
    ]
    report = PicturesReport(
        source=str(job.source),
        edited=str(job.edited),
        judge=job.judge,
        seed=job.seed,
        results=results,
        landmarks=None if true_xy is None else landmark_rows(rows, true_xy, detector),
    )
    if out:
        write_text(out / "table.md", report.as_markdown())
        write_text(out / "table.json", report.as_json())
    return report


def landmark_rows(
    rows: Mapping[EditName, Sequence[Row]], true_xy: Mapping[str, Points], detector: FaceDetector
) -> dict[str, LandmarkError | None]:
    """Return the rows of Shen and Liu's table that the edits of glasses allow."""
    added, removed = (rows.get(EditName("Eyeglasses", direction), ()) for direction in DIRECTIONS)
    names = [row.source.stem for row in removed]
    return {
        "no glasses": landmark_error([r.source for r in added], [r.source.stem for r in added], true_xy, detector),
        "glasses": landmark_error([row.source for row in removed], names, true_xy, detector),
        "glasses removed": landmark_error([row.edited for row in removed], names, true_xy, detector),
    }


def _side_of(rows: Mapping[EditName, Sequence[Row]]) -> int:
    """Return the side of the first picture: what is aligned is measured as it is."""
    first = next(iter(rows.values()))[0]
    side: int = read_image(first.source).shape[0]
    return side


def _real(
    job: PicturesJob, name: EditName, sets: Mapping[EditName, PictureSet], finder: Finder
) -> NDArray[np.uint8] | None:
    """Return real pictures that have what was asked for: those given, else the sources of the opposite edit."""
    if job.real is None:
        opposite = sets.get(name.opposite)
        return None if opposite is None else opposite.sources
    own = job.real / name.folder
    return load_pictures(pictures_in(own if own.is_dir() else job.real), finder, sets[name].sources.shape[1])
