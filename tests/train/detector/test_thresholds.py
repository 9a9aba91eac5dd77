"""Every anchor gets the score that it gives to a certain share of faceless pictures."""

import cv2
import numpy as np
import pytest

from videoedit.faces import Face
from videoedit.frames import Image
from videoedit.train.detector.thresholds import calibrated
from videoedit.train.pictures import Picture

ROW = np.array([[30.0, 40, 70, 90, 40, 60, 60, 60, 50, 70, 42, 80, 58, 80, 1]])


def pictures(count: int) -> list[Picture]:
    _, png = cv2.imencode(".png", np.full((120, 110, 3), 100, np.uint8))
    return [Picture("One_0001.jpg", png.tobytes(), ROW)] * count


def seen(side: float, score: float) -> Face:
    return Face(np.array([0.0, 0, side, side]), ROW[0, 4:14].reshape(5, 2), score)


def test_the_threshold_of_an_anchor_is_passed_by_the_share() -> None:
    scores = iter(np.linspace(0.4, 0.9, 101))
    widths: list[int] = []

    def detector(image: Image) -> list[Face]:
        widths.append(image.shape[1])
        score = float(next(scores))
        return [seen(70, score), seen(20, score)]

    found = calibrated(detector, lambda _: [], pictures(101), share=0.2)
    assert found == pytest.approx([0.825, 0.5, 0.8, 0.5, 0.5, 0.5])
    assert sorted(set(widths)) == [110, 220]


def test_a_picture_in_which_the_teacher_sees_a_further_face_does_not_count() -> None:
    answers = iter([[], [seen(20, 0.4)], [], [seen(20, 0.4)]])
    asked: list[Image] = []

    def detector(image: Image) -> list[Face]:
        asked.append(image)
        return []

    assert calibrated(detector, lambda _: next(answers), pictures(4), share=0.2) == [0.5] * 6
    assert len(asked) == 2
