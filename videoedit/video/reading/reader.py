"""Frames of one video file, each in its own pixel format and with its own exact time."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import av
import numpy as np
from numpy.typing import NDArray

from videoedit.device import thread_budget
from videoedit.errors import ConfigError, DamagedError, MediaError, TooShortError
from videoedit.frames import Frame, Plane, VideoInfo
from videoedit.tone import is_hdr
from videoedit.video.carrying.carriage import is_cover
from videoedit.video.formats import DIRECT, direct_format, format_of, has_transparency, strange_colours
from videoedit.video.hdr import has_dolby_vision
from videoedit.video.opening import open_input
from videoedit.video.orientation import orientation_of
from videoedit.video.reading.decode import decoded
from videoedit.video.reading.deinterlace import deinterlaced
from videoedit.video.reading.part import Part, Place
from videoedit.video.reading.times import mended

logger = logging.getLogger(__name__)

_SOUGHT: Final = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts", "avi")
"""Containers that stamp every packet, so that frames have the same times after seeking."""

_UNTOLD: Final = (0, 2, 3)
"""Transfer characteristics that say nothing."""

_Sample = TypeVar("_Sample", np.uint8, np.uint16)


class VideoReader:
    """Owns the open file; an iterator of frames in the order they are shown."""

    def __init__(
        self,
        path: str | Path,
        num_threads: int = 0,
        part: Part | None = None,
        *,
        deinterlace: bool = False,
        is_quiet: bool = False,
    ) -> None:
        """Open the file.

        Args:
            path: The video.
            num_threads: Of the decoder; 0 lets FFmpeg choose.
            part: What to read of it; None for all.
            deinterlace: Make whole pictures of interlaced ones, which are refused else.
            is_quiet: Say nothing of what is mended, converted or left out.

        Raises:
            MediaError: It is missing, empty, or no video.
        """
        self.path = Path(path)
        self.part = part or Part()
        self.begin: Fraction | None = None
        """Time of the first frame of the file, once a frame was read."""
        self.end: Fraction | None = None
        """Time of the first frame behind the part, once it was met."""
        self._num_threads = num_threads
        self._deinterlace = deinterlace
        self._is_quiet = is_quiet
        self._told: set[tuple[str, int, int]] = set()
        self._open()
        self.info = _info_of(self.path, self.container, self.stream)

    def _open(self) -> None:
        self.container = open_input(self.path)
        try:
            self.stream = _video_of(self.path, self.container)
        except MediaError:
            self.container.close()
            raise
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.thread_count = self._num_threads or thread_budget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()

    @property
    def aspect(self) -> Fraction:
        """Width of a stored pixel as a multiple of its height."""
        return self.stream.sample_aspect_ratio or Fraction(1)

    @property
    def planned_end(self) -> Fraction | None:
        """Time at which the part ends, where that is known before it is met."""
        end = self.part.end
        return self.begin + end.seconds if self.begin is not None and end and end.seconds is not None else None

    @property
    def num_frames_hint(self) -> int:
        """Frames of the part as the container says, 0 where it is silent; only for progress."""
        total, fps = self.info.num_frames_hint, self.info.fps or 0
        start = _count_before(self.part.start, fps)
        end = total if self.part.end is None else _count_before(self.part.end, fps)
        return max(min(end, total or end) - start, 0)

    def seek(self, time: Fraction) -> None:
        """Go on from a frame from which decoding can begin, at `time` in seconds or before it, where the file can.

        The next frames count from 0 again.
        """
        try:
            self.container.seek(round(time / self.info.time_base), stream=self.stream)
        except (av.FFmpegError, OverflowError) as error:
            raise MediaError(f"cannot go to {float(time):.2f} s of {self.path}: {error}") from error

    def __iter__(self) -> Iterator[Frame]:
        """Give every frame of the part that decodes; in a part of the file they count from 0 too.

        Raises:
            DamagedError: After the last frame, where not all of the file is whole.
            MediaError: No frame decodes, or the video is of a kind that is not edited yet.
            TooShortError: The video ends before the part begins.
            ConfigError: The part ends before it begins.
        """
        if self.part.is_all:
            yield from self._frames()
            return
        place = -1
        for place, frame in enumerate(self._selected()):
            yield replace(frame, index=place)
        if place < 0:
            if self.end is not None:
                raise ConfigError(f"{self.path} has no frame {self.part}; choose a later --end")
            raise TooShortError(f"{self.path} ends before {self.part.start}; choose an earlier place")

    def _selected(self) -> Iterator[Frame]:
        """Give the frames of the part; both ends in seconds are sought, a frame's number is counted up to."""
        start, end = self.part.start, self.part.end
        frames = self._frames()
        first = next(frames)
        if start.seconds and not (end and end.frame):
            frames = self._frames_from(first.time + start.seconds)
        else:
            frames = chain([first], frames)
        for frame in frames:
            if end and _is_behind(frame, end, first.time):
                self.end = frame.time
                return
            if _is_behind(frame, start, first.time):
                yield frame

    def _frames_from(self, time: Fraction) -> Iterator[Frame]:
        """Seek to a key frame at or before a time; read from the beginning where that does not lead there."""
        leads = (1 if self._deinterlace else 0, 2, 10)  # the picture before takes part in whole pictures
        for lead in leads if self.container.format.name in _SOUGHT else ():
            with contextlib.suppress(MediaError):
                self.seek(max(time - lead, self.begin or Fraction(0)))
                frames = self._frames()
                first = next(frames)
                if first.time <= time:
                    return chain([first], frames)
        self.container.close()
        self._open()
        return self._frames()

    def pictures(self) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        """Give every picture from where the file stands, as it was decoded, with its time in seconds.

        Raises:
            DamagedError: After the last picture, where not all of the file is whole.
            MediaError: No picture decodes.
        """
        damage: list[str] = []
        is_empty = True
        for picture, time in mended(self._stamped(damage), self._step(), self._say):
            is_empty = False
            self.begin = time if self.begin is None else self.begin
            yield picture, time
        if is_empty:
            raise MediaError(f"{self.path} holds no frame that can be decoded; repair or re-export it")
        if damage:
            raise DamagedError(f"{self.path} is damaged {damage[0]}")

    def duration_of(self, picture: av.VideoFrame) -> Fraction:
        """Return how long a picture is shown, in seconds; the nominal time where the file does not say."""
        return picture.duration * (picture.time_base or self.info.time_base) if picture.duration else self._step()

    def _frames(self) -> Iterator[Frame]:
        """Give every frame from where the file stands."""
        first: Frame | None = None
        for index, (picture, time) in enumerate(self.pictures()):
            frame = self._frame_of(picture, index, time, first)
            first = first or frame
            yield frame

    def _stamped(self, damage: list[str]) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
        """Decode; note the first thing that is not whole, with the time up to which all is."""
        last: Fraction | None = None

        def found(reason: str) -> None:
            where = "at its first frame" if last is None else f"after {float(last - (self.begin or 0)):.2f} s"
            if not damage:
                damage.append(f"{where} ({reason})")

        pictures = decoded(self.container, self.stream, found)
        for picture in deinterlaced(pictures) if self._deinterlace else pictures:
            time = None if picture.pts is None else picture.pts * (picture.time_base or self.info.time_base)
            yield picture, time
            last = time if time is not None else last

    def _frame_of(self, picture: av.VideoFrame, index: int, time: Fraction, first: Frame | None) -> Frame:
        duration = self.duration_of(picture)
        if picture.interlaced_frame:
            raise MediaError(
                f"{self.path} is interlaced (from frame {index} on); --deinterlace of run and batch makes it whole"
            )
        if first is None:
            _refuse_unsupported(self.path, picture)
            if has_transparency(picture.format.name) or self.stream.metadata.get("alpha_mode") == "1":
                self._say("transparency is not kept")
            rotation, is_mirrored = orientation_of(picture)
            alike = self._converted(picture, direct_format(picture.format.name), (picture.width, picture.height))
        else:
            rotation, is_mirrored = first.rotation, first.is_mirrored
            alike = self._converted(picture, first.format.name, first.size_wh)
        return Frame(planes_of(alike), format_of(alike), time, duration, index, int(rotation), alike, is_mirrored)

    def _converted(self, picture: av.VideoFrame, name: str, size_wh: tuple[int, int]) -> av.VideoFrame:
        """Convert a picture of another format or size than the frames have, and say so where such pictures begin."""
        kind = (picture.format.name, picture.width, picture.height)
        if kind == (name, *size_wh):
            return picture
        if kind not in self._told:
            self._told.add(kind)
            self._say("pictures of {} {}x{} are converted to {} {}x{}".format(*kind, name, *size_wh))
        return picture.reformat(width=size_wh[0], height=size_wh[1], format=name)

    def _step(self) -> Fraction:
        """Return the nominal time between frames; only for what the file does not say."""
        return 1 / self.info.fps if self.info.fps else Fraction(1, 25)

    def _say(self, line: str) -> None:
        if not self._is_quiet:
            logger.warning("%s: %s", self.path, line)


