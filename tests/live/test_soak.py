"""A minute of live editing from a file, at three speeds of editing: order kept, latency and memory flat."""

import resource
from collections.abc import Callable
from itertools import pairwise, takewhile
from pathlib import Path

import numpy as np
import pytest

from tests.live.stand_ins import KeepingSink, MiddleDetector, SlowEditor
from videoedit.clock import SystemClock
from videoedit.live.newest import newest
from videoedit.live.session import Looks, Session, SessionConfig
from videoedit.pipeline import PipelineConfig
from videoedit.video.capture import played
from videoedit.wishes import Models

MakeClip = Callable[..., Path]
SECONDS = 60


@pytest.mark.slow
@pytest.mark.parametrize("editing", [0.005, 0.05, 0.1])
def test_a_minute_keeps_order_and_its_latency_and_memory_flat(make_clip: MakeClip, editing: float) -> None:
    clip, clock, sink = make_clip(size_wh=(320, 240), num_frames=30), SystemClock(), KeepingSink()
    editor = SlowEditor(clock.sleep, editing)
    resident: list[int] = []
    session = Session(Looks([[editor.edit_without("Dark")]]), [sink], None, clock)
    frames = takewhile(lambda frame: frame is None or frame.time < SECONDS, played(str(clip), clock, loop=True))
    report = session.run(
        lambda slot, idle: newest(frames, slot, clock, idle),
        Models(MiddleDetector(), editor),
        SessionConfig(pipeline=PipelineConfig(min_face=8.0)),
        lambda second: resident.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
    )
    assert all(a < b for a, b in pairwise(sink.indices))
    assert report.figures.num_in >= report.figures.num_out + report.figures.num_dropped
    assert len(report.curve) > SECONDS * 0.9
    medians = np.array([second.latency_p50_ms for second in report.curve])
    third = len(medians) // 3
    assert np.median(medians[-third:]) < 1.2 * np.median(medians[:third]) + 5
    assert report.figures.latency_p95_ms < 3 * max(editing * 1000, 1000 / 30)
    assert resident[-1] - resident[len(resident) // 4] < 4096  # KiB
