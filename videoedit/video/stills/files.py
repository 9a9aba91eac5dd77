"""Pictures on disk with all that belongs to them: alpha, depth, colour profile and EXIF tags, in every format alike.

Shapes: samples are (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGB and alpha, uint8 or uint16.
"""

import contextlib
import io
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from videoedit.errors import MediaError
from videoedit.video.stills import exif as exif_block

logger = logging.getLogger(__name__)

Samples: TypeAlias = NDArray[Any]

_EXIF_MARK: Final = b"Exif\0\0"
_TIFF: Final = (".tif", ".tiff")
_JPEG: Final = (".jpg", ".jpeg")
_TIFF_PROFILE, _TIFF_ORIENTATION = 34675, 274
_JPEG_QUALITY: Final = 95
_WEBP_LOSSLESS: Final = 101
_SPACES: Final = {1: b"GRAY", 3: b"RGB ", 4: b"RGB "}
"""What a profile calls the colours of so many channels."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture."""

    samples: Samples
    exif: bytes = b""
    """Block of tags, beginning with its order of bytes; empty where there is none."""
    profile: bytes = b""
    """ICC profile; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """What a format can hold beside 8-bit colours."""

    has_16_bit: bool = False
    has_alpha: bool = True
    has_exif: bool = False
    has_profile: bool = True


_JPEG_FORMAT: Final = _Format(has_alpha=False, has_exif=True)
_TIFF_FORMAT: Final = _Format(has_16_bit=True)
_FORMATS: Final = {
    ".bmp": _Format(has_alpha=False, has_profile=False),
    ".png": _Format(has_16_bit=True, has_exif=True),
    ".webp": _Format(has_exif=True),
    **dict.fromkeys(_JPEG, _JPEG_FORMAT),
    **dict.fromkeys(_TIFF, _TIFF_FORMAT),
}


def decode_picture(path: Path, content: bytes) -> Picture:
    """Decode a file and turn the picture upright; of several pages or pictures the first, and that is said.

    Raises:
        MediaError: It is no picture, or one whose samples are not of 8 or 16 bit.
    """
    try:
        samples, kinds, blocks = cv2.imdecodeWithMetadata(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        samples = None
    if samples is None or not samples.size:
        raise MediaError(f"{path} is damaged or not a picture that can be read; give a JPEG, PNG, WebP or TIFF file")
    if samples.dtype not in (np.uint8, np.uint16):
        raise MediaError(f"{path} has samples of type {samples.dtype}; give a picture of 8 or 16 bit")
    if (num_pictures := cv2.imcount(str(path))) > 1:
        logger.warning("%s holds %d pictures; only the first is edited", path, num_pictures)
    found = {int(kind): np.asarray(block).tobytes() for kind, block in zip(kinds, blocks, strict=True)}
    exif = found.get(cv2.IMAGE_METADATA_EXIF, b"").removeprefix(_EXIF_MARK)
    turned = exif_block.upright(_reordered(samples), exif_block.orientation_of(exif))
    if content[:2] in (b"II", b"MM"):
        return _tiff_picture(content, turned)
    return Picture(turned, exif_block.of_upright(exif), found.get(cv2.IMAGE_METADATA_ICCP, b""))


def encode_picture(path: Path, picture: Picture, quality: int | None) -> bytes:
    """Encode in the format of the path's ending; what that cannot hold is left out, and said.

    Args:
        path: Where it will lie.
        picture: Upright.
        quality: 0 worst to 100 best, for JPEG and WebP; None for the usual: nearly lossless, and lossless.
    """
    suffix = path.suffix.lower()
    fitting = _fitting(path, picture, _FORMATS[suffix])
    return _tiff(fitting) if suffix in _TIFF else _encoded(suffix, fitting, quality)


def _fitting(path: Path, picture: Picture, kind: _Format) -> Picture:
    samples, exif, profile = picture.samples, picture.exif, picture.profile
    num_channels = 1 if samples.ndim == 2 else samples.shape[2]
    lost: list[str] = []
    if samples.itemsize > 1 and not kind.has_16_bit:
        lost.append("16 bit")
        samples = np.round(samples / 257.0).astype(np.uint8)
    if num_channels == 4 and not kind.has_alpha:
        lost.append("transparency")
        samples = np.ascontiguousarray(samples[:, :, :3])
    if exif and not kind.has_exif:
        lost.append("EXIF tags")
        exif = b""
    if profile and not (kind.has_profile and profile[16:20] == _SPACES[num_channels]):
        lost.append("the source's ICC profile")
        profile = b""
    if lost:
        logger.warning("%s: a %s file of this kind does not hold %s", path, path.suffix, ", ".join(lost))
    return replace(picture, samples=samples, exif=exif, profile=profile)


def _encoded(suffix: str, picture: Picture, quality: int | None) -> bytes:
    kinds = {cv2.IMAGE_METADATA_EXIF: picture.exif, cv2.IMAGE_METADATA_ICCP: picture.profile}
    blocks = {kind: np.frombuffer(block, np.uint8) for kind, block in kinds.items() if block}
    options: list[int] = []
    if suffix in _JPEG:
        options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY if quality is None else quality]
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    if suffix == ".webp":
        options = [cv2.IMWRITE_WEBP_QUALITY, _WEBP_LOSSLESS if quality is None else max(quality, 1)]
    samples = _reordered(picture.samples)
    is_encoded, encoded = cv2.imencodeWithMetadata(suffix, samples, list(blocks), list(blocks.values()), options)
    if not is_encoded and picture.profile:
        logger.warning("the source's ICC profile is broken; it is left out")
        return _encoded(suffix, replace(picture, profile=b""), quality)
    return bytes(encoded.tobytes())


def _tiff(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    samples = picture.samples
    kind: dict[str, Any] = {"photometric": "minisblack" if samples.ndim == 2 else "rgb"}
    if samples.ndim == 3 and samples.shape[2] == 4:
        kind["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(buffer, samples, compression="zlib", iccprofile=picture.profile or None, metadata=None, **kind)
    return buffer.getvalue()


def _tiff_picture(content: bytes, decoded: Samples) -> Picture:
    """Add the profile, of which OpenCV tells nothing, and colours that it has not multiplied by their alpha."""
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages.first
        profile = bytes(page.tags.valueof(_TIFF_PROFILE, default=b""))
        if page.extrasamples == (tifffile.EXTRASAMPLE.UNASSALPHA,) and page.photometric == tifffile.PHOTOMETRIC.RGB:
            with contextlib.suppress(ValueError):  # a compression that only OpenCV knows
                decoded = exif_block.upright(page.asarray(), page.tags.valueof(_TIFF_ORIENTATION, default=1))
    return Picture(decoded, profile=profile)


def _reordered(samples: Samples) -> Samples:
    """Exchange red and blue, which OpenCV has the other way round."""
    return samples if samples.ndim == 2 else np.ascontiguousarray(samples[:, :, [2, 1, 0, 3][: samples.shape[2]]])
