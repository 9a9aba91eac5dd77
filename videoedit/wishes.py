"""What a user wishes to change, and the loaded parts that do it; every command that edits starts here."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from videoedit.detect.base import FaceDetector, detectors
from videoedit.edit.attributes import attribute_of
from videoedit.edit.base import MAX_STRENGTH, Edit, FaceEditor
from videoedit.edit.elegant import ElegantEditor
from videoedit.edit.exemplar import read_exemplar
from videoedit.errors import ConfigError
from videoedit.frames import Image
from videoedit.judge.attributes import AttributeJudge
from videoedit.pipeline import Pipeline, PipelineConfig

logger = logging.getLogger(__name__)


KEEP: Final = 0.6
"""Share of the score that starts a track with which it goes on."""


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
    device: str = "auto"
    pipeline: PipelineConfig = field(default_factory=PipelineConfig)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The networks of an edit, loaded once for any number of videos and exemplars."""

    detector: FaceDetector
    editor: FaceEditor
    sure_score: float = 0.5
    """Score from which a face in a reference is taken for one."""

    @classmethod
    def load(cls, config: EditConfig) -> Self:
        """Load the weights that a configuration names.

        Raises:
            ModelError: Weights are missing or damaged, or the device is not there.
        """
        editor = ElegantEditor.from_card(config.model, config.device)
        sure = config.pipeline.detector_score
        detector = detectors.build("refined", weights=config.detector_model, score=KEEP * sure)
        return cls(detector, editor, sure)

    def edits(self, wishes: Iterable[Wish]) -> list[Edit]:
        """Read the exemplars of the wishes; names are checked before any picture is opened.

        Raises:
            ConfigError: The editor does not know an attribute, or cannot remove it without an exemplar.
            MediaError: A reference cannot be read or shows no face.
        """
        named = [(attribute_of(wish.attribute, self.editor.attributes), wish) for wish in wishes]
        return [self._edit_of(attribute, wish) for attribute, wish in named]

    def _edit_of(self, attribute: str, wish: Wish) -> Edit:
        if wish.reference is None:
            return self.editor.edit_without(attribute, wish.strength)
        exemplar = read_exemplar(wish.reference, self.detector, self.editor, self.sure_score)
        _warn_if_lacking(exemplar, attribute, wish.reference)
        return self.editor.edit_like(exemplar, attribute, wish.strength)


def build_pipeline(config: EditConfig) -> Pipeline:
    """Load the models and read the exemplars."""
    models = Models.load(config)
    return Pipeline(models.detector, models.editor, models.edits(config.wishes), config.pipeline)


def _warn_if_lacking(exemplar: Image, attribute: str, path: str) -> None:
    """Say where a reference does not seem to show what is asked of it; it would then take the attribute away."""
    judge = AttributeJudge.from_card()
    if attribute in judge.attributes and judge.lacks_plainly(exemplar, attribute):
        logger.warning(
            "%s may not show %s (thin frames are easily missed): the edit could take it away rather than add it",
            path,
            attribute,
        )
