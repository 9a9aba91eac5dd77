"""Edit one video or picture: reader, pipeline and writer joined, and what happened told at the end."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias

from videoedit.errors import ConfigError, DamagedError, MediaError, NoFaceError
from videoedit.frames import Frame
from videoedit.jobs.frame_report import FrameReport
from videoedit.jobs.views import View
from videoedit.pipeline import EditedFrame, Pipeline
from videoedit.registry import unknown_name
from videoedit.streams import begun, prefetch
from videoedit.video.reading.part import Part
from videoedit.video.reading.reader import VideoReader
from videoedit.video.stills.clip import PictureReader, PictureWriter
from videoedit.video.writing.containers import is_picture
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.writer import VideoWriter
from videoedit.whole_files import check_target
from videoedit.wishes import EditConfig, build_pipeline
from videoedit.wording import counted

logger = logging.getLogger(__name__)

Progress: TypeAlias = Callable[[Iterable[Any], int], Iterable[Any]]
"""Gives back a stream with one item per frame as it is, seeing it pass; told the frames expected, 0 if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything about one job."""

    input: str
    output: str
    edit: EditConfig
    part: Part = field(default_factory=Part)
    """What is taken of the input."""
    no_face: Literal["pass", "fail"] = "pass"
    """What to do where no frame shows a face: pass the video through, or refuse."""
    overwrite: bool = False
    keep_partial: bool = False
    """Keep what could be edited of a damaged input; the error is raised all the same."""
    deinterlace: bool = False
    """Make whole pictures of interlaced ones, which are refused else."""
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    view: View = field(default_factory=View)
    """What is written of every frame."""
    report: str | None = None
    """Path of a report about tracks, `.json`, or frames, `.jsonl`."""

    def __post_init__(self) -> None:
        if self.no_face not in ("pass", "fail"):
            raise ConfigError(unknown_name("--no-face", self.no_face, ("pass", "fail")))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a job did."""

    output: Path
    num_frames: int
    num_frames_with_face: int
    num_faces: int
    """Faces edited, over all frames."""
    num_frames_edited: int
    """Frames given to the editor now; fewer where edits of an earlier run were kept."""
    seconds: float


def edit_file(config: RunConfig, progress: Progress, pipeline: Pipeline | None = None) -> RunReport:
    """Edit one file; the output appears only when it is whole.

    Args:
        config: The job.
        progress: Wraps the stream of finished frames.
        pipeline: Models and edits that are loaded already; None loads those of the job.

    Raises:
        VideoEditError: Anything the user can mend, in one line.
    """
    with opened(config) as file, FrameReport(config.report) if config.report else nullcontext() as report:
        pipeline = replace(pipeline or build_pipeline(config.edit), begin=file.begin)
        finished = pipeline.run(file.frames)
        finished = _unmet_tracks_told(finished, config)
        noted = report.noted(finished, file.begin) if report else finished
        seen = config.view.of(noted, pipeline.editor.crop_size)
        return file.write(progress(seen, file.num_frames_hint))


@dataclass(frozen=True, slots=True, eq=False)
class OpenFile:
    """A source that is being read, and its result that is being written."""

    config: RunConfig
    frames: Iterable[Frame]
    """Of the source; they end quietly where it is damaged."""
    begin: Fraction | None
    """Time of the first frame of the whole source."""
    num_frames_hint: int
    writer: VideoWriter | PictureWriter
    damage: list[DamagedError]
    """What was found while the frames passed."""
    start: float
    """Seconds of the clock at which the file was opened."""
    counts: list[int] = field(default_factory=list)
    """Faces edited in every frame that is written."""

    @property
    def what_decodes(self) -> str:
        """What is kept of a damaged source, for the user."""
        return f"what decodes of it, {counted(len(self.counts), 'frame')}"

    def write(self, finished: Iterable[EditedFrame]) -> RunReport:
        """Write all frames.

        Raises:
            MediaError: The source is damaged, or the result cannot be written.
            NoFaceError: No frame shows a face, and one is required.
        """
        self.counts.extend(len(edited.placements) for edited in written(finished, self.writer))
        if self.damage and not self.counts:
            raise self.damage[0]
        if self.damage and not self.config.keep_partial:
            raise MediaError(f"{self.damage[0].finding}; videoedit run --keep-partial keeps {self.what_decodes}")
        if self.config.no_face == "fail" and not any(self.counts):
            raise no_face_in(self.config.input)
        return RunReport(
            output=Path(self.config.output),
            num_frames=len(self.counts),
            num_frames_with_face=sum(count > 0 for count in self.counts),
            num_faces=sum(self.counts),
            num_frames_edited=sum(count > 0 for count in self.counts),
            seconds=time.monotonic() - self.start,
        )


