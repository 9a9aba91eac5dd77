"""What the person at the machine sees: the edit or the picture before it, the debug overlay, snapshots on request."""

import logging
from pathlib import Path
from typing import Protocol

from videoedit.detect.sparse import Effort
from videoedit.frames import Image
from videoedit.live.controls import Controls
from videoedit.overlay import with_faces, write_line
from videoedit.pipeline import EditedFrame
from videoedit.video.live.pictures import shown
from videoedit.video.stills.arrays import write_image

logger = logging.getLogger(__name__)


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
    """Mark the faces, and write some lines.

    Args:
        image: The frame as it is shown, (h, w, 3).
        edited: The frame.
        crop_size: Side of the editor's crop in pixels.
        lines: What to write.
    """
    drawn = with_faces(image, edited, crop_size)
    for row, line in enumerate(lines, start=1):
        write_line(drawn, line, (8, 20 * row))
    return drawn
