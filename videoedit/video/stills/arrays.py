"""Pictures on disk as upright RGB arrays."""

from pathlib import Path

import cv2
import numpy as np

from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Image
from videoedit.video.writing.containers import PICTURE_SUFFIXES, is_picture
from videoedit.whole_files import write_whole


def read_image(path: str | Path) -> Image:
    """Read a picture, turned upright by its EXIF orientation; transparency is dropped, 16 bit reduced to 8.

    Raises:
        MediaError: It is missing or no picture.
    """
    path = Path(path)
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise MediaError(f"cannot read picture {path}: {error.strerror}; check the path") from error
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if decoded is None:
        raise MediaError(f"{path} is not a picture that can be read; give a JPEG, PNG, WebP or TIFF file")
    return np.ascontiguousarray(decoded[:, :, ::-1]).astype(np.uint8, copy=False)


def write_image(path: str | Path, image: Image) -> None:
    """Write a picture in the format of the path's ending; it appears only when it is whole.

    Raises:
        ConfigError: The ending is not a picture's.
        MediaError: The folder is missing, or the format does not hold pictures of this size.
    """
    check_image(path)
    path = Path(path)
    try:
        _, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(image[:, :, ::-1]))
    except cv2.error as error:
        height, width = image.shape[:2]
        raise MediaError(f"cannot write {path}: {path.suffix} holds no {width}x{height} pixels; use .png") from error
    write_whole(path, encoded.tobytes())


def check_image(path: str | Path) -> None:
    """Refuse a name under which no picture can be written, before it is made.

    Raises:
        ConfigError: The ending is not a picture's.
    """
    if not is_picture(path):
        raise ConfigError(f"cannot write {path} as a picture; end the name in {', '.join(PICTURE_SUFFIXES)}")
