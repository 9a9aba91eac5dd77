"""`import videoedit`: light, complete, and typed by the same table."""

import subprocess
import sys
from fractions import Fraction

import pytest

import videoedit


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, videoedit; print([m for m in ('torch', 'numpy', 'av', 'cv2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", videoedit.__all__)
def test_every_public_name_can_be_used(name: str) -> None:
    assert getattr(videoedit, name) is not None


def test_the_table_and_the_public_names_agree() -> None:
    assert sorted(videoedit._MODULES) == videoedit.__all__ == sorted(videoedit.__all__)
    assert {*videoedit.__all__} <= {*dir(videoedit)}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = videoedit.nothing


def test_how_to_encode_is_said_by_the_names_of_the_configuration() -> None:
    from videoedit.api import _encoder_config
    from videoedit.video.writing.encoding import EncoderConfig

    assert _encoder_config({}) == EncoderConfig()
    wishes = {"encoder": "libx265", "crf": 20, "preset": "fast", "fps": 29.97, "scale": 0.5, "audio": "none"}
    config = _encoder_config(wishes)  # type: ignore[arg-type]
    assert config == EncoderConfig(
        encoder="libx265", crf=20, preset="fast", fps=Fraction(30000, 1001), scale=Fraction(1, 2), audio="none"
    )
    with pytest.raises(TypeError, match="quailty"):
        _encoder_config({"quailty": 1})  # type: ignore[typeddict-item, typeddict-unknown-key]
