"""Times of encoded pictures that the encoder forgets or makes up."""

from fractions import Fraction
from typing import Any, Final

_FARTHEST: Final = Fraction(60)
"""Seconds by which a picture can be decoded before it is shown."""


class PictureClock:
    """Remembers how long each picture is shown, which the encoder forgets and the container should know."""

    def __init__(self) -> None:
        self._durations: dict[int, int] = {}
        self._start: int | None = None
        self._first_dts: int | None = None
        self._last_dts: int | None = None
        self._end = 0

    def show(self, time: int, duration: int) -> None:
        """Take note of a picture on its way to the encoder."""
        self._durations[time] = duration
        self._start = time if self._start is None else min(self._start, time)
        self._end = max(self._end, time + duration)

    def mend_order(self, packet: Any) -> None:
        """Replace the decoding time where libx265 made it up: it never set it in a clip of one or two frames."""
        far = _FARTHEST / packet.time_base
        if packet.dts is not None and not packet.pts - far <= packet.dts <= packet.pts:
            packet.dts = packet.pts - 2 if self._last_dts is None else self._last_dts + 1
        self._last_dts = packet.dts

    def give_duration(self, packet: Any, *, is_last: bool) -> None:
        """Set a packet's duration; the last in decoding order fills up the time to the end of the last shown.

        mp4 and mov keep durations in decoding order, so that only their sum tells when the last picture ends.
        """
        packet.duration = self._durations.pop(packet.pts or 0, 0)
        self._first_dts = packet.dts if self._first_dts is None else self._first_dts
        if is_last and self._start is not None and packet.dts is not None:
            packet.duration = max(self._end - self._start - (packet.dts - (self._first_dts or 0)), 1)
