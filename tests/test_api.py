"""`import videoedit`: light, complete, and typed by the same table."""

import subprocess
import sys

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
