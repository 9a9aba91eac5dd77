"""`videoedit models`: list, verify and import."""

import hashlib
from pathlib import Path

import pytest
import torch

from videoedit.cli import main
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.resources import ModelCard, cache_dir, load_card, write_card


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path))
    folder = cache_dir() / "models"
    folder.mkdir()
    (folder / "tiny.onnx").write_bytes(b"weights")
    made = ModelCard(
        name="tiny",
        kind="detector",
        file="tiny.onnx",
        sha256=hashlib.sha256(b"weights").hexdigest(),
        licence="MIT",
        folder=folder,
    )
    write_card(made)
    return made


def test_list_shows_name_kind_and_licence(card: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tiny")]
    assert line.split() == ["tiny", "detector", "-", "-", "[MIT]"]


def test_verify_passes_whole_weights(card: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "tiny"]) == 0
    assert capsys.readouterr().out == "ok    tiny\n"


def test_verify_goes_through_all_and_fails_with_1(card: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    card.weights_path.write_bytes(b"other")
    assert main(["models", "verify"]) == 1
    said = capsys.readouterr()
    assert "FAIL  tiny" in said.out
    assert str(card.weights_path) in said.err
    assert said.err.count("\n") == 1


def test_an_unknown_model_is_wrong_use(card: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "tine"]) == 2
    assert "did you mean 'tiny'?" in capsys.readouterr().err


def test_import_makes_a_model_that_run_can_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path / "cache"))
    generator = ElegantGenerator(ElegantConfig(attributes=("Bangs", "Smiling"), profile="official"))
    torch.save(generator.encoder.state_dict(), tmp_path / "Enc.pth")
    torch.save(generator.decoder.state_dict(), tmp_path / "Dec.pth")
    files = [str(tmp_path / "Enc.pth"), str(tmp_path / "Dec.pth")]
    assert main(["models", "import", *files, "--attributes", "Bangs", "Smiling", "--name", "mine"]) == 0
    assert "--model mine" in capsys.readouterr().out
    assert load_card("mine").attributes == ("Bangs", "Smiling")
    assert main(["models", "verify", "mine"]) == 0


def test_import_of_a_missing_file_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = str(tmp_path / "gone.pth")
    assert main(["models", "import", gone, gone, "--attributes", "Bangs"]) == 1
    assert capsys.readouterr().err == f"videoedit: no weights file {gone}; check the path\n"
