"""When every frame of a video is shown, known from one look at all of it; parts are then found again exactly."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Self

from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.video.reading.reader import VideoReader


@dataclass(frozen=True, slots=True)
class Moment:
    """When one frame is shown, and of which kind it is."""

    start: int
    start_per: int
    """`start / start_per` are exact seconds."""
    duration: int
    duration_per: int
    width: int
    height: int
    pixel_format: str
    rotation: int

    @classmethod
    def of(cls, frame: Frame) -> Self:
        """Take down what is known about a frame without its samples."""
        times = *frame.time.as_integer_ratio(), *frame.duration.as_integer_ratio()
        return cls(*times, *frame.size_wh, frame.format.name, frame.rotation)

    @property
    def time(self) -> Fraction:
        """Seconds."""
        return Fraction(self.start, self.start_per)

    @property
    def seconds(self) -> Fraction:
        """How long the frame is shown."""
        return Fraction(self.duration, self.duration_per)


def frames_between(
    path: Path, moments: Sequence[Moment], span: range, *, deinterlace: bool = False
) -> Generator[Frame]:
    """Give some frames of a video, found by seeking where that leads to the same frames, else by decoding all before.

    Args:
        path: The video.
        moments: Of all its frames, in order.
        span: Places of the frames that are wanted, in order.
        deinterlace: Make whole pictures of interlaced ones; the frame before the first, which takes part in it, is
            decoded always.

    Raises:
        MediaError: The video is not the one whose moments are given.
    """
    with VideoReader(path, deinterlace=deinterlace) as reader:
        found = _found_by_seeking(reader, moments, span.start) if span.start else None
        if found is not None:
            yield from _in_step(found, moments, span)
            return
    with VideoReader(path, deinterlace=deinterlace) as reader:
        for frame in _in_step(iter(reader), moments, range(span.stop)):
            if frame.index >= span.start:
                yield frame


def _found_by_seeking(reader: VideoReader, moments: Sequence[Moment], place: int) -> Iterator[Frame] | None:
    """Seek and decode up to a frame, return those from it on; None where what comes before is not as it was."""
    places = {moments[index].time: index for index in range(place)}
    try:
        reader.seek(moments[place - 1].time)
        frames = iter(reader)
        first = next(frames)
        index = places.get(first.time)
        if index is None or Moment.of(first) != moments[index]:
            return None
        for _ in _in_step(frames, moments, range(index + 1, place)):
            pass
    except MediaError:
        return None
    return frames


def _in_step(frames: Iterator[Frame], moments: Sequence[Moment], span: range) -> Iterator[Frame]:
    """Give the frames their places, as long as each comes as it did before."""
    for index in span:
        frame = next(frames, None)
        if frame is None or Moment.of(frame) != moments[index]:
            raise MediaError(f"frame {index} is not where it was when the video was looked through; begin anew")
        yield replace(frame, index=index)
