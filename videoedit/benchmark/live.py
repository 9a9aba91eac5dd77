"""What live editing reaches: a clip played at its own pace, edited as it comes, and shown to nobody."""

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path
from typing import Final

from videoedit.benchmark.clips import ClipRecipe, pictures_of
from videoedit.benchmark.stages import Cost
from videoedit.clock import SystemClock
from videoedit.live.meter import Figures
from videoedit.live.newest import newest
from videoedit.live.session import Looks, Session, SessionConfig
from videoedit.video.live.capture import played
from videoedit.video.live.sinks import NullSink
from videoedit.video.writing.drawn import write_pictures
from videoedit.wishes import EditConfig, Models

SECONDS: Final = 10
_NUM_FRAMES: Final = 60
"""Of the clip, which is played again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCase:
    """How one clip was edited live on one device."""

    device: str
    clip: ClipRecipe
    fps: int
    """Of the clip."""
    figures: Figures
    level: int
    """Steps by which the effort was lowered in the end."""
    cost: Cost
    """Of all frames, those that were dropped included."""


def live_target(device: str) -> tuple[ClipRecipe, int]:
    """Return the clip that a device should keep up with, and its frames per second."""
    lines, fps = (360, 30) if device == "cpu" else (1080, 60)
    return ClipRecipe(lines=lines, num_faces=1, num_frames=_NUM_FRAMES), fps


def measure_live(edit: EditConfig, seconds: int = SECONDS) -> LiveCase:
    """Play the device's clip for so long; models are loaded before."""
    recipe, fps = live_target(edit.device)
    models, clock = Models.load(edit), SystemClock()
    session = Session(Looks([models.edits(edit.wishes)]), [NullSink()], None, clock)
    with tempfile.TemporaryDirectory(prefix="videoedit-benchmark-") as name:
        clip = Path(name) / "live.mp4"
        write_pictures(clip, pictures_of(recipe), Fraction(fps))
        playing = played(str(clip), clock, loop=True)
        frames = takewhile(lambda frame: frame is None or frame.time < seconds, playing)
        start = Cost.now()
        report = session.run(lambda slot, idle: newest(frames, slot, clock, idle), models, SessionConfig())
        cost = Cost.now() - start
    return LiveCase(device=edit.device, clip=recipe, fps=fps, figures=report.figures, level=report.level, cost=cost)
