"""A window on the screen that shows pictures and gives keys back."""

from typing import Final

import cv2
import numpy as np

from videoedit.device import has_display
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Image

_ESCAPE: Final = 27


class Window:
    """Owns an OpenCV window; only for the main thread."""

    def __init__(self, title: str) -> None:
        """Open the window.

        Raises:
            ConfigError: There is no screen, or OpenCV was built without windows.
        """
        if not has_display():
            raise ConfigError("--sink window needs a screen and there is none; choose another --sink")
        self._title = title
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        except cv2.error as error:
            raise ConfigError(
                "this OpenCV cannot open windows; install opencv-python rather than opencv-python-headless"
            ) from error
        self._is_sized = False

    def show(self, image: Image) -> None:
        """Put a picture on the screen, (h, w, 3) RGB."""
        if not self._is_sized:
            cv2.resizeWindow(self._title, image.shape[1], image.shape[0])
            self._is_sized = True
        cv2.imshow(self._title, np.ascontiguousarray(image[:, :, ::-1]))

    def key(self) -> str | None:
        """Return the key pressed since the last call, `q` where the window was closed, None where there was none."""
        try:
            code = cv2.waitKey(1)
            if self._is_sized and cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
                return "q"
        except cv2.error as error:
            raise MediaError(f"the window is lost: {error.err}; start again") from error
        return None if code < 0 else "q" if code & 0xFF == _ESCAPE else chr(code & 0xFF)

    def close(self) -> None:
        """Take the window off the screen."""
        cv2.destroyWindow(self._title)
