"""Pictures as they come in: from a camera, over the network, or from a file at its own pace.

A source is an iterator of frames; where it has none yet it gives None from time to time, so that whoever asks can stop.
Frames of cameras and streams carry the time at which they came, those of files the file's own.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, TypeAlias

import av
import cv2
import numpy as np

from videoedit.clock import Clock, wait_until
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame
from videoedit.tone import is_hdr
from videoedit.video.formats import direct_format, format_of
from videoedit.video.orientation import orientation_of
from videoedit.video.reading.reader import VideoReader, planes_of

logger = logging.getLogger(__name__)

Arriving: TypeAlias = Iterator[Frame | None]

DEVICE_FORMATS: Final = ("v4l2", "avfoundation", "dshow", "lavfi", "x11grab", "gdigrab")
"""FFmpeg's input devices that may be named as FORMAT:DEVICE."""

_CAMERA_OF: Final = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}")}
_OPEN_SECONDS: Final = 10.0
_READ_SECONDS: Final = 4.0
"""A stream from which nothing comes for so long is lost."""
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 8.0
_NO_DELAY: Final = {"flags": "low_delay", "analyzeduration": "1000000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """Where the pictures come from."""

    name: str
    """Number of a camera, /dev/videoN, FORMAT:DEVICE, an address with ://, or a file."""
    loop: bool = False
    """Play a file again and again."""
    patience: float = 60.0
    """Seconds for which a lost camera or stream is looked for."""

    def __post_init__(self) -> None:
        if self.patience < 0:
            raise ConfigError(f"--patience must not be negative, got {self.patience:g}")
        if self.loop and self.is_live:
            raise ConfigError(f"--loop plays a file again; {self.name} is none")

    @property
    def is_live(self) -> bool:
        """True for what comes when it comes, False for a file."""
        return self.is_address or self.device is not None

    @property
    def is_address(self) -> bool:
        """True where the pictures come over the network."""
        return "://" in self.name

    @property
    def device(self) -> tuple[str, str] | None:
        """FFmpeg's format and name of a camera, or of what is like one."""
        if self.name.isdecimal():
            kind, pattern = _CAMERA_OF.get(sys.platform, ("opencv", "{}"))
            return kind, pattern.format(self.name)
        if self.name.startswith("/dev/video"):
            return "v4l2", self.name
        kind, colon, rest = self.name.partition(":")
        return (kind, rest) if colon and kind in DEVICE_FORMATS else None


def frames_of(config: SourceConfig, clock: Clock) -> Arriving:
    """Open a source and give its frames, numbered from 0 and in order.

    Raises:
        MediaError: At once where a file cannot be read; at the first frame, or when its patience is over, where a
            camera or a stream cannot.
    """
    if not config.is_live:
        VideoReader(config.name, num_threads=1).container.close()
        return played(config.name, clock, loop=config.loop)
    return mended(config, lambda: _pictures(config), clock)


def played(path: str, clock: Clock, *, loop: bool = False) -> Arriving:
    """Play a file at its own pace; in a loop times go on rising."""
    start, offset, index = clock.now(), Fraction(0), 0
    while True:
        end = first_time = None
        with VideoReader(path, num_threads=1) as reader:
            for frame in reader:
                if is_hdr(frame.format):
                    raise MediaError(f"{path} is HDR, which is not edited live; use videoedit run")
                first_time = frame.time if first_time is None else first_time
                time = offset + frame.time - first_time
                yield from wait_until(start + float(time), clock)
                yield replace(frame, time=time, index=index)
                index, end = index + 1, time + frame.duration
        if not loop or end is None:
            return
        offset = end


def mended(config: SourceConfig, open_once: Callable[[], Iterator[av.VideoFrame]], clock: Clock) -> Arriving:
    """Give a live source's frames; when it is lost, look for it again, ever less often, until patience is over."""
    start, index, delay = clock.now(), 0, _FIRST_DELAY
    lost_at: float | None = None
    while True:
        try:
            for picture in open_once():
                if lost_at is not None:
                    logger.warning("%s is back", config.name)
                    lost_at, delay = None, _FIRST_DELAY
                yield _frame_of(picture, clock.now() - start, index)
                index += 1
            reason = f"{config.name} has ended"
        except MediaError as error:
            reason = str(error)
        if index == 0:
            raise MediaError(reason)
        if lost_at is None:
            lost_at = clock.now()
            logger.warning("%s; looking for it for %g s", reason, config.patience)
        if clock.now() + delay > lost_at + config.patience:
            raise MediaError(f"{config.name} did not come back within {config.patience:g} s; check it and start again")
        yield from wait_until(clock.now() + delay, clock)
        delay = min(2 * delay, _LONGEST_DELAY)


def _pictures(config: SourceConfig) -> Iterator[av.VideoFrame]:
    """Open a camera or an address once and give its pictures until it is lost."""
    kind, name = config.device or (None, config.name)
    if kind == "opencv":
        yield from opencv_pictures(int(name))
        return
    options = _NO_DELAY | ({"rtsp_transport": "tcp"} if config.name.startswith("rtsp") else {})
    try:
        with av.open(name, format=kind, options=options, timeout=(_OPEN_SECONDS, _READ_SECONDS)) as container:
            yield from _decoded(container)
    except (av.FFmpegError, OSError, IndexError, ValueError) as error:
        what = f"camera {config.name}" if config.device else config.name
        raise MediaError(f"cannot read {what}: {_reason(error)}; check that it is there and not in use") from error


def opencv_pictures(source: int | str) -> Iterator[av.VideoFrame]:
    """Read a camera through OpenCV, where FFmpeg has no driver that takes a number."""
    camera = cv2.VideoCapture(source)
    try:
        if not camera.isOpened():
            raise MediaError(
                f"cannot read camera {source}: OpenCV cannot open it; check that it is there and not in use"
            )
        while (read := camera.read())[0]:
            yield av.VideoFrame.from_ndarray(np.asarray(read[1], dtype=np.uint8), format="bgr24")
    finally:
        camera.release()


def _decoded(container: "av.container.InputContainer") -> Iterator[av.VideoFrame]:
    """Decode without holding pictures back; a broken packet is passed over."""
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"
    for packet in container.demux(stream):
        try:
            pictures = packet.decode()
        except av.error.InvalidDataError:
            continue
        yield from pictures


def _frame_of(picture: av.VideoFrame, seconds: float, index: int) -> Frame:
    name = direct_format(picture.format.name)
    if name != picture.format.name:
        picture = picture.reformat(format=name)
    time = Fraction(round(seconds * 1_000_000), 1_000_000)
    rotation, is_mirrored = orientation_of(picture)
    return Frame(
        planes_of(picture), format_of(picture), time, Fraction(0), index, round(rotation), picture, is_mirrored
    )


def _reason(error: Exception) -> str:
    """Return what went wrong, without the path and number that FFmpeg's text may repeat."""
    if isinstance(error, av.error.ExitError):  # what FFmpeg calls a time-out
        return "nothing comes from it"
    return re.sub(r"^\[Errno \d+\] |: '.*'$", "", getattr(error, "strerror", None) or str(error))
