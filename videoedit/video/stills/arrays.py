"""Pictures on disk as upright RGB arrays."""

from pathlib import Path

import cv2
import numpy as np

from videoedit.errors import MediaError
from videoedit.frames import Image
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
        MediaError: The folder is missing, or the ending is not a picture's.
    """
    path = Path(path)
    try:
        is_known, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(image[:, :, ::-1]))
    except cv2.error:
        is_known = False
    if not is_known:
        raise MediaError(f"cannot write {path}: {path.suffix} is not a picture's ending; use .png or .jpg")
    write_whole(path, encoded.tobytes())
