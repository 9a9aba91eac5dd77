"""Parts come from somebody alike, lie where eyes and nose say, and leave no rim."""

import numpy as np
import pytest

from tests.face_sets import SIZE, faces_of
from videoedit.datasets.celeba import FaceSet
from videoedit.errors import ConfigError
from videoedit.synthetic.grafts import Grafts

SHOWN = {
    "Smiling": (np.s_[104:110, 60:84], 250),
    "Bangs": (np.s_[24:34, 60:84], 10),
    "Mustache": (np.s_[88:92, 60:84], 10),
}
"""Where in a picture of 144 an attribute is, and its code."""


def givers(faces: FaceSet, taker: int, attribute: str = "Smiling") -> set[int]:
    grafts = Grafts(faces, SIZE, attribute)
    return {grafts.giver_for(taker, np.random.default_rng(seed)) for seed in range(5)}


def test_giver_has_the_other_label_and_all_others_alike() -> None:
    faces = faces_of(Smiling=[1, 1, -1, -1], Male=[1, -1, 1, -1], No_Beard=[1] * 4, Goatee=[-1] * 4, Mustache=[-1] * 4)
    faces.images[:] = faces.images[0]
    assert [givers(faces, taker) for taker in range(4)] == [{2}, {3}, {0}, {1}]


def test_labels_that_the_data_do_not_have_are_not_asked_for() -> None:
    assert givers(faces_of(Smiling=[1, -1]), 1) == {0}


def test_where_nobody_is_alike_anybody_of_the_other_label_gives() -> None:
    assert givers(faces_of(Smiling=[1, -1], Male=[1, -1]), 1) == {0}


def test_giver_looks_alike_around_the_part_and_is_turned_alike() -> None:
    faces = faces_of(Smiling=[1, 1, 1, -1])
    faces.images[:] = 120
    faces.images[0, 96:116, 28:44] = 60  # beside the mouth
    faces.images[1, :, :24] = faces.images[1, :70] = 60  # far from it
    faces.points[2, 2, 0] += 12
    assert givers(faces, 3) == {1}
    faces.images[1, 96:116, 28:44] = 60
    faces.points[2, 2, 0] -= 12
    assert givers(faces, 3) == {2}


def marked(attribute: str) -> FaceSet:
    """One who has the attribute, on skin that is a little brighter, and one who has not."""
    faces = faces_of(0, **{attribute: [1, -1]})
    faces.images[0], faces.images[1] = 130, 120
    where, code = SHOWN[attribute]
    faces.images[0][where] = code
    return faces


@pytest.mark.parametrize(
    ("attribute", "others"),
    [
        ("Smiling", (np.s_[:84], np.s_[:, :38], np.s_[:, 106:], np.s_[131:])),
        ("Bangs", (np.s_[62:], np.s_[:, :18], np.s_[:, 126:])),
        ("Mustache", (np.s_[:80], np.s_[104:], np.s_[:, :45], np.s_[:, 99:])),
    ],
)
def test_part_and_nothing_else_is_put_on_and_taken_off(
    attribute: str, others: tuple[tuple[slice, ...] | slice, ...]
) -> None:
    faces = marked(attribute)
    grafts, (part, _) = Grafts(faces, SIZE, attribute), SHOWN[attribute]
    given, taken = grafts.put_on(1, 0), grafts.put_on(0, 1)
    assert np.abs(given[part].astype(int) - faces.images[0][part]).max() < 20
    assert np.abs(taken[part].astype(int) - 130).max() < 12
    for other in others:
        assert (given[other] == 120).all()
        assert np.array_equal(taken[other], faces.images[0][other])
    assert faces.images[1].min() == faces.images[1].max() == 120


def test_parts_are_brought_to_the_tone_of_who_gets_them() -> None:
    for attribute, skin in (("Smiling", np.s_[98:102, 66:78]), ("Bangs", np.s_[38:42, 66:78])):
        faces = marked(attribute)
        assert np.abs(Grafts(faces, SIZE, attribute).put_on(1, 0)[skin].astype(int) - 120).max() < 4, attribute


def test_mouth_goes_on_as_the_skin_around_it() -> None:
    faces = marked("Smiling")
    faces.images[1] = np.linspace(60, 180, faces.images.shape[2])[None, :, None]  # lit from the right
    given = Grafts(faces, SIZE, "Smiling").put_on(1, 0)
    beside = np.s_[98:102, 56:60], np.s_[98:102, 84:88]
    for skin in beside:
        assert np.abs(given[skin].astype(int) - faces.images[1][skin]).max() < 12


def test_part_is_placed_by_eyes_and_nose() -> None:
    faces = marked("Bangs")
    faces.points[1, :3] += (6, 4)
    given = Grafts(faces, SIZE, "Bangs").put_on(1, 0)
    rows, columns = np.nonzero(given[..., 0] < 60)
    assert (rows.min(), columns.min()) == pytest.approx((28, 66), abs=1)
    assert (rows.max(), columns.max()) == pytest.approx((37, 89), abs=1)
    faces.points[1, 3:] += 30  # a mouth that moves
    assert np.array_equal(given, Grafts(faces, SIZE, "Bangs").put_on(1, 0))


@pytest.mark.parametrize("label", [1, -1])
def test_sets_of_one_label_are_refused(label: int) -> None:
    with pytest.raises(ConfigError, match="Smiling"):
        Grafts(faces_of(Smiling=[label] * 2), SIZE, "Smiling")
