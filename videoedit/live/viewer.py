"""What the person at the machine sees: the edit or the picture before it, the debug overlay, snapshots on request."""

import logging
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from videoedit.detect.sparse import Effort
from videoedit.frames import Image
from videoedit.geometry import compose, inverse, transform_points
from videoedit.live.controls import Controls
from videoedit.pipeline import EditedFrame
from videoedit.video.pictures import shown
from videoedit.video.stills import write_image
from videoedit.video.thumbnail import stored_from_upright

logger = logging.getLogger(__name__)

_GREEN: Final = (60, 230, 60)
_BLACK: Final = (0, 0, 0)


class Screen(Protocol):
    """Shows pictures and gives keys back."""

    def show(self, image: Image) -> None:
        """Put up a picture."""
        ...

    def key(self) -> str | None:
        """Return the key pressed since the last call, or None."""
        ...


class Viewer:
    """Draws for a screen; writes snapshots."""

    def __init__(self, screen: Screen, crop_size: int, snapshots: str | Path = ".") -> None:
        self._screen, self._crop_size, self._folder = screen, crop_size, Path(snapshots)
        self._num_snapshots = 0

    def key(self) -> str | None:
        """Return the key pressed since the last call, or None."""
        return self._screen.key()

    def show(self, edited: EditedFrame, controls: Controls, effort: Effort) -> None:
        """Show a frame as the controls ask for it; write it where a snapshot was asked for."""
        image = shown(edited.source if controls.shows_source else edited.frame)
        if controls.num_snapshots > self._num_snapshots:
            self._num_snapshots = controls.num_snapshots
            self._write(image)
        if controls.shows_debug:
            image = with_overlay(image, edited, self._crop_size, lines_of(controls, effort))
        self._screen.show(image)

    def _write(self, image: Image) -> None:
        """Write a snapshot under the next free name."""
        number = 1
        while (path := self._folder / f"snapshot-{number:03d}.png").exists():
            number += 1
        write_image(path, image)
        logger.warning("snapshot: %s", path)


def lines_of(controls: Controls, effort: Effort) -> list[str]:
    """Return what the debug overlay says."""
    return [
        f"exemplar {controls.exemplar + 1}/{controls.num_exemplars}  strength {controls.strength:.1f}",
        f"detector every {effort.every}, {effort.side} px",
    ]


def with_overlay(image: Image, edited: EditedFrame, crop_size: int, lines: list[str]) -> Image:
    """Draw where the edit lies and who is who, and write some lines.

    Args:
        image: The frame as it is shown, (h, w, 3).
        edited: The frame.
        crop_size: Side of the editor's crop in pixels.
        lines: What to write.
    """
    drawn = image.copy()
    upright_from_stored = inverse(stored_from_upright(edited.source, edited.source.size_wh))
    end = crop_size - 1.0
    corners = np.array([[0.0, 0.0], [end, 0.0], [end, end], [0.0, end]])
    for placement in edited.placements:
        upright_from_crop = compose(upright_from_stored, inverse(placement.crop_from_frame))
        outline = np.round(transform_points(upright_from_crop, corners)).astype(np.int32)
        cv2.polylines(drawn, [outline], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)
        _write(drawn, f"{placement.track_id}", (int(outline[0, 0]), int(outline[0, 1]) - 4))
    for row, line in enumerate(lines, start=1):
        _write(drawn, line, (8, 20 * row))
    return drawn


def _write(image: Image, text: str, left_bottom: tuple[int, int]) -> None:
    for colour, thickness in ((_BLACK, 3), (_GREEN, 1)):
        cv2.putText(image, text, left_bottom, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness, cv2.LINE_AA)
