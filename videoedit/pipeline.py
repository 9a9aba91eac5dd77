"""The whole way of a frame, top to bottom: as many frames out as in, in the same order, at the same times.

    detect ▸ track ▸ steady ▸ align ▸ edit ▸ steady the residual ▸ composite

Shapes: F faces of a batch of frames, S the side of the crop.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from videoedit.align.from_frame import crop_of_frame
from videoedit.align.outline import outline_mask
from videoedit.composite.masks import border_mask
from videoedit.composite.residual import add_residual
from videoedit.detect.base import FaceDetector
from videoedit.detect.fit import MULTIPLE
from videoedit.edit.base import Edit, FaceEditor, Kind, together
from videoedit.errors import ConfigError
from videoedit.faces import Face
from videoedit.following import Acquaintance, Detected, Follower
from videoedit.frames import Frame, Image
from videoedit.geometry import moved_face
from videoedit.registry import unknown_name
from videoedit.streams import Watch, in_batches, unwatched
from videoedit.tensors import to_model
from videoedit.track.causal import GAINS, MEMORIES, steady_live, steady_residuals_live
from videoedit.track.choice import FaceChoice
from videoedit.track.cuts import FLASH
from videoedit.track.fading import Fading
from videoedit.track.looks import look_of_points
from videoedit.track.residuals import RESIDUAL_SIGMAS, FaceEdit, residual_reach, steady_residuals
from videoedit.track.smoothing import SIGMAS, Placed, Placement, steady
from videoedit.video.thumbnail import thumbnail

_FACES_AT_ONCE: Final = 8
"""Faces in one call of the editor: on a CPU the networks are slower with more, which no longer fit its cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """Choices along the way of a frame."""

    smooth: str = "medium"
    """How far alignment and residual are steadied: off, low, medium or high."""
    is_live: bool = False
    """Steady from the past alone and edit each frame as it comes, rather than wait for the frames after it."""
    min_face: float = 32.0
    """Faces whose longer side has fewer pixels are left alone."""
    detector_score: float = 0.5
    """A face this sure starts a track; a less sure one can only continue one."""
    batch_size: int = 8
    """Frames that are detected, and edited, together."""
    faces: FaceChoice = field(default_factory=FaceChoice)
    """Which of the faces are edited."""
    detector_side: int = 640
    """Longer side of the thumbnail that the detector sees, in pixels, a multiple of 32."""
    feather: float = 0.08
    """Width of the soft border of the edit, as a share of the crop's side."""

    def __post_init__(self) -> None:
        if self.smooth not in SIGMAS:
            raise ConfigError(unknown_name("smooth setting", self.smooth, SIGMAS))
        if self.detector_side < 64 or self.detector_side % MULTIPLE:
            raise ConfigError(
                f"the face detector's size must be a multiple of {MULTIPLE}, 64 or more, got {self.detector_side}"
            )
        if not 0.0 < self.detector_score < 1.0:
            raise ConfigError(f"the face detector's score must be between 0 and 1, got {self.detector_score:g}")
        if not self.min_face >= 0.0:  # which not-a-number fails too
            raise ConfigError(f"--min-face must be 0 or more, got {self.min_face:g}")
        if self.batch_size < 1 or not 0 <= self.feather < 0.5:
            raise ConfigError("batch_size must be at least 1, feather in 0..0.5")


@dataclass(frozen=True, slots=True, eq=False)
class EditedFrame:
    """A finished frame, what it was, and where it was touched."""

    source: Frame
    frame: Frame
    placements: tuple[Placement, ...]
    """The faces that were edited."""
    skipped: tuple[Placement, ...] = ()
    """Known faces that were left alone, with the reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A face whose turn to be edited has come."""

    frame: Frame
    placement: Placement
    seconds: float
    """Since the first frame of the file."""


