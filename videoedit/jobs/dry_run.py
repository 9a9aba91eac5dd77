"""Say what an edit would do, having looked at everything that could refuse it; nothing is written."""

from collections.abc import Iterator
from pathlib import Path

from videoedit.jobs.one_file import RunConfig, reader_of
from videoedit.video.carrying.carriage import plan_of
from videoedit.video.reading.reader import VideoReader
from videoedit.video.stills.clip import PictureReader, PictureWriter
from videoedit.video.writing.outline import outline_of
from videoedit.whole_files import check_target
from videoedit.wishes import build_pipeline


def dry_run(config: RunConfig) -> list[str]:
    """Return what would be done, line by line.

    Raises:
        VideoEditError: The edit would be refused, for the same reason.
    """
    with reader_of(config) as reader:
        check_target(Path(config.output), [config.input, *config.edit.pictures], overwrite=config.overwrite)
        if isinstance(reader, PictureReader):
            PictureWriter(config.output, reader, config.encoder, overwrite=config.overwrite)
            lines = [f"{config.output}: a picture like {config.input}"]
        else:
            lines = list(_lines_of_video(config, reader))
    build_pipeline(config.edit)
    return [*lines, *_lines_of_edit(config)]


def _lines_of_video(config: RunConfig, reader: VideoReader) -> Iterator[str]:
    """Yield how the pictures are encoded, and what becomes of everything beside them."""
    path = Path(config.output)
    first = next(iter(reader))
    outline = outline_of(first, reader.aspect, config.encoder, path)
    times = f"{float(config.encoder.fps):.3f} frames per second" if config.encoder.fps else "every frame at its time"
    yield f"{path}: {outline}, {times}"
    yield from (f"  {remark}" for remark in outline.remarks)
    yield f"  about {reader.num_frames_hint} frames of {config.input}, {config.part}"
    plan = plan_of(reader.container, reader.stream.index, path, config.encoder.audio)
    for carriage in plan.streams:
        yield f"  {carriage}"
    yield f"  {len(plan.chapters)} chapters; metadata: {', '.join(plan.metadata) or 'none'}"
    yield from (f"  {remark}" for remark in plan.remarks if remark not in map(str, plan.streams))


def _lines_of_edit(config: RunConfig) -> Iterator[str]:
    whose = [("", wish) for wish in config.edit.wishes]
    whose += [(f"{entry.shown}: ", wish) for entry in config.edit.maps for wish in entry.wishes]
    for who, wish in whose:
        like = f"like {wish.reference}" if wish.reference else "taken away"
        yield f"  {who}{wish.attribute} {like}, strength {wish.strength:g}"
