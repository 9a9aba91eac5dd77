"""What a video is, found out by decoding all of it; what its header says is only said where nothing tells better."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Any, Final, TypeAlias

import av
from av.video.reformatter import ColorPrimaries, ColorTrc

from videoedit.errors import DamagedError
from videoedit.video.orientation import orientation_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.side_data import side_data_of

Pictures: TypeAlias = Iterable[tuple[av.VideoFrame, Fraction]]
"""Decoded pictures with their times in seconds."""

_MATRICES: Final = {
    0: "rgb",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
"""FFmpeg's names of its AVColorSpace."""
_RANGES: Final = {1: "limited", 2: "full"}
_HIGH_RANGE: Final = {16: "PQ", 18: "HLG"}
_UNKNOWN: Final = ("unspecified", "reserved", "reserved0")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """One video stream."""

    index: int
    codec: str
    profile: str | None
    size_wh: tuple[int, int]
    """Stored width and height in pixels."""
    shown_wh: tuple[int, int]
    """The same as shown: upright, with square pixels."""
    pixel_aspect: Fraction
    """Width of a stored pixel as a multiple of its height."""
    rotation: float
    """Degrees counterclockwise by which stored pictures are turned for display."""
    is_mirrored: bool
    pixel_format: str
    colours: Mapping[str, str | None]
    """Tags `range`, `matrix`, `primaries` and `transfer` by FFmpeg's names; None where untagged."""
    high_range: str | None
    """PQ or HLG; None in a video of standard range."""
    side_data: tuple[str, ...]
    """What comes with the first picture, by FFmpeg's names."""
    timing: "Timing"
    num_interlaced: int
    damage: str | None
    """Where it is not whole, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When the frames of a video are shown."""

    num_frames: int
    start: Fraction
    """Seconds at which the first frame is shown."""
    end: Fraction
    """Seconds at which the last frame ends."""
    is_variable: bool
    """True where frames are not spaced evenly, as far as the stream's clock can tell."""
    rate: Fraction
    """Frames per second; the mean where it varies."""
    shortest: Fraction
    """Seconds between two neighbours."""
    longest: Fraction


def read_facts(reader: VideoReader, progress: Callable[[Pictures, int], Pictures]) -> VideoFacts:
    """Decode a video to its end.

    Args:
        reader: At its beginning.
        progress: Wraps the stream of pictures.

    Raises:
        MediaError: Nothing of it decodes.
    """
    times: list[Fraction] = []
    last_duration = Fraction(0)
    num_interlaced = 0
    damage = None
    pictures = iter(progress(reader.pictures(), reader.info.num_frames_hint))
    first, start = next(pictures)
    try:
        for picture, time in chain([(first, start)], pictures):
            times.append(time)
            last_duration = reader.duration_of(picture)
            num_interlaced += picture.interlaced_frame
    except DamagedError as error:
        damage = error.finding
    rotation, is_mirrored = orientation_of(first)
    return VideoFacts(
        index=reader.stream.index,
        codec=reader.info.codec,
        profile=reader.stream.profile,
        size_wh=(first.width, first.height),
        shown_wh=_shown(first, reader.aspect, rotation),
        pixel_aspect=reader.aspect,
        rotation=rotation,
        is_mirrored=is_mirrored,
        pixel_format=first.format.name,
        colours=_colours(first),
        high_range=_HIGH_RANGE.get(int(first.color_trc)),
        side_data=tuple(side_data_of(first)),
        timing=timing_of(times, last_duration, reader.info.time_base, reader.info.fps),
        num_interlaced=num_interlaced,
        damage=damage,
    )


def timing_of(times: Sequence[Fraction], last_duration: Fraction, tick: Fraction, nominal: Fraction | None) -> Timing:
    """Describe times in seconds.

    Args:
        times: Of all frames, ascending.
        last_duration: How long the last is shown.
        tick: Of the clock that they were rounded to.
        nominal: Rate that the header claims; believed where the times agree.

    >>> timing_of([Fraction(n * 33, 1000) for n in (0, 1, 2)], Fraction(33, 1000), Fraction(1, 1000), Fraction(30)).rate
    Fraction(30, 1)
    """
    steps = [after - before for before, after in pairwise(times)] or [last_duration or tick]
    mean = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else steps[0]
    fits = [step for step in ([1 / nominal] if nominal else []) + [mean] if _is_even(times, step, tick)]
    return Timing(
        num_frames=len(times),
        start=times[0],
        end=times[-1] + last_duration,
        is_variable=not fits,
        rate=1 / (fits[0] if fits else mean),
        shortest=min(steps),
        longest=max(steps),
    )


def _is_even(times: Sequence[Fraction], step: Fraction, tick: Fraction) -> bool:
    """Tell whether times are a step apart but for rounding."""
    return all(abs(time - times[0] - place * step) <= tick for place, time in enumerate(times))


def _shown(picture: av.VideoFrame, aspect: Fraction, rotation: float) -> tuple[int, int]:
    width, height = round(picture.width * aspect), picture.height
    return (height, width) if rotation % 180 == 90 else (width, height)


def _colours(picture: av.VideoFrame) -> dict[str, str | None]:
    return {
        "range": _RANGES.get(int(picture.color_range)),
        "matrix": _MATRICES.get(int(picture.colorspace)),
        "primaries": _name_in(ColorPrimaries, int(picture.color_primaries)),
        "transfer": _name_in(ColorTrc, int(picture.color_trc)),
    }


def _name_in(names: Any, number: int) -> str | None:
    """Return FFmpeg's name of a tag; None where it says nothing."""
    name = next((str(one.name) for one in names if one.value == number), "UNSPECIFIED").lower().replace("_", "-")
    return None if name in _UNKNOWN else name