EditsAt: TypeAlias = Callable[[Turn], Sequence[Edit]]
"""The edits of one face, in the same order of attributes for all, so that faces share a batch."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Finds the faces of a video and gives them edits."""

    detector: FaceDetector
    editor: FaceEditor
    edits: Sequence[Edit] | EditsAt
    """The same for all faces, or asked for at every face when its turn comes."""
    config: PipelineConfig
    acquaintance: Acquaintance | None = None
    """By what people are told apart, where that is wanted."""
    begin: Fraction | None = None
    """Time of the first frame of the file, where not all of it is edited."""
    watch: Watch = unwatched
    """Sees every stage's stream; for measurements."""

    def run(self, frames: Iterable[Frame]) -> Iterator[EditedFrame]:
        """Edit lazily; the windows of the two smoothings and one batch are all that is held."""
        return self.finish(self.edit(self.place(frames)))

    def run_apart(self, frames: Iterable[Frame]) -> Iterator[EditedFrame]:
        """Edit frames that have nothing to do with one another, each as if it were alone, but in batches."""
        placed = chain.from_iterable(self._place([found]) for found in self._detect(frames))
        for entry in self.edit(placed):
            yield from self.finish([entry])

    def place(self, frames: Iterable[Frame]) -> Iterator[Placed]:
        """Find the faces, follow them, and steady where they lie."""
        return self._place(self.watch("detect", self._detect(self.watch("decode", frames))))

    def _place(self, detected: Iterable[tuple[Detected, Image]]) -> Iterator[Placed]:
        config, crop = self.config, (self.editor.template, self.editor.crop_size)
        follower = Follower(config.detector_score, config.faces, self.acquaintance)
        tracked = follower.follow(detected, ahead=0 if config.is_live else FLASH)
        fading = Fading(min_face=config.min_face)
        if config.is_live:
            placed = steady_live(tracked, *crop, GAINS[config.smooth], fading)
        else:
            placed = steady(tracked, *crop, SIGMAS[config.smooth], fading)
        return iter(self.watch("follow", placed))

    def edit(self, placed: Iterable[Placed]) -> Iterator[tuple[Placed, list[FaceEdit]]]:
        """Give every face its residual, in batches that begin with the first frame."""
        batches = in_batches(placed, self._batch_size)
        yield from self.watch("edit", self._edit_all(batches))

    def finish(self, edited: Iterable[tuple[Placed, Sequence[FaceEdit]]]) -> Iterator[EditedFrame]:
        """Steady the residuals and add them; a frame depends on its neighbours up to `reach` frames away."""
        mask = border_mask(self.editor.crop_size, self.config.feather)
        smooth = self.config.smooth
        if self.config.is_live:
            steadied = steady_residuals_live(edited, MEMORIES[smooth])
        else:
            steadied = steady_residuals(edited, RESIDUAL_SIGMAS[smooth])
        stilled = self.watch("steady", steadied)
        yield from self.watch("composite", (_composite(entry, faces, mask) for entry, faces in stilled))

    def limit_of(self, frame: Frame, placement: Placement) -> NDArray[np.float32]:
        """Return which share of its edit a face is given in every pixel of its crop, (S, S) in 0..1.

        Region and occluders by the editor, outline, border and fade, as this frame alone has them.
        """
        size = self.editor.crop_size
        turn = Turn(frame, placement, float(frame.time - (self.begin or 0)))
        edits, crop = self._edits_at(turn), crop_of_frame(frame, placement.crop_from_frame, size)
        own: NDArray[np.float32] = self.editor.limits(to_model([crop]), edits)[0].numpy()
        return own * self._outline_of(turn, edits) * border_mask(size, self.config.feather) * placement.fade

    @property
    def _batch_size(self) -> int:
        return 1 if self.config.is_live else self.config.batch_size

    @property
    def reach(self) -> int:
        """Frames before and after a frame whose residuals take part in its own."""
        return residual_reach(RESIDUAL_SIGMAS[self.config.smooth])

    def _detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Detected, Image]]:
        for batch in in_batches(frames, self._batch_size):
            for frame, (image, seen, faces) in zip(
                batch, _found_in(batch, self.detector, self.config.detector_side), strict=True
            ):
                looks = [look_of_points(image, face.points_xy, self.editor.template) for face in seen]
                yield Detected(frame, faces, looks), image

    def _edit_all(self, batches: Iterable[Sequence[Placed]]) -> Iterator[tuple[Placed, list[FaceEdit]]]:
        begin = self.begin
        for batch in batches:
            begin = batch[0].frame.time if begin is None else begin
            yield from self._edit(batch, begin)

    def _edit(self, batch: Sequence[Placed], begin: Fraction) -> Iterator[tuple[Placed, list[FaceEdit]]]:
        """Give every face of a batch of frames its residual, all in one call of the editor where they can."""
        turns = [Turn(e.frame, face, float(e.frame.time - begin)) for e in batch for face in e.shown]
        asked = [(turn, edits) for turn in turns if (edits := self._edits_at(turn))]
        crops = [crop_of_frame(t.frame, t.placement.crop_from_frame, self.editor.crop_size) for t, _ in asked]
        made = self._residuals(crops, [edits for _, edits in asked])
        residuals = [made[row] * self._outline_of(*one) for row, one in enumerate(asked)]
        for entry in batch:
            rows = [row for row, (turn, _) in enumerate(asked) if turn.frame is entry.frame]
            yield entry, [FaceEdit(asked[row][0].placement, crops[row], residuals[row]) for row in rows]

    def _outline_of(self, turn: Turn, edits: Sequence[Edit]) -> NDArray[np.float32]:
        return outline_mask((edit.attribute for edit in edits), turn.placement.yaw, self.editor.crop_size)

    def _edits_at(self, turn: Turn) -> tuple[Edit, ...]:
        edits = self.edits(turn) if callable(self.edits) else self.edits
        points_xy = turn.placement.points_xy
        points = None if points_xy is None else torch.from_numpy(points_xy)[None]
        return tuple(replace(edit, points=points) for edit in edits if edit.strength > 0)

    def _residuals(
        self, crops: Sequence[Image], edits: Sequence[tuple[Edit, ...]]
    ) -> Mapping[int, NDArray[np.float32]]:
        """Return the residual (3, 4 or 6, S, S) of every crop by its row; crops whose edits are alike share calls."""
        kinds: dict[tuple[Kind, ...], list[int]] = {}
        for row, wanted in enumerate(edits):
            kinds.setdefault(tuple(edit.kind for edit in wanted), []).append(row)
        residuals: dict[int, NDArray[np.float32]] = {}
        for rows in (part for kind in kinds.values() for part in in_batches(kind, _FACES_AT_ONCE)):
            joined = [together(column) for column in zip(*(edits[row] for row in rows), strict=True)]
            made = self.editor.residuals(to_model([crops[row] for row in rows]), joined)  # (F, 3, 4 or 6, S, S)
            residuals |= zip(rows, made.numpy(), strict=True)
        return residuals


