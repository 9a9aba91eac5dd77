"""From detections to tracks with a recogniser that reads a person off the picture."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.track.drawn_faces import face_at, frame_at
from videoedit.faces import NOBODY, Face
from videoedit.following import Acquaintance, Detected, Follower
from videoedit.frames import Frame, Image
from videoedit.track.choice import FaceChoice

ROOMS = [np.full((36, 64, 3), 30, np.uint8), np.indices((36, 64)).sum(0)[..., None].repeat(3, 2).astype(np.uint8) * 2]


class HeightRecogniser:
    """Knows people by how high in the picture they are: a person every 200 pixels."""

    reach = 0.3

    def crop_of(self, picture: Frame | Image, points_xy: np.ndarray) -> Image:
        return np.full((1, 1, 3), round(points_xy[:, 1].mean() / 200), np.uint8)

    def embeddings(self, crops: Sequence[Image]) -> np.ndarray:
        return np.eye(8)[[int(crop[0, 0, 0]) for crop in crops]]


def follow(
    faces: list[list[Face]], choice: FaceChoice, acquaintance: Acquaintance | None = None, cut_at: int = 10**6
) -> list[list[tuple[int, int, bool]]]:
    """Return id, person and choice of every track of every frame."""
    detected = [(Detected(frame_at(i), row, ()), ROOMS[int(i >= cut_at)]) for i, row in enumerate(faces)]
    follower = Follower(0.5, choice, acquaintance)
    return [[(t.id, t.person, t.is_chosen) for t in entry.tracks] for entry in follower.follow(detected)]


def test_people_that_were_shown_are_chosen_and_the_others_are_not() -> None:
    known = Acquaintance(HeightRecogniser(), np.eye(8)[[2]], recalls=False)
    rows = follow([[face_at(100, 200), face_at(500, 400)]] * 5, FaceChoice(mode="reference"), known)
    assert rows == [[(0, NOBODY, False), (1, 0, True)]] * 5


@pytest.mark.parametrize(("recalls", "id_after"), [(True, 0), (False, 1)])
def test_a_recognition_model_knows_people_again_after_a_cut(recalls: bool, id_after: int) -> None:
    known = Acquaintance(HeightRecogniser(), np.zeros((0, 8)), recalls=recalls)
    rows = follow([[face_at(100, 200)]] * 4 + [[face_at(900, 200)]] * 4, FaceChoice(), known, cut_at=4)
    assert [row[0][0] for row in rows] == [0] * 4 + [id_after] * 4


def test_a_recognition_model_tells_a_newcomer_from_who_was_there() -> None:
    known = Acquaintance(HeightRecogniser(), np.zeros((0, 8)), recalls=True)
    rows = follow([[face_at(100, 200)]] * 4 + [[face_at(900, 600)]] * 4, FaceChoice(), known)
    assert [row[0][0] for row in rows] == [0] * 4 + [1] * 4


def test_one_face_is_chosen_without_knowing_anybody() -> None:
    rows = follow([[face_at(100, 200), face_at(500, 400, 2.0)]] * 2, FaceChoice(mode="one"))
    assert rows == [[(0, NOBODY, False), (1, NOBODY, True)]] * 2
