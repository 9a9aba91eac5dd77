"""Frames of one video file, each in its own pixel format and with its own exact time."""

import logging
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from videoedit.errors import MediaError
from videoedit.frames import Frame, Plane, VideoInfo
from videoedit.video.formats import DIRECT, direct_format, format_of, hdr_name

logger = logging.getLogger(__name__)

_Sample = TypeVar("_Sample", np.uint8, np.uint16)


class VideoReader:
    """Owns the open file; an iterator of frames in the order they are shown."""

    def __init__(self, path: str | Path, num_threads: int = 0) -> None:
        """Open the file.

        Raises:
            MediaError: It is missing, empty, no video, or of a kind that is not edited yet.
        """
        self.path = Path(path)
        self.container = _open(self.path)
        if not self.container.streams.video:
            self.container.close()
            raise MediaError(f"{self.path} has no video stream; give a file with pictures")
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.thread_count = num_threads
        self.info = _info_of(self.path, self.container, self.stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()

    def __iter__(self) -> Iterator[Frame]:
        last_time: Fraction | None = None
        index = 0
        try:
            for picture in self.container.decode(self.stream):
                frame = self._frame_of(picture, index, last_time)
                yield frame
                last_time, index = frame.time, index + 1
        except av.FFmpegError as error:
            where = f"after {float(last_time):.2f} s" if last_time is not None else "at its first frame"
            raise MediaError(f"{self.path} is damaged {where}: {error.strerror}; repair or re-export it") from error
        if index == 0:
            raise MediaError(f"{self.path} holds no frame that can be decoded; repair or re-export it")

    def _frame_of(self, picture: av.VideoFrame, index: int, last_time: Fraction | None) -> Frame:
        if index == 0:
            _refuse_unsupported(self.path, picture)
        rotation = picture.rotation % 360
        picture = _direct(picture, say=index == 0)
        time_base = picture.time_base or self.info.time_base
        step = self._step()
        time = None if picture.pts is None else picture.pts * time_base
        if time is None or (last_time is not None and time <= last_time):
            logger.warning("%s: frame %d has no usable time stamp; it follows the one before", self.path, index)
            time = Fraction(0) if last_time is None else last_time + step
        duration = picture.duration * time_base if picture.duration else step
        return Frame(_planes_of(picture), format_of(picture), time, duration, index, rotation, picture)

    def _step(self) -> Fraction:
        """Return the nominal time between frames; only for what the file does not say."""
        return 1 / self.info.fps if self.info.fps else Fraction(1, 25)


def _open(path: Path) -> "av.container.InputContainer":
    if not path.exists():
        raise MediaError(f"no such file: {path}; check the path")
    if path.is_dir():
        raise MediaError(f"{path} is a folder; give a video file")
    if path.stat().st_size == 0:
        raise MediaError(f"{path} is empty; copy or export it again")
    try:
        return av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"cannot read {path} as video: {error.strerror}; check that it is a video file") from error


def _info_of(path: Path, container: "av.container.InputContainer", stream: "av.VideoStream") -> VideoInfo:
    duration = Fraction(container.duration, av.time_base) if container.duration else None
    if stream.duration and stream.time_base:
        duration = stream.duration * stream.time_base
    fps = stream.average_rate or stream.guessed_rate
    hint = stream.frames or (round(duration * fps) if duration and fps else 0)
    return VideoInfo(
        path=path,
        size_wh=(stream.codec_context.width, stream.codec_context.height),
        time_base=stream.time_base or Fraction(1, 90_000),
        fps=fps,
        num_frames_hint=int(hint),
        duration=duration,
        codec=stream.codec_context.name,
        pixel_format=stream.codec_context.pix_fmt or "unknown",
        num_audio_streams=len(container.streams.audio),
    )


def _refuse_unsupported(path: Path, picture: av.VideoFrame) -> None:
    """Refuse what would come out wrong, by the first picture."""
    if (name := hdr_name(picture)) is not None:
        raise MediaError(f"{path} is HDR ({name}), which is not edited yet; convert it to SDR first")
    if picture.interlaced_frame:
        raise MediaError(f"{path} is interlaced, which is not edited yet; deinterlace it first")
    if picture.rotation % 90:
        raise MediaError(f"{path} is displayed turned by {picture.rotation} degrees; only multiples of 90 are edited")


def _direct(picture: av.VideoFrame, *, say: bool) -> av.VideoFrame:
    """Convert a picture of another format to the nearest direct one, and say so once."""
    name = picture.format.name
    if name in DIRECT:
        return picture
    converted = picture.reformat(format=direct_format(name))
    converted.pts, converted.time_base, converted.duration = picture.pts, picture.time_base, picture.duration
    if say:
        logger.warning("pixel format %s is converted to %s", name, converted.format.name)
    return converted


def _planes_of(picture: av.VideoFrame) -> tuple[Plane, ...]:
    """View the decoder's memory as three arrays of samples."""
    depth, _ = DIRECT[picture.format.name]
    if depth == 8:
        return tuple(_view(plane, np.uint8) for plane in picture.planes)
    return tuple(_view(plane, np.uint16) for plane in picture.planes)


def _view(plane: "av.video.plane.VideoPlane", kind: type[_Sample]) -> NDArray[_Sample]:
    """View one plane as (h, w) samples; the view is read-only."""
    rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // np.dtype(kind).itemsize)
    view = rows[:, : plane.width]
    view.flags.writeable = False
    return view
