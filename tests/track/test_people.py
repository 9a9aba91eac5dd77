"""People are told by all that was seen of a track."""

import numpy as np

from videoedit.track.people import People

ANNA, BEN, CARL = np.eye(4)[:3]


def mixed(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    both = (1 - share) * a + share * b
    return both / np.linalg.norm(both)


def test_people_are_told_and_strangers_are_not() -> None:
    people = People(np.stack([ANNA, BEN]), reach=0.3)
    for track, who in ((7, BEN), (8, CARL), (9, ANNA)):
        people.see(track, who)
    assert dict(people.who([7, 8, 9])) == {7: 1, 9: 0}


def test_one_bad_look_does_not_change_who_a_track_is() -> None:
    people = People(np.stack([ANNA, BEN]), reach=0.3)
    for _ in range(5):
        people.see(0, ANNA)
    people.see(0, BEN)
    assert dict(people.who([0])) == {0: 0}


def test_nobody_is_in_a_picture_twice() -> None:
    people = People(np.stack([ANNA]), reach=0.5)
    people.see(0, mixed(ANNA, BEN, 0.3))
    people.see(1, mixed(ANNA, BEN, 0.1))
    assert dict(people.who([0, 1])) == {1: 0}


def test_a_track_is_looked_at_less_often_once_it_is_known() -> None:
    people = People(np.zeros((0, 4)), reach=0.3)
    looks = 0
    for _ in range(100):
        if people.wants_to_see(0):
            people.see(0, ANNA)
            looks += 1
    assert 15 < looks < 30


def test_recall_finds_the_earlier_track_that_is_not_taken() -> None:
    people = People(np.zeros((0, 4)), reach=0.3)
    people.see(3, ANNA)
    people.see(4, BEN)
    assert people.recall(mixed(ANNA, BEN, 0.2), taken=()) == 3
    assert people.recall(mixed(ANNA, BEN, 0.2), taken=(3,)) is None
    assert people.recall(CARL, taken=()) is None
    assert dict(people.who([3])) == {}
