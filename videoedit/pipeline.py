"""The whole way of a frame, top to bottom: as many frames out as in, in the same order, at the same times.

    detect ▸ track ▸ steady ▸ align ▸ edit ▸ steady the residual ▸ composite

Shapes: F faces of a batch of frames, S the side of the crop.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from videoedit.align.from_frame import crop_of_frame
from videoedit.composite.masks import border_mask
from videoedit.composite.residual import add_residual
from videoedit.detect.base import FaceDetector
from videoedit.edit.base import Edit, FaceEditor
from videoedit.errors import ConfigError
from videoedit.faces import Face, Track
from videoedit.frames import Frame
from videoedit.geometry import Transform, transform_points
from videoedit.registry import unknown_name
from videoedit.streams import in_batches
from videoedit.tensors import to_model
from videoedit.track.residuals import RESIDUAL_SIGMAS, FaceEdit, steady_residuals
from videoedit.track.smoothing import SIGMAS, Placement, steady
from videoedit.track.tracker import Tracker
from videoedit.video.thumbnail import thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """Choices along the way of a frame."""

    smooth: str = "medium"
    """How far alignment and residual are steadied: off, low, medium or high."""
    min_face: float = 32.0
    """Faces whose longer side has fewer pixels are left alone."""
    batch_size: int = 8
    """Frames that are detected, and edited, together."""
    detector_side: int = 640
    """Longer side of the thumbnail that the detector sees, in pixels."""
    feather: float = 0.08
    """Width of the soft border of the edit, as a share of the crop's side."""

    def __post_init__(self) -> None:
        if self.smooth not in SIGMAS:
            raise ConfigError(unknown_name("smooth setting", self.smooth, SIGMAS))
        if self.batch_size < 1 or self.detector_side < 64 or not 0 <= self.feather < 0.5:
            raise ConfigError("batch_size must be at least 1, detector_side at least 64, feather in 0..0.5")


@dataclass(frozen=True, slots=True, eq=False)
class EditedFrame:
    """A finished frame, what it was, and where it was touched."""

    source: Frame
    frame: Frame
    placements: tuple[Placement, ...]


EditsAt: TypeAlias = Callable[[Frame], Sequence[Edit]]
"""The edits of one frame; the same `Edit` objects for as long as nothing changes, so that frames share a batch."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Finds the faces of a video and gives every one of them the same edits."""

    detector: FaceDetector
    editor: FaceEditor
    edits: Sequence[Edit] | EditsAt
    """The same for all frames, or asked for at every frame when its turn comes."""
    config: PipelineConfig

    def run(self, frames: Iterable[Frame]) -> Iterator[EditedFrame]:
        """Edit lazily; the windows of the two smoothings and one batch are all that is held."""
        tracked = self._track(self._detect(frames))
        placed = steady(tracked, self.editor.template, self.editor.crop_size, SIGMAS[self.config.smooth])
        mask = border_mask(self.editor.crop_size, self.config.feather)
        edited = (entry for batch in in_batches(placed, self.config.batch_size) for entry in self._edit(batch))
        for frame, faces in steady_residuals(edited, RESIDUAL_SIGMAS[self.config.smooth]):
            yield _composite(frame, faces, mask)

    def _detect(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, list[Face]]]:
        for batch in in_batches(frames, self.config.batch_size):
            found = faces_in_frames(batch, self.detector, self.config.detector_side)
            for frame, faces in zip(batch, found, strict=True):
                yield frame, [face for face in faces if face.size >= self.config.min_face]

    def _track(self, detected: Iterable[tuple[Frame, list[Face]]]) -> Iterator[tuple[Frame, list[Track]]]:
        tracker = Tracker()
        for frame, faces in detected:
            yield frame, tracker.update(faces)

    def _edit(self, batch: Sequence[tuple[Frame, list[Placement]]]) -> Iterator[tuple[Frame, list[FaceEdit]]]:
        """Give every face of a batch of frames its residual, neighbours with the same edits together."""
        for edits, alike in groupby(batch, lambda entry: self._edits_at(entry[0])):
            yield from self._edit_alike(list(alike), edits)

    def _edits_at(self, frame: Frame) -> tuple[Edit, ...]:
        edits = self.edits(frame) if callable(self.edits) else self.edits
        return tuple(edit for edit in edits if edit.strength > 0)

    def _edit_alike(
        self, batch: Sequence[tuple[Frame, list[Placement]]], edits: Sequence[Edit]
    ) -> Iterator[tuple[Frame, list[FaceEdit]]]:
        """Give every face of a batch of frames its residual, all in one call of the editor."""
        size = self.editor.crop_size
        places = [(frame, placement) for frame, placements in batch for placement in placements] if edits else []
        crops = [crop_of_frame(frame, placement.crop_from_frame, size) for frame, placement in places]
        residuals = self.editor.residuals(to_model(crops), edits).numpy() if crops else ()  # (F, 3, S, S)
        faces = iter([FaceEdit(place[1], *rest) for place, *rest in zip(places, crops, residuals, strict=True)])
        for frame, placements in batch:
            yield frame, list(islice(faces, len(placements)))


def faces_in_frames(frames: Sequence[Frame], detector: FaceDetector, side: int) -> list[list[Face]]:
    """Find faces on thumbnails with this longer side, in one call; give them in the frames' own pixels."""
    thumbnails = [thumbnail(frame, side) for frame in frames]
    found = detector.detect([image for image, _ in thumbnails])
    return [
        [_moved(face, frame_from_thumbnail) for face in faces]
        for faces, (_, frame_from_thumbnail) in zip(found, thumbnails, strict=True)
    ]


def _composite(frame: Frame, faces: Sequence[FaceEdit], mask: NDArray[np.float32]) -> EditedFrame:
    edited = frame
    for face in faces:
        edited = add_residual(edited, face.residual, face.placement.crop_from_frame, mask)
    return EditedFrame(frame, edited, tuple(face.placement for face in faces))


def _moved(face: Face, frame_from_thumbnail: Transform) -> Face:
    """Take a face from the thumbnail to the frame."""
    corners = transform_points(frame_from_thumbnail, face.box_xyxy.reshape(2, 2))
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    return replace(face, box_xyxy=box, points_xy=transform_points(frame_from_thumbnail, face.points_xy))
