"""What a user wishes to change, and the loaded parts that do it; every command that edits starts here."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, TypeAlias, get_args

import numpy as np

from videoedit.detect.base import FaceDetector, detectors
from videoedit.detect.mask import HairFinder
from videoedit.edit.attributes import ALIASES, attribute_of
from videoedit.edit.base import Edit, FaceEditor
from videoedit.edit.exemplar import read_exemplar, read_face
from videoedit.edit.occluders import EMBEDDED as OCCLUDER
from videoedit.edit.occluders import BehindOccluders, OccluderFinder
from videoedit.edit.tryon import EMBEDDED as TRY_ON
from videoedit.edit.tryon import load_editor
from videoedit.errors import ConfigError, MediaError
from videoedit.following import Acquaintance
from videoedit.frames import Image
from videoedit.judge.attributes import AttributeJudge
from videoedit.judge.recognition import FaceRecogniser, Recogniser
from videoedit.judge.resemblance import Resemblance
from videoedit.pipeline import EditsAt, Pipeline, PipelineConfig, Turn
from videoedit.registry import unknown_name
from videoedit.strength import Keyframes, check_strength, strength_at

logger = logging.getLogger(__name__)


Direction: TypeAlias = Literal["auto", "add", "remove"]
DIRECTIONS: Final = get_args(Direction)

KEEP: Final = 0.6
"""Share of the score that starts a track with which it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One attribute to change, as the user asks for it."""

    attribute: str
    """Name or alias, in any case."""
    reference: str | None
    """Picture of the exemplar; None takes the attribute away with the model's neutral code."""
    direction: Direction = "auto"
    """What the exemplar must show: `add`, the attribute; `remove`, a face without it; `auto`, either: it decides."""
    strength: float | Keyframes = 1.0
    """0 to 1.5, the same throughout or changing with time."""

    def __post_init__(self) -> None:
        if not isinstance(self.strength, Keyframes):
            check_strength(self.strength)
        if self.direction not in DIRECTIONS:
            raise ConfigError(unknown_name("--direction", self.direction, DIRECTIONS))
        if self.direction == "add" and self.reference is None:
            raise ConfigError("--direction add needs a picture that shows the attribute; give one with --ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMap:
    """What one face is given instead of the wishes for all."""

    face: str
    """Number of a track, or a picture of the person."""
    wishes: tuple[Wish, ...]

    @classmethod
    def of(cls, face: str, picture: str, wishes: Iterable[Wish]) -> Self:
        """Give a face what the wishes for all say, after an exemplar of its own; where they take away, it decides."""
        own = (replace(w, direction="auto") if w.direction == "remove" else w for w in wishes)
        return cls(face=face, wishes=tuple(replace(wish, reference=picture) for wish in own))

    @property
    def shown(self) -> str:
        """What it is for the user."""
        return f"the face of {self.face}" if self.track_id is None else f"track {self.track_id}"

    @property
    def track_id(self) -> int | None:
        """The track, where `face` is a number."""
        return int(self.face) if self.face.isdecimal() else None


def check_people(maps: Iterable[FaceMap], what: str) -> None:
    """Refuse faces by the number of a track where nobody can know it before.

    Raises:
        ConfigError: Some face is meant by a number.
    """
    if any(entry.track_id is not None for entry in maps):
        raise ConfigError(f"{what} does not know the numbers of tracks; give --map a picture of the person")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditConfig:
    """Which edit is made, by which models."""

    wishes: tuple[Wish, ...]
    model: str = "elegant"
    """Name of an embedded card, or path of the user's own."""
    detector_model: str = "face-detector"
    """Name of an embedded card, or path of an SCRFD model in ONNX."""
    occluder_model: str | None = OCCLUDER
    """Name of an embedded card, or path of the user's own, by which edits stay behind what hides a face; None paints
    over it."""
    try_on_model: str | None = TRY_ON
    """Name of an embedded card, or path of the user's own, by which glasses are lifted off an exemplar: these,
    mustaches and bangs are put on as they are with it, and smiles bend the face's own lips. None has the editor draw
    them, as have editors that cannot take them off."""
    recognition_model: str | None = None
    """Path of an ArcFace model in ONNX, to tell people apart; None makes do with how they look."""
    reference_faces: tuple[str, ...] = ()
    """Pictures of the people to edit, where faces are chosen by reference."""
    maps: tuple[FaceMap, ...] = ()
    """Faces that get an edit of their own."""
    device: str = "auto"
    pipeline: PipelineConfig = field(default_factory=PipelineConfig)

    def __post_init__(self) -> None:
        if bool(self.reference_faces) != (self.pipeline.faces.mode == "reference"):
            raise ConfigError(
                "--face-selector-mode reference and --reference-face belong together; give both or neither"
            )
        _check_once([entry.shown for entry in self.maps], "--map")
        for wishes in (self.wishes, *(entry.wishes for entry in self.maps)):
            _check_once([usual_name(wish.attribute) for wish in wishes], "--attr")

    @property
    def pictures(self) -> tuple[str, ...]:
        """Paths of all pictures that are read, each once."""
        wishes = [*self.wishes, *(wish for entry in self.maps for wish in entry.wishes)]
        return tuple(dict.fromkeys([*(wish.reference for wish in wishes if wish.reference), *self.people]))

    @property
    def people(self) -> tuple[str, ...]:
        """Pictures of all people that have to be told apart, each once."""
        mapped = [entry.face for entry in self.maps if entry.track_id is None]
        return tuple(dict.fromkeys([*self.reference_faces, *mapped]))


def usual_name(attribute: str) -> str:
    """Return what all names of an attribute have in common.

    >>> usual_name("Glasses") == usual_name("eyeglasses")
    True
    """
    spoken = attribute.strip().lower()
    return ALIASES.get(spoken, spoken).lower()


def _check_once(names: Sequence[str], flag: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{flag} says twice what is done to {name}; leave one of them out")


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The networks of an edit, loaded once for any number of videos and exemplars."""

    detector: FaceDetector
    editor: FaceEditor
    sure_score: float = 0.5
    """Score from which a face in a reference is taken for one."""
    recogniser: Recogniser | None = None
    """Tells people apart, where that is asked."""

    @classmethod
    def load(cls, config: EditConfig) -> Self:
        """Load the weights that a configuration names.

        Raises:
            ModelError: Weights are missing or damaged, or the device is not there.
        """
        editor = load_editor(config.model, config.try_on_model, config.device)
        if config.occluder_model is not None:
            occluders = OccluderFinder.from_card(config.occluder_model, config.device)
            editor = BehindOccluders(editor, occluders, HairFinder.from_card(device=config.device))
        sure = config.pipeline.detector_score
        detector = detectors.build(
            "refined", weights=config.detector_model, size=config.pipeline.detector_side, score=KEEP * sure
        )
        return cls(detector, editor, sure, _recogniser_of(config))

    def pipeline(self, config: EditConfig) -> Pipeline:
        """Read the exemplars and the people of a configuration.

        Raises:
            ConfigError: The editor cannot fulfil a wish.
            MediaError: A reference cannot be read or shows no face.
        """
        return Pipeline(self.detector, self.editor, self._edits_for(config), config.pipeline, self.acquaintance(config))

    def _edits_for(self, config: EditConfig) -> Sequence[Edit] | EditsAt:
        if not config.maps and not any(isinstance(wish.strength, Keyframes) for wish in config.wishes):
            return self.edits(config.wishes)
        own = {entry.face: self._timed(entry.wishes) for entry in config.maps}
        return EditsByFace(
            everyone=self._timed(config.wishes),
            by_track={entry.track_id: own[entry.face] for entry in config.maps if entry.track_id is not None},
            by_person={number: own[face] for number, face in enumerate(config.people) if face in own},
        )

    def _timed(self, wishes: Sequence[Wish]) -> "_Timed":
        return tuple(zip(self.edits(wishes), (wish.strength for wish in wishes), strict=True))

    def acquaintance(self, config: EditConfig) -> Acquaintance | None:
        """Look at the pictures of the people that are to be told apart; None where nobody is.

        Raises:
            MediaError: A picture cannot be read or shows no face.
        """
        if self.recogniser is None:
            return None
        crops = [read_face(path, self.detector, self.recogniser.crop_of, self.sure_score) for path in config.people]
        wanted = self.recogniser.embeddings(crops) if crops else np.zeros((0, 1))
        return Acquaintance(self.recogniser, wanted, recalls=config.recognition_model is not None)

    def edits(self, wishes: Iterable[Wish]) -> list[Edit]:
        """Read the exemplars of the wishes; names are checked before any picture is opened.

        Raises:
            ConfigError: The editor does not know an attribute, or cannot remove it without an exemplar.
            MediaError: A reference cannot be read or shows no face.
        """
        named = [(attribute_of(wish.attribute, self.editor.attributes), wish) for wish in wishes]
        return [self._edit_of(attribute, wish) for attribute, wish in named]

    def _edit_of(self, attribute: str, wish: Wish) -> Edit:
        strength = strength_at(wish.strength, 0.0)
        if wish.reference is None:
            return self.editor.edit_without(attribute, strength)
        exemplar = read_exemplar(wish.reference, self.detector, self.editor, self.sure_score)
        _check_direction(exemplar, attribute, wish)
        edit = self.editor.edit_like(exemplar, attribute, strength)
        return edit.as_removal if wish.direction == "remove" else edit


def build_pipeline(config: EditConfig) -> Pipeline:
    """Load the models and read the exemplars."""
    return Models.load(config).pipeline(config)


_Timed: TypeAlias = Sequence[tuple[Edit, float | Keyframes]]


@dataclass(frozen=True, slots=True, eq=False)
class EditsByFace:
    """Answers what a face is given at a moment: by its track, else by who it is, else what all are given."""

    everyone: _Timed
    by_track: Mapping[int, _Timed]
    by_person: Mapping[int, _Timed]

    def __call__(self, turn: Turn) -> list[Edit]:
        """Return the edits at their strength of the moment."""
        placement = turn.placement
        timed = self.by_track.get(placement.track_id) or self.by_person.get(placement.person, self.everyone)
        return [replace(edit, strength=strength_at(strength, turn.seconds)) for edit, strength in timed]


def _recogniser_of(config: EditConfig) -> Recogniser | None:
    if config.recognition_model is not None:
        return FaceRecogniser(config.recognition_model)
    return Resemblance(AttributeJudge.from_card()) if config.people else None


def _check_direction(exemplar: Image, attribute: str, wish: Wish) -> None:
    """Compare what a reference shows with what is asked of it, as far as the judge can tell.

    Raises:
        MediaError: It would do the opposite.
    """
    judge = AttributeJudge.from_card()
    if attribute not in judge.attributes:
        return
    path = wish.reference
    if wish.direction == "remove" and judge.has(exemplar, attribute):
        raise MediaError(f"{path} shows {attribute}; give a picture without it, or no --ref at all")
    if wish.direction == "add" and judge.lacks_plainly(exemplar, attribute):
        raise MediaError(f"{path} does not show {attribute}; give a picture that does, or --direction auto")
    if wish.direction == "auto" and judge.lacks_plainly(exemplar, attribute):
        logger.warning(
            "%s may not show %s (thin or faint ones are easily missed): the edit could take it away rather than add it",
            path,
            attribute,
        )
