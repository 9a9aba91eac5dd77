"""Between a frame's planes and R'G'B': a region as RGB, and a residual as plane deltas.

Y'CbCr is linear in R'G'B', so a change of R'G'B' becomes a change of the planes by
the same matrix, without the offsets.
Coordinates: boxes are (left, top, right, bottom) in luma pixels, right and bottom exclusive, on the chroma grid.
Chroma of 4:2:0 and 4:2:2 is sited left of its pair horizontally, as H.264 and HEVC assume when untold.
"""

from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from videoedit.frames import Frame, Image, PixelFormat, Plane

Box: TypeAlias = tuple[int, int, int, int]
Floats: TypeAlias = NDArray[np.float32]

_KR_KB: Final = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def luma_chroma_matrix(matrix: str) -> Floats:
    """Return (3, 3): rows Y' (of 0..1), Cb and Cr (of -0.5..0.5) from R', G', B' of 0..1."""
    kr, kb = _KR_KB[matrix]
    kg = 1.0 - kr - kb
    luma = np.array([kr, kg, kb])
    cb = (np.array([0.0, 0.0, 1.0]) - luma) / (2.0 * (1.0 - kb))
    cr = (np.array([1.0, 0.0, 0.0]) - luma) / (2.0 * (1.0 - kr))
    return np.stack([luma, cb, cr]).astype(np.float32)


def code_scales(pixel_format: PixelFormat) -> tuple[float, float]:
    """Return how many codes a full step of luma and of chroma is."""
    if pixel_format.is_full_range:
        full = float(2**pixel_format.depth - 1)
        return full, full
    return 219.0 * 2 ** (pixel_format.depth - 8), 224.0 * 2 ** (pixel_format.depth - 8)


def on_chroma_grid(box: Box, pixel_format: PixelFormat, size_wh: tuple[int, int]) -> Box:
    """Round a box outward to the chroma grid and cut it to the picture."""
    step_x, step_y = (1 << shift for shift in pixel_format.chroma_shift_xy)
    left, top = max(box[0], 0) // step_x * step_x, max(box[1], 0) // step_y * step_y
    right = min(-(-box[2] // step_x) * step_x, size_wh[0])
    bottom = min(-(-box[3] // step_y) * step_y, size_wh[1])
    return left, top, right, bottom


def chroma_box(box: Box, pixel_format: PixelFormat) -> Box:
    """Return the same box in chroma samples; an odd last row or column has a chroma sample of its own."""
    shift_x, shift_y = pixel_format.chroma_shift_xy
    return box[0] >> shift_x, box[1] >> shift_y, -(-box[2] >> shift_x), -(-box[3] >> shift_y)


def cut(plane: Plane, box: Box) -> Plane:
    """Return the view of a plane inside a box of its own samples."""
    return plane[box[1] : box[3], box[0] : box[2]]


def region_rgb(frame: Frame, box: Box) -> Floats:
    """Convert one region alone to R'G'B'.

    Args:
        frame: Any direct format.
        box: On the chroma grid, inside the picture.

    Returns:
        (h, w, 3) float32 in 0..1; what the format allows beyond white or below black stays beyond.
    """
    pixel_format = frame.format
    if pixel_format.matrix == "rgb":
        green, blue, red = (cut(plane, box).astype(np.float32) for plane in frame.planes)
        return np.stack([red, green, blue], axis=-1) / np.float32(2**pixel_format.depth - 1)
    luma_scale, chroma_scale = code_scales(pixel_format)
    black = 0.0 if pixel_format.is_full_range else 16.0 * 2 ** (pixel_format.depth - 8)
    luma = (cut(frame.planes[0], box).astype(np.float32) - black) / luma_scale
    middle = 128.0 * 2 ** (pixel_format.depth - 8)
    small_box = chroma_box(box, pixel_format)
    chroma = [
        _chroma_up((cut(plane, small_box).astype(np.float32) - middle) / chroma_scale, luma.shape, pixel_format)
        for plane in frame.planes[1:]
    ]
    rgb_from_luma_chroma = np.linalg.inv(luma_chroma_matrix(pixel_format.matrix)).astype(np.float32)
    return np.stack([luma, *chroma], axis=-1) @ rgb_from_luma_chroma.T  # (h, w, 3)


def to_image(rgb: NDArray[np.floating[Any]]) -> Image:
    """Round R'G'B' of 0..1 to uint8; values outside are cut off."""
    return np.clip(np.round(rgb * 255.0), 0, 255).astype(np.uint8)


def to_rgb(image: Image) -> Floats:
    """Return R'G'B' of 0..1 of a picture of any size."""
    return image.astype(np.float32) / np.float32(255.0)


def limited_to_colours(delta: Floats, rgb: NDArray[np.floating[Any]]) -> Floats:
    """Keep rgb + delta within 0..1, in the delta's own direction only: zero stays zero, super-whites survive."""
    return np.clip(delta, np.minimum(0.0, -rgb), np.maximum(0.0, 1.0 - rgb)).astype(np.float32)


def plane_deltas(delta: Floats, pixel_format: PixelFormat) -> tuple[Floats, Floats, Floats]:
    """Turn a change of R'G'B' (h, w, 3) into changes of the three planes, in codes, each at its own sampling."""
    if pixel_format.matrix == "rgb":
        scaled = delta * np.float32(2**pixel_format.depth - 1)
        return scaled[..., 1], scaled[..., 2], scaled[..., 0]
    luma_scale, chroma_scale = code_scales(pixel_format)
    changes = delta @ luma_chroma_matrix(pixel_format.matrix).T  # (h, w, 3)
    cb, cr = (chroma_down(changes[..., i] * np.float32(chroma_scale), pixel_format) for i in (1, 2))
    return changes[..., 0] * np.float32(luma_scale), cb, cr


def chroma_down(values: Floats, pixel_format: PixelFormat) -> Floats:
    """Average (h, w) down to the chroma grid; an odd last row or column is averaged with itself.

    A sample of which no covered luma pixel changes stays 0, although its filter reaches one pixel further left.
    """
    shift_x, shift_y = pixel_format.chroma_shift_xy
    if not shift_x and not shift_y:
        return values
    height, width = values.shape
    padded = np.pad(values, ((0, height & shift_y), (0, width & shift_x)), mode="edge")
    is_covered = padded != 0
    if shift_x:
        padded = _left_sited(padded)
        is_covered = is_covered[:, ::2] | is_covered[:, 1::2]
    if shift_y:
        padded = (padded[::2] + padded[1::2]) * np.float32(0.5)
        is_covered = is_covered[::2] | is_covered[1::2]
    covered: Floats = padded * is_covered
    return covered


def _left_sited(values: Floats) -> Floats:
    """Halve the width with weights 1/4, 1/2, 1/4 around each even column, where left-sited chroma lies."""
    before = np.concatenate([values[:, :1], values[:, 1:-1:2]], axis=1)
    return np.float32(0.5) * values[:, ::2] + np.float32(0.25) * (before + values[:, 1::2])


def _chroma_up(values: Floats, shape_hw: tuple[int, ...], pixel_format: PixelFormat) -> Floats:
    """Enlarge left-sited chroma to the luma grid, bilinear."""
    shift_x, shift_y = pixel_format.chroma_shift_xy
    if not shift_x and not shift_y:
        return values
    height, width = shape_hw[:2]
    step_x, step_y = 0.5**shift_x, 0.5**shift_y
    matrix = np.array([[step_x, 0.0, 0.0], [0.0, step_y, (step_y - 1.0) / 2.0]])  # chroma sample of a luma pixel
    up = cv2.warpAffine(
        values, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(up, dtype=np.float32)
