"""Say what an edit would do, having looked at everything that could refuse it; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from videoedit.errors import MediaError
from videoedit.jobs.frame_report import check_report
from videoedit.jobs.one_file import RunConfig, reader_of
from videoedit.jobs.resume import check_resume
from videoedit.jobs.storage import url_of
from videoedit.jobs.views import side_by_side
from videoedit.jobs.work import Worker
from videoedit.video.carrying.carriage import plan_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.reading.wholeness import is_cut_short
from videoedit.video.stills.clip import PictureReader, check_wishes
from videoedit.video.writing.outline import outline_of
from videoedit.whole_files import check_target
from videoedit.wishes import build_pipeline
from videoedit.wording import counted


def dry_run(config: RunConfig, segment_frames: int | None = None) -> list[str]:
    """Return what would be done, line by line.

    Args:
        config: The job.
        segment_frames: Frames of a segment, where the video is edited in segments.

    Raises:
        VideoEditError: The edit would be refused, for the same reason.
    """
    if segment_frames is not None:
        check_resume(config, segment_frames)
    if config.report:
        check_report(config.report)
    with reader_of(config) as reader:
        check_target(Path(config.output), [config.input, *config.edit.pictures], overwrite=config.overwrite)
        lines = list(_lines_of_file(config, reader))
    build_pipeline(config.edit)
    return [*lines, *_lines_of_edit(config)]


@dataclass(frozen=True, slots=True)
class CheckFile:
    """Task: see that a file of a batch can be edited; what is on other storage is not fetched for that."""

    config: RunConfig

    def __call__(self, worker: Worker) -> None:
        """Refuse what an edit would refuse."""
        config, output = self.config, Path(self.config.output)
        worker.pipeline(config.edit)
        if output.parent.is_dir():  # else it will be made
            check_target(output, config.edit.pictures, overwrite=config.overwrite)
        if url_of(config.input) is None:
            with reader_of(config) as reader:
                list(_lines_of_file(config, reader))


def _lines_of_file(config: RunConfig, reader: VideoReader | PictureReader) -> Iterator[str]:
    """Yield what a file becomes."""
    if isinstance(reader, VideoReader):
        yield from _lines_of_video(config, reader)
        return
    check_wishes(config.output, config.encoder)
    yield f"{config.output}: a picture like {config.input}"


def _lines_of_video(config: RunConfig, reader: VideoReader) -> Iterator[str]:
    """Yield how the pictures are encoded, and what becomes of everything beside them."""
    path = Path(config.output)
    first = next(iter(reader))
    if config.part.end is None and not config.keep_partial and is_cut_short(config.input):
        raise MediaError(f"{config.input} ends early; videoedit run --keep-partial keeps the frames that decode")
    shown = side_by_side(first, first) if config.view.compare else first
    outline = outline_of(shown, reader.aspect, config.encoder, path)
    outline.check(path)
    times = f"{float(config.encoder.fps):.3f} frames per second" if config.encoder.fps else "every frame at its time"
    yield f"{path}: {outline}, {times}"
    yield from (f"  {remark}" for remark in outline.remarks)
    yield f"  about {counted(reader.num_frames_hint, 'frame')} of {config.input}, {config.part}"
    plan = plan_of(reader.container, reader.stream.index, path, config.encoder.audio)
    for carriage in plan.streams:
        yield f"  {carriage}"
    yield f"  {counted(len(plan.chapters), 'chapter')}; metadata: {', '.join(plan.metadata) or 'none'}"
    yield from (f"  {remark}" for remark in plan.remarks if remark not in map(str, plan.streams))


def _lines_of_edit(config: RunConfig) -> Iterator[str]:
    whose = [("", wish) for wish in config.edit.wishes]
    whose += [(f"{entry.shown}: ", wish) for entry in config.edit.maps for wish in entry.wishes]
    for who, wish in whose:
        like = f"like {wish.reference}" if wish.reference else "taken away"
        yield f"  {who}{wish.attribute} {like}, strength {wish.strength:g}"
