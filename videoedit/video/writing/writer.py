"""Edited frames and untouched sound into one file that appears only when it is whole."""

import contextlib
import logging
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av

from videoedit.device import thread_budget
from videoedit.errors import MediaError
from videoedit.frames import Frame
from videoedit.video.carrying.carriage import kept_metadata, plan_of
from videoedit.video.carrying.carried import chapters_of_part
from videoedit.video.carrying.copier import Copier
from videoedit.video.formats import expected_format
from videoedit.video.opening import open_output
from videoedit.video.orientation import Matrix, matrix_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.clock import PictureClock
from videoedit.video.writing.containers import container_of
from videoedit.video.writing.encoding import EncoderConfig, choose_encoder
from videoedit.video.writing.failures import failures_told
from videoedit.video.writing.languages import has_letters, write_languages
from videoedit.video.writing.outline import Outline, outline_of
from videoedit.video.writing.rate import ConstantRate, clock_of
from videoedit.video.writing.shape import Shape
from videoedit.whole_files import check_target, partial_path, remove_partial

logger = logging.getLogger(__name__)


class VideoWriter:
    """Owns a temporary file beside the target; renamed on a clean exit, removed on any other."""

    def __init__(
        self,
        path: str | Path,
        reader: VideoReader,
        config: EncoderConfig,
        *,
        overwrite: bool = False,
        only_pictures: bool = False,
    ) -> None:
        """Open the temporary file; the target itself is not touched.

        Args:
            path: The target; its ending names the container.
            reader: The source, whose sound, subtitles, chapters and metadata are carried over.
            config: How it is encoded.
            overwrite: Replace an existing target.
            only_pictures: Carry nothing over.

        Raises:
            MediaError: The target exists, or its folder does not.
            ConfigError: Container, encoder and pixel format do not go together.
        """
        self.path = Path(path)
        check_target(self.path, [reader.path], overwrite=overwrite)
        choose_encoder(config, self.path, expected_format(reader.info))
        self._config = config
        self._reader = reader
        self._only_pictures = only_pictures
        self._partial = partial_path(self.path)
        self._stream: Any = None
        self._shape: Shape | None = None
        self._begin: Fraction | None = None
        self._kind = container_of(self.path)
        self._rate = ConstantRate(config.fps) if config.fps else None
        self._time_base = reader.info.time_base
        self._plan = plan_of(reader.container, reader.stream.index, self.path, config.audio)
        try:
            self._partial.touch()  # FFmpeg opens it at the first packet, when all has been edited in vain
            self._container = open_output(self._partial, self._kind.muxer, self._plan.options)
        except (av.FFmpegError, OSError) as error:
            remove_partial(self._partial)
            raise MediaError(f"cannot write {self.path}: {error.strerror}; choose a writable folder") from error
        self._copier: Copier | None = None
        self._clock = PictureClock()
        self._waiting: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with failures_told(self.path):
                    self._finish()
                self._partial.replace(self.path)
        finally:
            with contextlib.suppress(av.FFmpegError, OSError):
                self._container.close()
            self._close_copier()
            remove_partial(self._partial)

    def write(self, frame: Frame) -> None:
        """Encode one frame at its own time, and carry over the sound up to then."""
        with failures_told(self.path):
            if self._shape is None:
                self._begin = frame.time if self._reader.part.has_start else None
            frame = replace(frame, time=frame.time - (self._begin or 0))
            if self._shape is None:
                self._shape = self._start(frame)
            for shown in self._rate.take(frame) if self._rate else (frame,):
                self._encode(shown, self._shape)
            if self._copier:
                self._copier.copy_until(frame.time)

    @property
    def time_base(self) -> Fraction:
        """Seconds per tick of the clock of the pictures."""
        return self._time_base

    def copy_like(self, encoded: Any, matrix: Matrix | None) -> None:
        """Take pictures that are encoded already, by `copy`, instead of frames.

        Args:
            encoded: The stream that holds the first of them; all must have been encoded alike.
            matrix: How its pictures are shown.
        """
        with failures_told(self.path):
            self._stream = self._container.add_stream_from_template(encoded)
            self._stream.time_base = self.time_base
            self._name_codec()
            self._stream.set_display_matrix(matrix)
            self._carry_over()

    def copy(self, packet: Any, time: int, decode_time: int, duration: int) -> None:
        """Write an encoded picture; times in ticks of the source's clock, calls in the order of decoding."""
        with failures_told(self.path):
            packet.stream, packet.time_base = self._stream, self.time_base
            packet.pts, packet.dts = time, decode_time
            self._clock.show(time, duration)
            self._mux([packet])
            if self._copier:
                self._copier.copy_until(time * self.time_base)

    def _encode(self, frame: Frame, shape: Shape) -> None:
        picture = self._timed(shape.picture_of(frame), frame)
        self._clock.show(picture.pts or 0, picture.duration)
        self._mux(self._stream.encode(picture))

    def _start(self, frame: Frame) -> Shape:
        """Make the streams, which need to know the first frame."""
        outline = outline_of(frame, self._reader.aspect, self._config, self.path)
        for remark in outline.remarks:
            logger.warning("%s: %s", self.path, remark)
        if self._config.fps:
            self._time_base = clock_of(self._config.fps, frame.time)
        self._add_video(outline)
        self._stream.set_display_matrix(None if outline.shape.turns else matrix_of(frame.origin))
        self._carry_over()
        return outline.shape

    def _add_video(self, outline: Outline) -> None:
        rate = self._config.fps or self._reader.info.fps or 25
        self._stream = self._container.add_stream(outline.choice.name, rate=rate, options=outline.choice.options)
        self._stream.time_base = self._time_base
        context = self._stream.codec_context
        context.time_base = self._time_base
        context.thread_count = self._config.num_threads or thread_budget()
        self._name_codec()
        outline.open(context)

    def _name_codec(self) -> None:
        context = self._stream.codec_context
        if tag := self._kind.codec_tags.get(context.codec.canonical_name):
            context.codec_tag = tag

    def _carry_over(self) -> None:
        """Take metadata and chapters from the source, and make its other streams ready."""
        if self._only_pictures:
            return
        self._container.metadata.update(self._plan.metadata)
        self._stream.metadata.update(kept_metadata(self._reader.stream.metadata))
        chapters = chapters_of_part(self._plan.chapters, self._begin or Fraction(0), self._reader.planned_end)
        self._container.set_chapters(chapters)
        for remark in self._plan.remarks:
            logger.warning("%s: %s", self._reader.path, remark)
        self._copier = Copier(self._reader.path, self._container, self._plan.streams, self._begin)

    def _timed(self, picture: av.VideoFrame, frame: Frame) -> av.VideoFrame:
        """Give a picture its frame's time."""
        time_base = self._time_base
        picture.time_base = time_base
        picture.pts = round(frame.time / time_base)
        picture.duration = round(frame.duration / time_base)
        return picture

    def _mux(self, packets: list[Any], *, is_end: bool = False) -> None:
        """Write encoded pictures but the latest, which waits to be known for the last."""
        for packet in [*packets, None] if is_end else packets:
            if self._waiting is not None:
                self._clock.mend_order(self._waiting)
                self._clock.give_duration(self._waiting, is_last=packet is None)
                self._container.mux(self._waiting)
            self._waiting = packet

    def _finish(self) -> None:
        if self._stream is None:
            raise MediaError(f"nothing to write to {self.path}; the input holds no frame")
        if self._shape:
            for shown in self._rate.finish() if self._rate else ():
                self._encode(shown, self._shape)
        self._mux(self._stream.encode(None) if self._shape else [], is_end=True)
        if self._copier:
            end = self._reader.end
            self._copier.finish(None if end is None else end - (self._begin or 0))
        languages = {one.index + 1: one.metadata.get("language", "") for one in self._container.streams}
        self._container.close()
        if self._kind.has_numbered_languages:
            write_languages(self._partial, {track: name for track, name in languages.items() if has_letters(name)})

    def _close_copier(self) -> None:
        if self._copier:
            self._copier.close()
