"""Known latencies give known figures, in bounded memory."""

import pytest

from videoedit.live.meter import Meter


def test_percentiles_rates_and_curve_of_known_latencies() -> None:
    meter = Meter(start=100.0)
    for i in range(100):
        meter.passed(latency=(i + 1) / 1000, num_faces=2, num_in=3 * (i + 1), now=100.05 + i / 10)
    figures = meter.figures(num_in=300, num_dropped=200, now=110.0)
    assert (figures.latency_p50_ms, figures.latency_p95_ms, figures.latency_max_ms) == (50.0, 95.0, 100.0)
    assert (figures.num_in, figures.num_out, figures.num_dropped, figures.num_faces) == (300, 100, 200, 200)
    assert (figures.fps_in, figures.fps_out) == (pytest.approx(30.0), pytest.approx(10.0))
    assert [second.second for second in meter.curve] == list(range(9))
    assert [second.fps_out for second in meter.curve] == [10.0] * 9
    assert meter.curve[3].latency_max_ms == pytest.approx(40.0)
    assert meter.curve[3].fps_in == pytest.approx(30.0)


def test_second_is_told_when_it_has_ended() -> None:
    meter = Meter(start=0.0)
    ended = [meter.passed(0.01, 1, i + 1, i * 0.4) for i in range(6)]
    assert [second.second if second else None for second in ended] == [None, None, None, 0, None, 1]


def test_nothing_measured_is_nothing() -> None:
    figures = Meter(0.0).figures(0, 0, 0.0)
    assert (figures.fps_in, figures.fps_out, figures.latency_p95_ms) == (0.0, 0.0, 0.0)


def test_curve_keeps_the_last_hour_only() -> None:
    meter = Meter(0.0)
    for second in range(4000):
        meter.passed(0.01, 0, second, float(second))
    assert len(meter.curve) == 3600
    assert meter.curve[-1].second == 3998
