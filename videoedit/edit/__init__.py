"""Editors: what must be added to an aligned face."""

from videoedit.edit.base import Edit, FaceEditor, editors
from videoedit.edit.elegant import ElegantEditor

__all__ = ["Edit", "ElegantEditor", "FaceEditor", "editors"]
