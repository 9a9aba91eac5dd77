"""Flicker, warp error and wobble of hand-made faces."""

import numpy as np
import pytest

from videoedit.evaluate.clip.steadiness import CropPair, FlowMeter, Triples, flicker, wobble

EVERYWHERE = np.ones((64, 64), bool)


def texture(shift: int = 0) -> np.ndarray:
    y, x = np.mgrid[0:64, 0:64]
    waves = 120 + 60 * np.sin((x - shift) / 5.0) * np.cos(y / 7.0)
    return np.repeat(waves[..., None], 3, axis=2).astype(np.uint8)


def pair(change: int, shift: int = 0) -> CropPair:
    source = texture(shift)
    return CropPair(source, (source.astype(int) + change).astype(np.uint8))


def test_alternating_edit_flickers_by_its_whole_swing_and_an_even_fade_by_nothing() -> None:
    assert flicker(pair(3), pair(-3), pair(3), EVERYWHERE) == 6
    assert flicker(pair(2), pair(4), pair(6), EVERYWHERE) == 0


def test_flicker_is_measured_where_it_is_asked_for() -> None:
    half = EVERYWHERE.copy()
    half[:32] = False
    middle = pair(0)
    middle.edited[32:] += 8
    assert flicker(pair(0), middle, pair(0), half) == 8
    assert flicker(pair(0), middle, pair(0), ~half) == 0


def test_cuts_are_no_flicker() -> None:
    black = CropPair(np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8))
    assert flicker(black, pair(0), pair(0), EVERYWHERE) is None
    assert FlowMeter().errors(black, pair(0), EVERYWHERE) is None


def test_still_face_with_a_jumping_edit_has_the_jump_as_its_warp_error() -> None:
    errors = FlowMeter().errors(pair(2), pair(9), EVERYWHERE)
    assert errors is not None
    assert errors.edit == pytest.approx(7, abs=0.1)
    assert errors.edited == pytest.approx(7, abs=0.1)
    assert errors.source == pytest.approx(0, abs=0.1)


def test_edit_that_moves_with_the_face_is_better_than_one_that_stays_behind() -> None:
    middle = np.zeros((64, 64), bool)
    middle[16:48, 16:48] = True

    def face(shift: int, spot: int) -> CropPair:
        source = texture(shift)
        edited = source.copy()
        edited[28:36, 28 + spot : 36 + spot] = np.minimum(edited[28:36, 28 + spot : 36 + spot], 40)
        return CropPair(source, edited)

    meter = FlowMeter()
    along, behind = (meter.errors(face(0, 0), face(2, spot), middle) for spot in (2, 0))
    assert along is not None
    assert behind is not None
    assert along.edit < 0.5 * behind.edit
    assert along.edited - along.source < behind.edited - behind.source
    assert along.source == behind.source
    assert along.slip_edited < 0.6 * behind.slip_edited
    assert along.slip_source == behind.slip_source


@pytest.mark.parametrize("contrast", [0.3, 1.0])
def test_slip_is_how_far_an_edge_moves_however_strong_it_is(contrast: float) -> None:
    def face(shift: float) -> CropPair:
        x = np.arange(64) - shift
        drawn = 120 + contrast * 60 * np.sin(x / 6.0)
        edited = np.repeat(np.round(drawn).astype(np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)
        return CropPair(texture(), edited)

    errors = FlowMeter().errors(face(0), face(0.7), EVERYWHERE)
    assert errors is not None
    assert errors.slip_edited == pytest.approx(0.7, rel=0.1)
    assert errors.slip_source == pytest.approx(0, abs=0.02)


def test_slip_of_a_picture_without_edges_is_none() -> None:
    flat = CropPair(texture(), np.full((64, 64, 3), 90, np.uint8))
    errors = FlowMeter().errors(flat, flat, EVERYWHERE)
    assert errors is not None
    assert errors.slip_edited == 0


def test_wobble_is_the_way_from_the_middle_of_the_neighbours_in_eye_distances() -> None:
    points = np.array([[10.0, 10], [30, 10], [20, 20], [12, 30], [28, 30]])
    down, aside = np.array([0.0, 3.0]), np.array([3.0, 4.0])
    assert wobble(points, points + down, points + 2 * down) == pytest.approx(0, abs=1e-12)
    assert wobble(points, points + aside, points) == pytest.approx(5 / 20)


def test_triples_need_three_frames_in_a_row_of_one_track() -> None:
    triples: Triples[str] = Triples()
    answers = [
        triples.add(track, index, f"{track}{index}") for index, track in [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]
    ]
    assert answers == [None, None, None, ("00", "01", "02"), None]
    assert triples.add(0, 4, "04") is None
    assert triples.add(0, 5, "05") is None
    assert (triples.last(0, 5), triples.last(0, 4), triples.last(9, 5)) == ("05", None, None)
