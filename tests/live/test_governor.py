"""Effort falls under load, rises when there is room, and settles."""

from itertools import pairwise

from videoedit.live.governor import LEVELS, Governor

PERIOD = 1 / 30


def run(governor: Governor, costs: list[float], seconds: float, start: float = 0.0) -> list[Governor]:
    """Feed frames whose cost depends on the level."""
    states, now = [governor], start
    while now < start + seconds:
        cost = costs[states[-1].level]
        now += max(cost, PERIOD)
        states.append(states[-1].after(cost, PERIOD, now))
    return states


def test_light_load_keeps_the_best_level() -> None:
    assert {state.level for state in run(Governor(), [0.02] * 5, 30)} == {0}


def test_heavy_load_steps_down_level_by_level_to_the_last() -> None:
    levels = [state.level for state in run(Governor(), [0.5] * 5, 30)]
    assert levels[-1] == len(LEVELS) - 1
    assert sorted(levels) == levels


def test_it_stops_at_the_first_level_that_is_cheap_enough() -> None:
    assert run(Governor(), [0.05, 0.045, 0.028, 0.02, 0.01], 60)[-1].level == 2


def test_room_brings_the_effort_back() -> None:
    low = run(Governor(), [0.5] * 5, 10)[-1]
    assert run(low, [0.01] * 5, 60, start=10)[-1].level == 0


def test_level_that_proved_too_much_is_tried_ever_less_often() -> None:
    states = run(Governor(), [0.05, 0.01, 0.01, 0.01, 0.01], 600)
    ups = [i for i in range(1, len(states)) if states[i].level < states[i - 1].level]
    first, last = states[ups[0]].stepped, states[ups[-1]].stepped
    assert 4 <= len(ups) <= 12
    assert states[ups[1]].stepped - first < last - states[ups[-2]].stepped


def test_levels_go_from_the_best_to_the_cheapest() -> None:
    assert all(a.every <= b.every and a.side >= b.side for a, b in pairwise(LEVELS))
    assert LEVELS[0].every == 1


def test_pictures_shrink_from_the_side_that_was_asked_for() -> None:
    assert [Governor(side=1280, level=level).effort.side for level in (0, 3, 4)] == [1280, 896, 640]
    assert Governor().effort.side == LEVELS[0].side
