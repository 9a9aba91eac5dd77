"""Ids stay through motion, gaps and crossings, and end at cuts."""

import numpy as np

from tests.track.drawn_faces import face_at, look_of
from videoedit.faces import Face
from videoedit.track.tracker import Tracker


def ids(tracker: Tracker, *faces: Face, people: tuple[int, ...] = (), scene: int = 0) -> list[int]:
    """Return the ids of the next frame's faces, from left to right."""
    tracks = tracker.update(faces, [look_of(person) for person in people] or None, scene)
    return [track.id for track in sorted(tracks, key=lambda track: track.face.box_xyxy[0])]


def test_ids_stay_while_faces_move_and_change_when_a_face_is_gone_for_long() -> None:
    tracker = Tracker(max_gap=3)
    left, right = ids(tracker, face_at(100, 100), face_at(600, 100))
    assert ids(tracker, face_at(610, 105), face_at(108, 100)) == [left, right]
    for _ in range(3):
        assert ids(tracker) == []
    assert ids(tracker, face_at(116, 100)) == [left]
    for _ in range(4):
        ids(tracker)
    assert ids(tracker, face_at(116, 100))[0] not in (left, right)


def test_a_fast_face_is_expected_further_on_after_a_gap() -> None:
    tracker = Tracker()
    first = [ids(tracker, face_at(100 + 40 * i, 100)) for i in range(8)]
    for _ in range(8):
        ids(tracker)
    assert ids(tracker, face_at(100 + 40 * 16, 100)) == first[0]


def test_people_who_cross_and_hide_each_other_keep_their_ids() -> None:
    tracker = Tracker()
    for i in range(60):
        a, b = face_at(100 + 10 * i, 200), face_at(700 - 10 * i, 210)
        if abs(a.box_xyxy[0] - b.box_xyxy[0]) < 60:  # only the one in front is seen
            assert ids(tracker, a, people=(0,)) == [0]
        else:
            assert ids(tracker, a, b, people=(0, 1)) == ([0, 1] if i < 30 else [1, 0])


def test_people_who_turn_back_while_hidden_are_told_by_their_looks() -> None:
    tracker = Tracker()
    for i in range(20):
        ids(tracker, face_at(100 + 10 * i, 200), face_at(560 - 10 * i, 200), people=(0, 1))
    for _ in range(4):
        ids(tracker)
    assert ids(tracker, face_at(290, 200), face_at(370, 200), people=(0, 1)) == [0, 1]


def test_equal_people_who_cross_are_told_by_their_motion() -> None:
    tracker = Tracker()
    for i in range(60):
        found = ids(tracker, face_at(100 + 10 * i, 200), face_at(700 - 10 * i, 230), people=(0, 0))
        assert found == ([0, 1] if i <= 30 else [1, 0])


def test_cut_ends_every_track() -> None:
    tracker = Tracker()
    assert ids(tracker, face_at(100, 100), scene=0) == [0]
    assert ids(tracker, face_at(100, 100), scene=1) == [1]


def test_another_person_at_the_same_place_is_another_track() -> None:
    tracker = Tracker()
    assert ids(tracker, face_at(100, 100), people=(0,)) == [0]
    ids(tracker)
    assert ids(tracker, face_at(110, 100), people=(1,)) == [1]


def test_face_that_is_found_now_in_part_now_whole_is_one_track_whatever_it_looks_like() -> None:
    tracker = Tracker()
    assert ids(tracker, face_at(100, 100, 0.7), people=(0,)) == [0]
    ids(tracker)
    assert ids(tracker, face_at(104, 96), people=(1,)) == [0]
    assert ids(tracker, face_at(100, 104, 0.7), people=(0,)) == [0]


def test_unsure_face_goes_on_but_does_not_begin() -> None:
    tracker = Tracker(start_score=0.5)
    assert ids(tracker, face_at(100, 100, score=0.4)) == []
    assert ids(tracker, face_at(100, 100, score=0.6)) == [0]
    assert ids(tracker, face_at(104, 100, score=0.3)) == [0]


def test_detection_on_a_known_face_is_no_second_person() -> None:
    tracker = Tracker()
    assert ids(tracker, face_at(100, 100)) == [0]
    assert ids(tracker, face_at(102, 100), face_at(120, 130, scale=0.5)) == [0]


def test_two_detections_of_one_size_side_by_side_are_two_people() -> None:
    assert ids(Tracker(), face_at(100, 100), face_at(100 + 130, 100)) == [0, 1]


def test_nobody_is_nobody() -> None:
    tracker = Tracker()
    assert ids(tracker) == []
    assert tracker.update([], []) == []
    assert np.isfinite(ids(tracker, face_at(1, 1))[0])
