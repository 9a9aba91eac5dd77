"""What is carried over of a part of a video beside its pictures: whole packets, chapters, on the part's own clock."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import av

_LONGEST_SUBTITLE: Final = 30
"""Seconds before a part in which a subtitle may begin that is still shown in it."""


def carried(source: "av.container.InputContainer", wanted: Sequence[Any], begin: Fraction | None) -> Iterator[Any]:
    """Give the whole packets that begin at a time or after it, counted from there.

    A subtitle that is still shown then is given too, for the rest of its time. Where the input breaks off so do
    they, and the reader of the pictures tells it.

    Args:
        source: Open file.
        wanted: Its streams.
        begin: Seconds; None for all packets as they are.
    """
    with contextlib.suppress(av.FFmpegError):
        if begin is not None:
            back = _LONGEST_SUBTITLE if any(stream.type == "subtitle" for stream in wanted) else 1
            source.seek(max(int((begin - back) * av.time_base), source.start_time or 0))
        for packet in source.demux(wanted):
            if packet.is_corrupt or packet.dts is None:
                continue
            if begin is not None:
                ticks = round(begin / packet.time_base)
                _cut_subtitle(packet, math.ceil(begin / packet.time_base))
                if packet.pts is None or packet.pts * packet.time_base < begin:
                    continue
                packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            yield packet


def _cut_subtitle(packet: Any, begin: int) -> None:
    """Let a subtitle that is shown at a time, in its own ticks, begin there."""
    if packet.stream.type != "subtitle" or packet.pts is None or not packet.duration:
        return
    end = packet.pts + packet.duration
    if packet.pts < begin < end:
        packet.pts = packet.dts = begin
        packet.duration = end - begin


def chapters_of_part(chapters: Sequence[Any], begin: Fraction, end: Fraction | None) -> list[Any]:
    """Give the chapters that a part touches, cut to it and counted from its begin.

    Args:
        chapters: As PyAV gives them.
        begin: Seconds on the source's clock.
        end: Likewise; None where it is not known.
    """
    cut = []
    for chapter in chapters:
        tick = chapter["time_base"]
        start = max(chapter["start"] - round(begin / tick), 0)
        stop = chapter["end"] - round(begin / tick)
        if end is not None:
            stop = min(stop, round((end - begin) / tick))
        if start < stop:
            cut.append({**chapter, "start": start, "end": stop})
    return cut
