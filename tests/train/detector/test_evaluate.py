"""A clip is measured by the faces that are large enough in the picture that both detectors see."""

import numpy as np
import pytest

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.train.detector.evaluate import Finder, evaluate_clip

POINTS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


def sees(*faces: tuple[float, float, float]) -> Finder:
    """Return a detector that sees squares given by left edge, side and score in every picture."""
    found = [Face(np.array([x, 0, x + side, side]), [x, 0] + side * POINTS, score) for x, side, score in faces]
    return lambda _: found


def frames(count: int = 3) -> list[Image]:
    return [np.zeros((360, 640, 3), np.uint8)] * count


def test_a_reduced_frame_asks_for_faces_that_are_large_in_the_reduced_picture() -> None:
    teacher = sees((0, 70, 0.9), (100, 40, 0.9), (200, 70, 0.7), (300, 20, 0.9))
    both, in_frame = evaluate_clip("clip", sees((0, 70, 0.5)), teacher, frames(), 320)
    assert (both.name, both.num_faces, both.found) == ("clip", 3, 1.0)
    assert (in_frame.name, in_frame.num_faces, in_frame.found) == ("clip, 32 px in the frame", 6, 0.5)


def test_a_frame_that_is_not_reduced_is_measured_once() -> None:
    (figures,) = evaluate_clip("clip", sees(), sees((0, 40, 0.9)), frames(), 640)
    assert (figures.num_faces, figures.found) == (3, 0.0)


@pytest.mark.parametrize(("score", "rows"), [(0.2, 2), (0.4, 1)])
def test_frames_in_which_the_teacher_does_not_even_doubt_count_as_faceless(score: float, rows: int) -> None:
    measured = evaluate_clip("clip", sees((0, 50, 0.9)), sees((0, 50, score)), frames(), 640)
    assert len(measured) == rows
    assert measured[-1].false_alarms == 1.0 if rows == 2 else np.isnan(measured[0].found)
