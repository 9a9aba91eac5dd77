"""Where live frames go: nowhere, a file, the network, a virtual camera.

A sink takes frames at their own times and never waits for the next one; it opens at the first frame, whose size and
pixel format it keeps. (The window is `video.window`, for it gives keys back.)
"""

import contextlib
import logging
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol

import av

from videoedit.clock import Clock
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame
from videoedit.video.live.pictures import picture_of, shown
from videoedit.video.writing.shape import TAGS
from videoedit.whole_files import check_target, partial_path, remove_partial

logger = logging.getLogger(__name__)

_TIME_BASE: Final = Fraction(1, 90_000)
_MUXERS: Final = {"rtmp": "flv", "rtmps": "flv", "rtsp": "rtsp"}
"""Muxer by scheme; every other address gets an MPEG transport stream."""
RECORDING_ENCODER: Final = "libx264"
_ENCODER: Final = {"preset": "superfast", "tune": "zerolatency", "crf": "20"}
_FRAMES_PER_KEY: Final = 60
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 8.0


class Sink(Protocol):
    """Takes frames in order."""

    def write(self, frame: Frame) -> None:
        """Pass one frame on."""
        ...

    def close(self, *, keep: bool) -> None:
        """Finish; with `keep` False nothing half-done is left."""
        ...


class NullSink:
    """Takes every frame and does nothing with it."""

    def write(self, frame: Frame) -> None:
        """Forget a frame."""

    def close(self, *, keep: bool) -> None:
        """Do nothing."""


class FileSink:
    """Records into a file, which appears under its name when it is whole."""

    def __init__(self, path: str | Path, *, read: Iterable[str] = (), overwrite: bool = False) -> None:
        """Check the file.

        Args:
            path: The file.
            read: What is read meanwhile, files or names of anything else; it must replace none of them.
            overwrite: Whether it may replace another file.
        """
        self.path = Path(path)
        check_target(self.path, read, overwrite=overwrite)
        self._partial = partial_path(self.path)
        self._stream = _Encoded(str(self._partial.absolute()), str(self.path), None)

    def write(self, frame: Frame) -> None:
        """Record a frame."""
        self._stream.write(frame)

    def close(self, *, keep: bool) -> None:
        """Finish the file, or remove what there is of it."""
        try:
            self._stream.close()
            if keep and self._partial.exists():
                self._partial.replace(self.path)
        finally:
            remove_partial(self._partial)


class NetworkSink:
    """Sends to an address; when the receiver is gone it is looked for again, and frames go nowhere meanwhile."""

    def __init__(self, address: str, clock: Clock, *, patience: float = 60.0) -> None:
        self.address = address
        self.num_unsent = 0
        self._clock, self._patience = clock, patience
        self._stream: _Encoded | None = None
        self._has_sent = False
        self._lost_at = self._next_try = 0.0
        self._delay = _FIRST_DELAY

    def write(self, frame: Frame) -> None:
        """Send a frame.

        Raises:
            MediaError: The first frame could not be sent, or the receiver stays away.
        """
        if self._stream is None and self._clock.now() < self._next_try:
            self.num_unsent += 1
            return
        try:
            self._stream = self._stream or _Encoded(self.address, self.address, _muxer_of(self.address))
            self._stream.write(frame)
        except MediaError as error:
            self._lose(error)
            return
        if self._next_try:
            logger.warning("%s takes frames again", self.address)
        self._has_sent, self._next_try, self._delay = True, 0.0, _FIRST_DELAY

    def _lose(self, error: MediaError) -> None:
        """Wait before the next try, longer every time."""
        self.num_unsent += 1
        self.close(keep=False)
        if not self._has_sent:
            raise error
        now = self._clock.now()
        if not self._next_try:
            self._lost_at = now
            logger.warning("%s; trying again for %g s", error, self._patience)
        elif now - self._lost_at > self._patience:
            raise MediaError(
                f"{self.address} took nothing for {self._patience:g} s; check the receiver and start again"
            )
        self._next_try = now + self._delay
        self._delay = min(2 * self._delay, _LONGEST_DELAY)

    def close(self, *, keep: bool) -> None:  # noqa: ARG002 - what is sent is sent
        """Say goodbye, if there is anybody."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with contextlib.suppress(MediaError):
                stream.close()


class CameraSink:
    """A virtual camera that other programs see, by pyvirtualcam."""

    def __init__(self, device: str | None, fps: float = 30.0) -> None:
        """Look for the library; the camera opens at the first frame.

        Args:
            device: /dev/videoN of v4l2loopback, or None for the first one there is.
            fps: Rate that the camera says it has.

        Raises:
            ConfigError: pyvirtualcam is not installed.
        """
        try:
            import pyvirtualcam
        except ImportError as error:
            raise ConfigError("a virtual camera needs pyvirtualcam; pip install 'videoedit[webcam]'") from error
        self._library, self._device, self._fps = pyvirtualcam, device, fps
        self._camera: Any = None

    def write(self, frame: Frame) -> None:
        """Show a frame; nothing waits for the camera's next turn."""
        image = shown(frame)
        try:
            if self._camera is None:
                height, width = image.shape[:2]
                self._camera = self._library.Camera(width, height, self._fps, device=self._device)
            self._camera.send(image)
        except (RuntimeError, ValueError) as error:
            name = self._device or "virtual camera"
            raise MediaError(f"cannot use {name}: {error}; load v4l2loopback or start OBS's virtual camera") from error

    def close(self, *, keep: bool) -> None:  # noqa: ARG002 - nothing is kept
        """Let the camera go."""
        if self._camera is not None:
            self._camera.close()


class _Encoded:
    """H.264 in a container, without pictures held back."""

    def __init__(self, target: str, name: str, muxer: str | None) -> None:
        self._name = name
        self._start: Fraction | None = None
        self._last_pts = -1
        self._stream: Any = None
        self._format = ""
        with self._failures_told():
            self._container = av.open(target, "w", format=muxer)
        self._is_sent = muxer is not None

    def write(self, frame: Frame) -> None:
        with self._failures_told():
            if self._stream is None:
                self._format = "yuv420p" if self._is_sent else frame.format.name.replace("yuvj", "yuv")
                self._begin(picture_of(frame, self._format))
            picture = picture_of(frame, self._format)
            if (picture.width, picture.height) != (self._stream.width, self._stream.height):
                picture = picture.reformat(self._stream.width, self._stream.height)
            self._start = frame.time if self._start is None else self._start
            self._last_pts = max(round((frame.time - self._start) / _TIME_BASE), self._last_pts + 1)
            picture.pts, picture.time_base = self._last_pts, _TIME_BASE
            self._container.mux(self._stream.encode(picture))

    def _begin(self, picture: av.VideoFrame) -> None:
        stream: Any = self._container.add_stream(RECORDING_ENCODER, rate=30, options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, self._format
        stream.time_base = stream.codec_context.time_base = _TIME_BASE
        stream.codec_context.gop_size = _FRAMES_PER_KEY
        for tag in TAGS:
            setattr(stream.codec_context, tag, int(getattr(picture, tag)))
        self._stream = stream

    def close(self) -> None:
        with self._failures_told():
            try:
                if self._stream is not None:
                    self._container.mux(self._stream.encode(None))
            finally:
                self._container.close()

    @contextlib.contextmanager
    def _failures_told(self) -> Any:
        try:
            yield
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise MediaError(
                f"cannot write {self._name}: {reason}; check that it can be reached and written"
            ) from error


def _muxer_of(address: str) -> str:
    return _MUXERS.get(address.partition("://")[0], "mpegts")
