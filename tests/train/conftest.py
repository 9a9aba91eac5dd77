"""What tests of trainings share."""

from pathlib import Path

import pytest

from videoedit.resources import preset_path


@pytest.fixture
def small_official(tmp_path: Path) -> Path:
    """The official preset for pictures of 32 px and the labels of the drawn CelebA."""
    text = preset_path("train-elegant-official").read_text(encoding="utf-8")
    for old, new in (("= 256", "= 32"), ("width = 64", "width = 4"), ("= 512", "= 8")):
        text = text.replace(old, new)
    preset = tmp_path / "small.toml"
    preset.write_text(text.replace('["Bangs", "Mustache"]', '["Eyeglasses", "Smiling"]'), encoding="utf-8")
    return preset
