"""Which faces are edited: all, one that stays the one, or those of people that were shown."""

import pytest

from tests.track.drawn_faces import face_at
from videoedit.errors import ConfigError
from videoedit.faces import Track
from videoedit.track.choice import ORDERS, Chooser, FaceChoice
from videoedit.track.tracker import MAX_GAP

LARGE, SURE, LEFT = face_at(300, 300, 2.0, score=0.6), face_at(600, 100, score=0.95), face_at(100, 200, 0.8, score=0.7)
TRACKS = [Track(0, LARGE), Track(1, SURE), Track(2, LEFT)]


def chosen(chooser: Chooser, tracks: list[Track], scene: int = 0) -> list[int]:
    return [track.id for track in chooser.choose(tracks, scene) if track.is_chosen]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("large-small", 0),
        ("small-large", 2),
        ("left-right", 2),
        ("right-left", 1),
        ("top-bottom", 1),
        ("bottom-top", 0),
        ("best-worst", 1),
        ("worst-best", 0),
    ],
)
def test_the_one_is_the_first_in_order(order: str, first: int) -> None:
    assert chosen(Chooser(FaceChoice(mode="one", order=order)), TRACKS) == [first]
    assert order in ORDERS


def test_many_are_all() -> None:
    assert chosen(Chooser(FaceChoice()), TRACKS) == [0, 1, 2]


def test_the_one_stays_the_one_until_it_is_gone_for_long_or_the_scene_ends() -> None:
    chooser = Chooser(FaceChoice(mode="one"))
    assert chosen(chooser, [Track(5, SURE)]) == [5]
    assert chosen(chooser, [Track(5, SURE), Track(6, LARGE)]) == [5]
    for _ in range(MAX_GAP):
        assert chosen(chooser, [Track(6, LARGE)]) == []
    assert chosen(chooser, [Track(6, LARGE)]) == [6]
    assert chosen(chooser, [Track(6, SURE), Track(7, LARGE)], scene=1) == [7]


def test_reference_chooses_who_was_shown() -> None:
    tracks = [Track(0, LARGE, person=1), Track(1, SURE)]
    assert chosen(Chooser(FaceChoice(mode="reference")), tracks) == [0]


@pytest.mark.parametrize("wrong", [{"mode": "two"}, {"order": "big-small"}])
def test_unknown_choices_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="known"):
        FaceChoice(**wrong)
