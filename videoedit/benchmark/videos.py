"""One clip all the way: edited, only encoded again, and edited stage by stage."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from videoedit.benchmark.clips import ClipRecipe, write_clip
from videoedit.benchmark.memory import peak_memory
from videoedit.benchmark.stages import Cost, StageClock, TimedDetector, TimedEditor
from videoedit.jobs.one_file import RunConfig, edit_file, unseen
from videoedit.pipeline import Pipeline
from videoedit.streams import prefetch
from videoedit.video.reading.reader import VideoReader
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.video.writing.writer import VideoWriter
from videoedit.wishes import EditConfig, Models

_AHEAD = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCase:
    """What one clip cost on one device. All costs are of the whole clip."""

    device: str
    clip: ClipRecipe
    num_faces_edited: int
    """Over all frames."""
    edited: Cost
    """`videoedit run`, with everything loaded anew but nothing imported."""
    transcoded: Cost
    """The same clip, decoded and encoded with the same settings."""
    stages: dict[str, Cost]
    """One after the other, each with one thread of its own; models loaded before."""
    peak_mib: float | None
    """Of the process while it edited."""


def measure_video(recipe: ClipRecipe, edit: EditConfig, encoder: EncoderConfig) -> VideoCase:
    """Draw a clip and put it through."""
    with tempfile.TemporaryDirectory(prefix="videoedit-benchmark-") as name:
        folder = Path(name)
        clip = write_clip(folder, recipe)
        transcoded = _transcode(clip, folder / "transcoded.mp4", encoder)
        config = RunConfig(input=str(clip), output=str(folder / "edited.mp4"), edit=edit, encoder=encoder)
        start = Cost.now()
        with peak_memory() as peak:
            report = edit_file(config, unseen)
        edited = Cost.now() - start
        stages = _stage_by_stage(clip, folder / "staged.mp4", edit, encoder)
    return VideoCase(
        device=edit.device,
        clip=recipe,
        num_faces_edited=report.num_faces,
        edited=edited,
        transcoded=transcoded,
        stages=stages,
        peak_mib=peak.mib,
    )


def _transcode(source: Path, target: Path, encoder: EncoderConfig) -> Cost:
    start = Cost.now()
    with VideoReader(source) as reader, VideoWriter(target, reader, encoder) as writer:
        for frame in prefetch(reader, _AHEAD):
            writer.write(frame)
    return Cost.now() - start


def _stage_by_stage(source: Path, target: Path, config: EditConfig, encoder: EncoderConfig) -> dict[str, Cost]:
    """Edit with nothing in parallel, so that all time belongs to one stage."""
    models = Models.load(config)
    edits = models.edits(config.wishes)
    clock = StageClock()
    detector, editor = TimedDetector(models.detector, clock), TimedEditor(models.editor, clock)
    pipeline = Pipeline(detector, editor, edits, config.pipeline, watch=clock.watch)
    single = replace(encoder, num_threads=1)
    with (
        VideoReader(source, num_threads=1) as reader,
        clock.stage("encode"),  # what no other stage takes, closing the file too
        VideoWriter(target, reader, single) as writer,
    ):
        for edited in pipeline.run(reader):
            writer.write(edited.frame)
    return clock.stop()