@contextmanager
def opened(config: RunConfig) -> Iterator[OpenFile]:
    """Open a source and begin its result, which appears at the end, or not at all after an error."""
    start = time.monotonic()
    damage: list[DamagedError] = []
    with (
        reader_of(config) as reader,
        _writer_of(config, reader) as writer,
        closing(prefetch(reader, config.edit.pipeline.batch_size)) as ahead,  # it must not read a closed file
    ):
        frames = begun(until_damage(ahead, damage))
        file = OpenFile(config, frames, reader.begin, reader.num_frames_hint, writer, damage, start)
        yield file
    if not config.part.is_all:
        is_cut = config.encoder.audio == "copy" and isinstance(reader, VideoReader) and reader.info.num_audio_streams
        cut = "; sound is cut between its packets" if is_cut else ""
        logger.warning("%s: edited %s%s", config.input, config.part, cut)
    if damage:
        raise MediaError(f"{damage[0].finding}; {config.output} holds {file.what_decodes}")


def reader_of(config: RunConfig) -> VideoReader | PictureReader:
    """Open the input.

    Raises:
        MediaError: It cannot be read.
        ConfigError: A part of a picture is asked for.
    """
    if not is_picture(config.input):
        return VideoReader(config.input, part=config.part, deinterlace=config.deinterlace)
    if not config.part.is_all:
        raise ConfigError(f"--start and --end are for videos, {config.input} is a picture; leave them out")
    if config.view.compare:
        raise ConfigError(f"--compare is for videos, {config.input} is a picture; see videoedit preview")
    return PictureReader(config.input)


def _writer_of(config: RunConfig, reader: VideoReader | PictureReader) -> VideoWriter | PictureWriter:
    check_target(Path(config.output), [config.input, *config.edit.pictures], overwrite=config.overwrite)
    if isinstance(reader, PictureReader):
        return PictureWriter(config.output, reader, config.encoder, overwrite=config.overwrite)
    return VideoWriter(config.output, reader, config.encoder, overwrite=config.overwrite)


def unseen(frames: Iterable[Any], total: int) -> Iterable[Any]:  # noqa: ARG001
    """Show no progress."""
    return frames


def no_face_in(path: str | Path) -> NoFaceError:
    """Return the error that says so."""
    return NoFaceError(
        f"no face to edit in {path}; lower --min-face if faces are small, or use --no-face pass to copy it unchanged"
    )


def _unmet_tracks_told(finished: Iterable[EditedFrame], config: RunConfig) -> Iterator[EditedFrame]:
    """Say at the end which tracks that were given an exemplar of their own were not seen."""
    wanted = {entry.track_id for entry in config.edit.maps if entry.track_id is not None}
    for edited in finished:
        wanted -= {placement.track_id for placement in (*edited.placements, *edited.skipped)}
        yield edited
    for track in sorted(wanted):
        logger.warning("%s: no track %d of --map was seen; --report FILE.json lists the tracks", config.input, track)


def until_damage(frames: Iterable[Frame], damage: list[DamagedError]) -> Iterator[Frame]:
    """End quietly where the reader reports damage, so that the frames on their way are finished; keep the report."""
    try:
        yield from frames
    except DamagedError as error:
        damage.append(error)


def written(finished: Iterable[EditedFrame], writer: VideoWriter | PictureWriter) -> Iterator[EditedFrame]:
    """Write every frame on its way."""
    for edited in finished:
        writer.write(edited.frame)
        yield edited
