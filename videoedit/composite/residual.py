"""Add an editor's residual to a frame's own samples; what the mask does not cover stays bit-exact.

Shapes: S the side of the crop, h x w the rectangle of the frame that the crop covers.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.align.crop import bent_picture
from videoedit.align.from_frame import box_of_part
from videoedit.colour import Box, chroma_box, cut, limited_to_colours, plane_deltas, region_rgb
from videoedit.frames import Frame, Plane
from videoedit.geometry import Transform, compose, inverse, resize_transform, scale_of
from videoedit.tensors import BENT_FROM
from videoedit.tone import source_delta, to_sdr

_HALF_STEP: Final = 0.5 / 255.0
"""Changes of R'G'B' below this go smoothly to zero."""
_REACH: Final = 5.0
"""Pixels, of crop or frame, the larger ones, that averaging, the cubic kernel and chroma may reach beyond a change."""


def add_residual(
    frame: Frame,
    residual: NDArray[np.float32],
    crop_from_frame: Transform,
    mask: NDArray[np.float32],
    weight: float = 1.0,
) -> Frame:
    """Carry a residual back through the inverse of the alignment and add it.

    Args:
        frame: Any direct format; its planes are not changed.
        residual: (3, 4 or 6, S, S), R'G'B' where 2 is the way from black to white; the share of the frame's own
            colours that it covers; and from how far, in pixels of the crop, each pixel's own colours come.
        crop_from_frame: (2, 3) similarity by which the crop was made.
        mask: (S, S) in 0..1; where it is 0 nothing changes.
        weight: Share of the residual that is added, 0..1.

    Returns:
        A frame with planes of its own; the same frame where nothing is to be added.
    """
    masked = residual * mask * np.float32(weight / 2.0)  # (3 … 6, S, S), in shares of the way from black to white
    if not masked.any():
        return frame
    box = _box_of_change(frame, crop_from_frame, masked)
    layer, shifts = np.split(masked.transpose(1, 2, 0), [BENT_FROM], axis=2)  # (S, S, 3 or 4), (S, S, 0 or 2)
    warped = warp_back(layer, crop_from_frame, box)  # (h, w, 3 or 4)
    shown = below = to_sdr(region_rgb(frame, box), frame.format)
    if shifts.any():
        frame_from_crop = np.linalg.inv(crop_from_frame[:, :2]).astype(np.float32)
        on_frame = np.asarray(2.0 * warp_back(shifts, crop_from_frame, box) @ frame_from_crop.T, np.float32)
        below = bent_picture(shown, on_frame)
    added, cover = warped[..., :3], warped[..., 3:]
    delta = np.asarray(added + (below - shown), np.float32)
    if cover.size:
        delta -= cover * (2.0 * below - 1.0)
    return add_delta(frame, source_delta(_without_traces(limited_to_colours(delta, shown)), shown, frame.format), box)


def add_delta(frame: Frame, delta: NDArray[np.float32], box: Box) -> Frame:
    """Add a change of R'G'B' (h, w, 3) inside a box on the chroma grid; samples that it leaves alone stay bit-exact."""
    planes = tuple(plane.copy() for plane in frame.planes)
    boxes = (box, chroma_box(box, frame.format), chroma_box(box, frame.format))
    for plane, plane_box, change in zip(planes, boxes, plane_deltas(delta, frame.format), strict=True):
        _add(plane, plane_box, change, frame.format.depth)
    return frame.with_planes(planes)


def warp_back(crop: NDArray[np.float32], crop_from_frame: Transform, box: Box) -> NDArray[np.float32]:
    """Resample (S, S, C) into the box of the frame, (h, w, C); 0 outside the crop.

    Enlarging is cubic; reducing averages the crop's pixels first.
    """
    left, top, right, bottom = box
    scale = scale_of(crop_from_frame)  # crop pixels per frame pixel
    if scale > 1.0:
        size = max(round(crop.shape[0] / scale), 1)
        factor = size / crop.shape[0]
        crop = np.asarray(cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA), dtype=np.float32)
        crop_from_frame = compose(resize_transform((factor, factor)), crop_from_frame)
    box_from_crop = inverse(crop_from_frame)
    box_from_crop[:, 2] -= (left, top)
    warped = cv2.warpAffine(
        crop,
        box_from_crop,
        (right - left, bottom - top),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0.0, 0.0, 0.0),
    )
    return np.asarray(warped, dtype=np.float32)


def _box_of_change(frame: Frame, crop_from_frame: Transform, masked: NDArray[np.float32]) -> Box:
    """Return the box of all that a residual (3, 4 or 6, S, S) in halves, somewhere not 0, may change and takes from.

    A large face's eyes are a fraction of its crop, and the cost lies in the pixels.
    """
    changed: NDArray[np.bool_] = (masked != 0).any(axis=0)  # (S, S)
    columns, rows = np.flatnonzero(changed.any(axis=0)), np.flatnonzero(changed.any(axis=1))
    farthest = 2.0 * float(np.abs(masked[BENT_FROM:]).max(initial=0.0))
    border = math.ceil((_REACH + farthest) / min(scale_of(crop_from_frame), 1.0))
    return box_of_part(frame, crop_from_frame, (columns[0], rows[0], columns[-1], rows[-1]), border)


def _without_traces(delta: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shrink changes below two half steps so that those below one are exactly 0."""
    size = np.abs(delta)
    return delta * np.clip(size / _HALF_STEP - 1.0, 0.0, 1.0).astype(np.float32)


def _add(plane: Plane, box: Box, change: NDArray[np.float32], depth: int) -> None:
    """Add a change to a plane that is the caller's own, rounded and cut to the full range of codes."""
    view = cut(plane, box)
    codes = np.clip(np.round(view + change), 0, 2**depth - 1)
    view[...] = np.where(change == 0, view, codes).astype(plane.dtype)
