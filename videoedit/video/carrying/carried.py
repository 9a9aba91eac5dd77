"""What is carried over of a part of a video beside its pictures: whole packets, chapters, on the part's own clock."""

import contextlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av


def carried(source: "av.container.InputContainer", wanted: Sequence[Any], begin: Fraction | None) -> Iterator[Any]:
    """Give the whole packets that begin at a time or after it, counted from there.

    Where the input breaks off so do they, and the reader of the pictures tells it.

    Args:
        source: Open file.
        wanted: Its streams.
        begin: Seconds; None for all packets as they are.
    """
    with contextlib.suppress(av.FFmpegError):
        if begin is not None:
            source.seek(max(int((begin - 1) * av.time_base), source.start_time or 0))
        for packet in source.demux(wanted):
            if packet.is_corrupt or packet.dts is None:
                continue
            if begin is not None:
                if packet.pts is None or packet.pts * packet.time_base < begin:
                    continue
                ticks = round(begin / packet.time_base)
                packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            yield packet


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
