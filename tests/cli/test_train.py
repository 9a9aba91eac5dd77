"""`videoedit train`: a few steps on a few pictures pass through the whole command, and resume."""

from pathlib import Path

import pytest

from videoedit.cli import main
from videoedit.edit.elegant import ElegantEditor
from videoedit.judge.attributes import AttributeJudge

TINY = """
[loop]
iterations = 2

[network]
attributes = ["Eyeglasses", "Smiling"]
crop_size = 32
width = 4
code_channels = 16
profile = "modern"

[learning]
frequencies = [1, 1]
residual = [1, 1]
matched = ["Male"]
context = ["Young"]
"""


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def test_smoke_run_of_elegant_exports_what_edits(
    sharded_celeba: Path, preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["train", "elegant", "--data", str(sharded_celeba), "--out", str(out), "--preset", str(preset), "--smoke"]
    compact = tmp_path / "compact.safetensors"
    assert main([*command, "--export", "tiny", "--unfinished", "Smiling", "--compact", str(compact)]) == 0
    assert "3 steps" in capsys.readouterr().out
    assert ElegantEditor.from_card(out / "tiny.toml", "cpu").attributes == ("Eyeglasses",)
    assert (out / "sheet-000003.png").exists()
    assert main([*command, "--iterations", "5"]) == 0
    assert "5 steps" in capsys.readouterr().out
    assert main([*command[:5], str(tmp_path / "other"), *command[6:], "--from", str(compact)]) == 0


def test_misspelt_key_of_a_preset_is_named(
    sharded_celeba: Path, preset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset.write_text(TINY.replace("matched", "machted"))
    command = [
        "train",
        "elegant",
        "--data",
        str(sharded_celeba),
        "--out",
        str(tmp_path / "out"),
        "--preset",
        str(preset),
    ]
    assert main(command) == 2
    assert "did you mean 'matched'" in capsys.readouterr().err


def test_run_of_the_judge_exports_what_judges(sharded_celeba: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["train", "judge", "--data", str(sharded_celeba), "--out", str(out), "--iterations", "2", "--no-compile"]
    assert main([*command, "--limit", "32", "--export", "judge"]) == 0
    assert "Eyeglasses" in AttributeJudge.from_card(out / "judge.toml").attributes
    assert "| Eyeglasses |" in (out / "judge-table.md").read_text()
