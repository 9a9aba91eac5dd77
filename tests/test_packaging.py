"""The wheel holds everything that a run needs, under one name."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BUILT_FROM = ("videoedit", "models", "pipelines", "LICENSES", "LICENSE", "README.md", "pyproject.toml")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy, so that the checkout stays clean."""
    source = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = source.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_has_one_top_level_name(names: list[str]) -> None:
    assert {name.split("/", maxsplit=1)[0].partition("-")[0] for name in names} == {"videoedit"}


def test_the_wheel_holds_every_source_preset_card_and_weights_file(names: list[str]) -> None:
    wanted = [str(path.relative_to(ROOT)) for path in (ROOT / "videoedit").rglob("*.py")]
    wanted += [f"videoedit/_presets/{path.name}" for path in (ROOT / "pipelines").glob("*.toml")]
    wanted += [f"videoedit/_models/{path.name}" for path in (ROOT / "models").iterdir() if path.is_file()]
    assert set(wanted) - set(names) == set()
    assert "videoedit/py.typed" in names


def test_both_licences_are_named_and_included(wheel: Path, names: list[str]) -> None:
    texts = {name.rsplit("/", maxsplit=1)[1] for name in names if "/licenses/" in name}
    assert texts == {"LICENSE", "LicenseRef-CelebA-research.txt"}
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert "License-Expression: Apache-2.0 AND LicenseRef-CelebA-research" in metadata


def test_the_installed_package_finds_its_own_presets_and_models(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import importlib.util, videoedit.resources as r\n"
        "print(r.preset_dir(), r.model_dir(), r.list_presets(), [c.name for c in r.list_cards()])\n"
        "print(importlib.util.find_spec('models'), importlib.util.find_spec('pipelines'))"
    )
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # which may be the checkout
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=elsewhere, check=True, capture_output=True, text=True
    )
    folders, absent = done.stdout.splitlines()
    assert folders.startswith(f"{tmp_path}/videoedit/_presets {tmp_path}/videoedit/_models ['train-")
    assert absent == "None None"
