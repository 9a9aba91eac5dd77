"""Transfer attributes of a face (glasses, a smile, bangs) from a picture to the faces of a video.

Names are imported when they are first used, so that `import videoedit` costs next to nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from videoedit.api import run
    from videoedit.detect.base import FaceDetector, detectors
    from videoedit.edit.base import Edit, FaceEditor, editors
    from videoedit.errors import ConfigError, Interrupted, MediaError, ModelError, NoFaceError, VideoEditError
    from videoedit.faces import Face, Track
    from videoedit.frames import Frame, PixelFormat, VideoInfo
    from videoedit.pipeline import Pipeline, PipelineConfig
    from videoedit.resources import ModelCard, list_cards, load_card
    from videoedit.video.reading.reader import VideoReader
    from videoedit.video.writing.writer import VideoWriter

__version__ = "0.1.0"

_MODULES: Final = {
    "ConfigError": "errors",
    "Edit": "edit.base",
    "Face": "faces",
    "FaceDetector": "detect.base",
    "FaceEditor": "edit.base",
    "Frame": "frames",
    "Interrupted": "errors",
    "MediaError": "errors",
    "ModelCard": "resources",
    "ModelError": "errors",
    "NoFaceError": "errors",
    "Pipeline": "pipeline",
    "PipelineConfig": "pipeline",
    "PixelFormat": "frames",
    "Track": "faces",
    "VideoEditError": "errors",
    "VideoInfo": "frames",
    "VideoReader": "video.reading.reader",
    "VideoWriter": "video.writing.writer",
    "detectors": "detect",
    "editors": "edit",
    "list_cards": "resources",
    "load_card": "resources",
    "run": "api",
}
"""Module, inside the package, of every public name."""

__all__ = [
    "ConfigError",
    "Edit",
    "Face",
    "FaceDetector",
    "FaceEditor",
    "Frame",
    "Interrupted",
    "MediaError",
    "ModelCard",
    "ModelError",
    "NoFaceError",
    "Pipeline",
    "PipelineConfig",
    "PixelFormat",
    "Track",
    "VideoEditError",
    "VideoInfo",
    "VideoReader",
    "VideoWriter",
    "detectors",
    "editors",
    "list_cards",
    "load_card",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module 'videoedit' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"videoedit.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
