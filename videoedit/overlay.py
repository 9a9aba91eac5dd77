"""Faces marked on a picture: where they lie, who is who, how much of the edit they are given, and why not all.

Shapes: h x w the frame as it is shown, upright.
"""

from typing import Final

import cv2
import numpy as np

from videoedit.faces import Points
from videoedit.frames import Image
from videoedit.geometry import Transform, compose, inverse, transform_points
from videoedit.pipeline import EditedFrame
from videoedit.track.smoothing import Placement
from videoedit.video.thumbnail import stored_from_upright

_EDITED: Final = (60, 230, 60)
_SKIPPED: Final = (250, 110, 70)
_POINTS: Final = (250, 220, 40)
_BLACK: Final = (0, 0, 0)
"""Colours in R'G'B'."""
_LINES_PER_STEP: Final = 720
"""Pictures of so many lines get strokes and letters of one size; larger ones get larger ones."""


def with_faces(image: Image, edited: EditedFrame, crop_size: int) -> Image:
    """Draw crop, box and points of every known face; write its track, its fade, and what is wrong with it.

    Args:
        image: The frame as it is shown, (h, w, 3).
        edited: The frame.
        crop_size: Side of the editor's crop in pixels.
    """
    drawn = image.copy()
    upright_from_stored = inverse(stored_from_upright(edited.source, edited.source.size_wh))
    for placement in (*edited.placements, *edited.skipped):
        _draw_face(drawn, placement, upright_from_stored, crop_size)
    return drawn


def write_line(image: Image, text: str, left_bottom: tuple[int, int], colour: tuple[int, int, int] = _EDITED) -> None:
    """Write a line into a picture, legible on any ground."""
    scale = 0.5 * _zoom(image)
    for ink, thickness in ((_BLACK, 3 * _stroke(image)), (colour, _stroke(image))):
        cv2.putText(image, text, left_bottom, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)


def caption_of(placement: Placement) -> str:
    """Return a track's number, its share of the edit, and why that is not all."""
    if not placement.reason:
        return f"{placement.track_id}"
    share = f" {placement.fade:.0%}" if placement.fade > 0 else ""
    return f"{placement.track_id}{share} {placement.reason}"


def _draw_face(image: Image, placement: Placement, upright_from_stored: Transform, crop_size: int) -> None:
    colour = _EDITED if placement.fade > 0 else _SKIPPED
    end = crop_size - 1.0
    corners = np.array([[0.0, 0.0], [end, 0.0], [end, end], [0.0, end]])
    upright_from_crop = compose(upright_from_stored, inverse(placement.crop_from_frame))
    outline = transform_points(upright_from_crop, corners)
    _draw_outline(image, outline, colour)
    if placement.face is not None:
        left, top, right, bottom = placement.face.box_xyxy
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        _draw_outline(image, transform_points(upright_from_stored, box), _POINTS)
        for x, y in transform_points(upright_from_stored, placement.face.points_xy).round().astype(int):
            cv2.circle(image, (int(x), int(y)), 2 * _stroke(image), _POINTS, -1, cv2.LINE_AA)
    left_bottom = outline.min(axis=0).round().astype(int) - [0, 4]
    write_line(image, caption_of(placement), (max(int(left_bottom[0]), 0), max(int(left_bottom[1]), 14)), colour)


def _draw_outline(image: Image, corners_xy: Points, colour: tuple[int, int, int]) -> None:
    outline = corners_xy.round().astype(np.int32)
    cv2.polylines(image, [outline], isClosed=True, color=colour, thickness=_stroke(image), lineType=cv2.LINE_AA)


def _zoom(image: Image) -> float:
    return max(float(image.shape[0]) / _LINES_PER_STEP, 1.0)


def _stroke(image: Image) -> int:
    return round(_zoom(image))