def faces_in_frames(frames: Sequence[Frame], detector: FaceDetector, side: int) -> list[list[Face]]:
    """Find faces on thumbnails with this longer side, in one call; give them in the frames' own pixels."""
    return [faces for _, _, faces in _found_in(frames, detector, side)]


def _found_in(
    frames: Sequence[Frame], detector: FaceDetector, side: int
) -> Iterator[tuple[Image, list[Face], list[Face]]]:
    """Give every frame's thumbnail, the faces on it, and the same faces in the frame's own pixels."""
    thumbnails = [thumbnail(frame, side) for frame in frames]
    found = detector.detect([image for image, _ in thumbnails])
    for faces, (image, frame_from_thumbnail) in zip(found, thumbnails, strict=True):
        yield image, faces, [moved_face(face, frame_from_thumbnail) for face in faces]


def _composite(entry: Placed, faces: Sequence[FaceEdit], mask: NDArray[np.float32]) -> EditedFrame:
    edited = entry.frame
    for face in faces:
        placement = face.placement
        edited = add_residual(edited, face.residual, placement.crop_from_frame, mask, placement.fade)
    done = tuple(face.placement for face in faces)
    left = [placement for placement in entry.placements if placement not in done]
    skipped = tuple(
        placement if placement.fade == 0 else replace(placement, fade=0.0, reason="no edit") for placement in left
    )
    return EditedFrame(entry.frame, edited, done, skipped)
