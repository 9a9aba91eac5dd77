"""How much of a forehead is covered."""

import numpy as np
import pytest

from videoedit.align.forehead import share_covered

POINTS = np.array([[40.0, 60], [80, 60], [60, 80], [45, 100], [75, 100]])


def test_the_share_is_that_of_the_forehead_alone_and_turns_with_the_face() -> None:
    marks = np.zeros((128, 128), np.float32)
    marks[56:] = 1.0  # up to a tenth of the eye distance above the eyes
    assert share_covered(marks, POINTS) == 0.0
    marks[:, :60] = 1.0
    assert share_covered(marks, POINTS) == pytest.approx(0.5, abs=0.03)
    assert share_covered(np.full((128, 128), 0.25), POINTS) == pytest.approx(0.25)
    upside_down = 127 - POINTS
    assert share_covered(marks[::-1, ::-1], upside_down) == pytest.approx(share_covered(marks, POINTS))


def test_where_no_forehead_is_seen_nothing_is_covered() -> None:
    assert share_covered(np.ones((128, 128)), POINTS - np.array([0, 60])) == 0.0
