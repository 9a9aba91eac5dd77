"""Whole pictures of a real face through `evaluate_pictures`: found, aligned, recognised, its landmarks compared."""

import json
from pathlib import Path

import numpy as np
import pytest

from videoedit.detect.base import detectors
from videoedit.errors import MediaError
from videoedit.evaluate.pictures.run import PicturesJob, evaluate_pictures
from videoedit.evaluate.pictures.sets import EditName
from videoedit.frames import Image
from videoedit.video.stills.arrays import read_image, write_image

FACE = Path(__file__).parents[3] / "sample_clips" / "hopper-glasses.jpg"
EYES_OFF = 3


@pytest.fixture
def picture() -> Image:
    return read_image(FACE)


@pytest.fixture
def points(picture: Image) -> np.ndarray:
    found: np.ndarray = detectors.build("refined").detect([picture])[0][0].points_xy
    return found


@pytest.fixture
def job(picture: Image, points: np.ndarray, tmp_path: Path, tiny_arcface: Path) -> PicturesJob:
    """The left half of one result is reddened; the eyes are `EYES_OFF` pixels off by the list."""
    for folder in ("source", "removed"):
        (tmp_path / folder).mkdir()
    write_image(tmp_path / "source" / "000001.png", picture)
    reddened = picture.copy()
    reddened[:, : round(points[2, 0]), 0] = 255
    write_image(tmp_path / "removed" / "000001.png", reddened)
    whole = np.round(points).astype(int)
    whole[:2, 1] += EYES_OFF
    line = " ".join(map(str, ["000001.jpg", *whole.ravel()]))
    (tmp_path / "points.txt").write_text(f"1\nlefteye_x and so on\n{line}\n")
    return PicturesJob(
        source=tmp_path / "source",
        edited=tmp_path / "removed",
        attribute="glasses",
        removing=True,
        recognition=str(tiny_arcface),
        landmarks=str(tmp_path / "points.txt"),
        out=tmp_path / "out",
    )


def test_face_is_found_recognised_and_its_landmarks_are_compared(
    job: PicturesJob, points: np.ndarray, tmp_path: Path
) -> None:
    report = evaluate_pictures(job)
    (result,) = report.results
    assert (result.name, result.count, result.num_skipped) == (EditName("Eyeglasses", "remove"), 1, 0)
    assert result.success_source.share == 0
    assert result.identity is not None
    assert 0 < result.identity < 0.99
    assert report.landmarks is not None
    glasses = report.landmarks["glasses"]
    assert glasses is not None
    apart = np.linalg.norm(points[1] - points[0])
    assert glasses.eyes == pytest.approx(EYES_OFF / apart, abs=1 / apart)
    assert glasses.rest < 1 / apart
    assert report.landmarks["no glasses"] is None
    assert json.loads((tmp_path / "out" / "table.json").read_text())["landmarks"]["no glasses"] is None


def test_same_picture_keeps_its_identity(job: PicturesJob, picture: Image) -> None:
    write_image(job.edited / "000001.png", picture)
    assert evaluate_pictures(job).results[0].identity == pytest.approx(1, abs=1e-6)


def test_other_lists_than_celebas_landmarks_are_named(job: PicturesJob, tmp_path: Path) -> None:
    (tmp_path / "points.txt").write_text("1\nx\n000001.jpg 1 2 3\n")
    with pytest.raises(MediaError, match=r"points\.txt is no list of CelebA's landmarks"):
        evaluate_pictures(job)
