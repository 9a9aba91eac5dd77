"""Spends less where the machine is too slow: detects less often, then in smaller pictures.

Beyond that the rate falls by itself, for of the frames that come while one is edited only the newest is taken.
A level is given up when frames take longer than the source's pace allows, and taken back when there has been room for
some time; one that proved too much is tried again ever later, so that the effort settles.
"""

from dataclasses import dataclass, replace
from typing import Final

from videoedit.detect.fit import MULTIPLE
from videoedit.detect.sparse import Effort

LEVELS: Final = (Effort(1, 640), Effort(2, 640), Effort(4, 640), Effort(4, 448), Effort(6, 320))
"""From the best to the cheapest, for a detector that may see pictures of `_SIDE`."""

_SIDE: Final = 640

_TOO_MUCH: Final = 1.0
"""Load, in seconds an edited frame takes per second between two of the source, above which a level is given up."""
_ROOM: Final = 0.7
_LESS_AFTER: Final = 0.5
"""Seconds between two steps down."""
_MORE_AFTER, _LONGEST_WAIT = 3.0, 120.0
"""Seconds of room before a step up: at first, and at most."""
_MEMORY: Final = 0.15
"""Share of the newest frame in the running mean of the cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Governor:
    """What is known about the load; every frame makes a new one."""

    side: int = _SIDE
    """Longer side of the picture that the detector sees at best."""
    level: int = 0
    cost: float | None = None
    """Running mean of the seconds that an edited frame takes."""
    stepped: float = 0.0
    """Moment of the last step."""
    crowded: float = 0.0
    """Last moment at which there was no room."""
    wait: float = _MORE_AFTER
    """Seconds of room that are asked for before the next step up."""
    was_up: bool = False
    """True where the last step was one up."""

    @property
    def effort(self) -> Effort:
        """What the next frame may cost."""
        level = LEVELS[self.level]
        return replace(level, side=MULTIPLE * round(level.side * self.side / (_SIDE * MULTIPLE)))

    def after(self, cost: float, period: float, now: float) -> "Governor":
        """Take in what a frame has cost.

        Args:
            cost: Seconds that it took.
            period: Seconds between two frames of the source, lately.
            now: Seconds of the clock.
        """
        if self.cost is None:
            return replace(self, cost=cost, stepped=now, crowded=now)
        mean = self.cost + _MEMORY * (cost - self.cost)
        seen = replace(self, cost=mean, crowded=self.crowded if mean < _ROOM * period else now)
        if mean > _TOO_MUCH * period and now - self.stepped >= _LESS_AFTER and self.level + 1 < len(LEVELS):
            wait = min(2 * self.wait, _LONGEST_WAIT) if self.was_up else self.wait
            return replace(seen, level=self.level + 1, stepped=now, wait=wait, was_up=False)
        if self.level and now - max(seen.crowded, self.stepped) >= self.wait:
            return replace(seen, level=self.level - 1, stepped=now, was_up=True)
        return seen