def _is_behind(frame: Frame, place: Place, begin: Fraction) -> bool:
    """Tell whether a frame begins at a place or after it."""
    if place.frame is not None:
        return frame.index >= place.frame
    return frame.time - begin >= (place.seconds or 0)


def _count_before(place: Place, fps: Fraction | int) -> int:
    """Estimate how many frames lie before a place."""
    return place.frame if place.frame is not None else round((place.seconds or 0) * fps)


def _video_of(path: Path, container: "av.container.InputContainer") -> "av.VideoStream":
    """Choose the stream to edit."""
    stream = next((one for one in container.streams.video if not is_cover(one)), None)
    if stream is None:
        raise MediaError(f"{path} has no video stream; give a file with pictures")
    if stream.codec_context is None:
        raise MediaError(f"{path} holds video of a kind that FFmpeg cannot decode; re-export it")
    return stream


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
    if has_dolby_vision(picture) and not is_hdr(format_of(picture)) and int(picture.color_trc) in _UNTOLD:
        raise MediaError(f"{path} is Dolby Vision with no picture for other screens; convert it to HDR10 or SDR first")
    if (kind := strange_colours(picture)) is not None:
        raise MediaError(f"{path} has colours of a kind that is not edited ({kind}); convert it to BT.709 first")
    if (rotation := orientation_of(picture)[0]) % 90:
        raise MediaError(f"{path} is displayed turned by {rotation:g} degrees; only multiples of 90 are edited")


def planes_of(picture: av.VideoFrame) -> tuple[Plane, ...]:
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
