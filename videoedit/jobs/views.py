"""Frames to judge an edit by: with the faces marked, or beside the source.

Shapes: h x w the frame as it is shown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from videoedit.colour import region_rgb, to_image, to_rgb
from videoedit.composite.residual import add_delta
from videoedit.frames import Frame, Plane
from videoedit.overlay import with_faces
from videoedit.pipeline import EditedFrame
from videoedit.tone import source_delta, to_sdr


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is written of every edited frame."""

    compare: bool = False
    """The source to the left of it."""
    debug: bool = False
    """With the faces marked."""

    def of(self, finished: Iterable[EditedFrame], crop_size: int) -> Iterator[EditedFrame]:
        """Give the frames as they are to be written."""
        for edited in finished:
            yield replace(edited, frame=self._frame(edited, crop_size)) if self.debug or self.compare else edited

    def _frame(self, edited: EditedFrame, crop_size: int) -> Frame:
        frame = marked(edited, crop_size) if self.debug else edited.frame
        return side_by_side(edited.source, frame) if self.compare else frame


def marked(edited: EditedFrame, crop_size: int) -> Frame:
    """Draw the faces on the finished frame; samples that nothing is drawn on stay as they are."""
    frame = edited.frame
    box = (0, 0, *frame.size_wh)
    rgb = to_sdr(region_rgb(frame, box), frame.format)  # (h, w, 3), stored
    before = to_image(rgb)
    after = before.copy()
    frame.upright(after)[...] = with_faces(np.ascontiguousarray(frame.upright(before)), edited, crop_size)
    is_drawn = (after != before).any(axis=2, keepdims=True)
    delta = np.where(is_drawn, to_rgb(after) - rgb, 0.0).astype(np.float32)
    return add_delta(frame, source_delta(delta, rgb, frame.format), box)


def side_by_side(left: Frame, right: Frame) -> Frame:
    """Join two frames of one format and size, sample by sample; which is left is said of the upright picture.

    A last column, or row, that has half a chroma sample is repeated, so that the second frame begins with a whole one.
    """
    axis = 0 if left.rotation % 180 else 1
    begins_left = (left.rotation in (0, 90)) != left.is_mirrored
    first, second = (left, right) if begins_left else (right, left)
    luma, *chroma = first.planes
    luma = _grown(luma, chroma[0].shape[axis] << first.format.chroma_shift_xy[1 - axis], axis)
    pairs = zip((luma, *chroma), second.planes, strict=True)
    return left.with_planes(tuple(_joined(a, b, axis) for a, b in pairs))


def _joined(first: Plane, second: Plane, axis: int) -> Plane:
    joined: Plane = np.concatenate([first, second], axis=axis)
    return joined


def _grown(plane: Plane, length: int, axis: int) -> Plane:
    """Repeat the last row or column up to a length."""
    grown: Plane = np.take(plane, np.minimum(np.arange(length), plane.shape[axis] - 1), axis=axis)
    return grown
