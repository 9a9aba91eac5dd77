"""Edit one video file: reader, pipeline and writer joined, and what happened told at the end."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from videoedit.detect.base import FaceDetector, detectors
from videoedit.edit.attributes import attribute_of
from videoedit.edit.base import MAX_STRENGTH, Edit, FaceEditor
from videoedit.edit.elegant import ElegantEditor
from videoedit.edit.exemplar import read_exemplar
from videoedit.errors import ConfigError, NoFaceError
from videoedit.frames import Image
from videoedit.judge.attributes import AttributeJudge
from videoedit.pipeline import EditedFrame, Pipeline, PipelineConfig
from videoedit.streams import prefetch
from videoedit.video.encoders import EncoderConfig
from videoedit.video.reader import VideoReader
from videoedit.video.writer import VideoWriter

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One attribute to change, as the user asks for it."""

    attribute: str
    """Name or alias, in any case."""
    reference: str | None
    """Picture of the exemplar; None takes the attribute away with the model's neutral code."""
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= MAX_STRENGTH:
            raise ConfigError(f"--strength must be in 0..{MAX_STRENGTH}, got {self.strength}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConfig:
    """Which edit is made, by which models."""

    wishes: tuple[Wish, ...]
    model: str = "elegant"
    """Name of an embedded card, or path of the user's own."""
    detector_model: str = "face-detector"
    """Name of an embedded card, or path of an SCRFD model in ONNX."""
    detector_score: float = 0.5
    """Faces below this are not edited."""
    device: str = "auto"
    pipeline: PipelineConfig = field(default_factory=PipelineConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """Everything about one job."""

    input: str
    output: str
    edit: EditConfig
    no_face: Literal["pass", "fail"] = "pass"
    """What to do where no frame shows a face: pass the video through, or refuse."""
    overwrite: bool = False
    encoder: EncoderConfig = field(default_factory=EncoderConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a job did."""

    output: Path
    num_frames: int
    num_frames_with_face: int
    num_faces: int
    """Faces edited, over all frames."""
    seconds: float


def edit_file(config: RunConfig, progress: Callable[[Iterable[EditedFrame], int], Iterable[EditedFrame]]) -> RunReport:
    """Edit one file; the output appears only when it is whole.

    Args:
        config: The job.
        progress: Wraps the stream of finished frames, given the frames expected (0 if unknown).

    Raises:
        VideoEditError: Anything the user can mend, in one line.
    """
    start = time.monotonic()
    with (
        VideoReader(config.input) as reader,
        VideoWriter(config.output, reader, config.encoder, overwrite=config.overwrite) as writer,
    ):
        pipeline = build_pipeline(config.edit)
        finished = pipeline.run(prefetch(reader, config.edit.pipeline.batch_size))
        counts = list(_written(progress(finished, reader.info.num_frames_hint), writer))
        if config.no_face == "fail" and not any(counts):
            raise NoFaceError(f"no face in {config.input}; use --no-face pass to copy it unchanged")
    return RunReport(
        output=Path(config.output),
        num_frames=len(counts),
        num_frames_with_face=sum(count > 0 for count in counts),
        num_faces=sum(counts),
        seconds=time.monotonic() - start,
    )


def build_pipeline(config: EditConfig) -> Pipeline:
    """Load the models and read the exemplars."""
    editor = ElegantEditor.from_card(config.model, config.device)
    wishes = [(attribute_of(wish.attribute, editor.attributes), wish) for wish in config.wishes]
    detector = detectors.build("insightface", weights=config.detector_model, score=config.detector_score)
    edits = [_edit_of(attribute, wish, detector, editor) for attribute, wish in wishes]
    return Pipeline(detector, editor, edits, config.pipeline)


def _edit_of(attribute: str, wish: Wish, detector: FaceDetector, editor: FaceEditor) -> Edit:
    if wish.reference is None:
        return editor.edit_without(attribute, wish.strength)
    exemplar = read_exemplar(wish.reference, detector, editor)
    _warn_if_lacking(exemplar, attribute, wish.reference)
    return editor.edit_like(exemplar, attribute, wish.strength)


def _warn_if_lacking(exemplar: Image, attribute: str, path: str) -> None:
    """Say where a reference does not seem to show what is asked of it; it would then take the attribute away."""
    judge = AttributeJudge.from_card()
    if attribute in judge.attributes and judge.lacks_plainly(exemplar, attribute):
        logger.warning(
            "%s may not show %s (thin frames are easily missed): the edit could take it away rather than add it",
            path,
            attribute,
        )


def _written(finished: Iterable[EditedFrame], writer: VideoWriter) -> Iterator[int]:
    """Write every frame; give back how many faces it held."""
    for edited in finished:
        writer.write(edited.frame)
        yield len(edited.placements)
