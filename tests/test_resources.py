"""Cards: written and read back, refused with a reason, found by name, and their weights checked."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videoedit import resources
from videoedit.errors import ConfigError, ModelError
from videoedit.resources import ModelCard, list_cards, load_card, preset_path, sha256_of, verify, write_card


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    (tmp_path / "tiny.safetensors").write_bytes(b"weights")
    return ModelCard(
        name="tiny",
        kind="elegant",
        file="tiny.safetensors",
        sha256=hashlib.sha256(b"weights").hexdigest(),
        licence="Apache-2.0",
        description='Says "hello"\nand more',
        attributes=("Eyeglasses", "Smiling"),
        crop_size=128,
        template="elegant",
        network={"profile": "modern", "width": 32, "deep": {"rate": 1e-05, "is_on": True, "sizes": [1, 2]}},
        regions={"Eyeglasses": (0.0, 0.25, 1.0, 0.5)},
        folder=tmp_path,
    )


def test_a_written_card_reads_back_equal(card: ModelCard) -> None:
    assert ModelCard.read(write_card(card)) == card


def test_a_card_appears_whole_and_leaves_nothing_beside_it(card: ModelCard) -> None:
    write_card(card)
    assert sorted(path.name for path in card.folder.iterdir()) == ["tiny.safetensors", "tiny.toml"]


@given(text=st.text(st.characters(exclude_categories=["Cs"])), key=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_the_toml_writer(tmp_path_factory: pytest.TempPathFactory, text: str, key: str) -> None:
    made = ModelCard(
        name="t",
        kind="detector",
        file="t.onnx",
        sha256="0" * 64,
        licence="MIT",
        description=text,
        network={key: text},
        folder=tmp_path_factory.mktemp("card"),
    )
    assert ModelCard.read(write_card(made)) == made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("colour = 1", "no key 'colour'"),
        ('folder = "/"', "unknown key 'folder'"),
        ("crop_size = true", "crop_size must be int"),
        ('template = ""', "needs attributes, crop_size and template"),
        ('kind = "elegnt"', "did you mean 'elegant'"),
        ('sha256 = "ABC"', "64 lower-case hexadecimal digits"),
        ('file = "../secret"', "plain file names"),
        ('file = "/etc/passwd"', "plain file names"),
        ("name =", "cannot read configuration"),
    ],
)
def test_a_wrong_card_is_refused_in_one_line(card: ModelCard, line: str, said: str) -> None:
    path = write_card(card)
    key = line.partition(" =")[0]
    lines = [one for one in path.read_text().splitlines() if not one.startswith(f"{key} =")]
    path.write_text("\n".join([line, *lines]))
    with pytest.raises(ModelError) as caught:
        ModelCard.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_card_without_a_required_key_is_refused(card: ModelCard) -> None:
    path = write_card(card)
    path.write_text(path.read_text().replace('licence = "Apache-2.0"\n', ""))
    with pytest.raises(ModelError, match="licence"):
        ModelCard.read(path)


def test_verify_passes_whole_weights(card: ModelCard) -> None:
    verify(card)


def test_verify_refuses_changed_weights_and_says_what_to_do(card: ModelCard) -> None:
    card.weights_path.write_bytes(b"Weights")
    with pytest.raises(ModelError, match=r"tiny\.safetensors is damaged.*again"):
        verify(card)


def test_verify_refuses_missing_weights(card: ModelCard) -> None:
    with pytest.raises(ModelError, match=r"cannot read weights .*gone\.onnx"):
        verify(replace(card, file="gone.onnx"))


def test_sha256_of_reads_more_than_one_chunk(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "large").write_bytes(content)
    assert sha256_of(tmp_path / "large") == hashlib.sha256(content).hexdigest()


def test_an_imported_card_is_found_by_name_and_listed(
    card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path))
    models = tmp_path / "models"
    models.mkdir()
    write_card(replace(card, folder=models))
    assert load_card("tiny").folder == models
    assert "tiny" in [one.name for one in list_cards()]


def test_an_embedded_card_is_not_hidden_by_an_imported_one(
    card: ModelCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded, cache = tmp_path / "embedded", tmp_path / "cache"
    for folder in (embedded, cache / "models"):
        folder.mkdir(parents=True)
        write_card(replace(card, folder=folder))
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(cache))
    monkeypatch.setattr(resources, "model_dir", lambda: embedded)
    assert load_card("tiny").folder == embedded


def test_a_card_is_loaded_by_path(card: ModelCard) -> None:
    path = write_card(card)
    assert load_card(path) == load_card(str(path)) == card


def test_an_unknown_model_is_wrong_use() -> None:
    with pytest.raises(ConfigError, match="no model 'nobody'"):
        load_card("nobody")


def test_every_embedded_card_names_itself_and_its_weights_are_whole() -> None:
    for path in sorted(resources.model_dir().glob("*.toml")):
        card = ModelCard.read(path)
        assert card.name == path.stem
        verify(card)


@pytest.mark.parametrize("name", [card.name for card in list_cards()])
def test_every_embedded_model_names_a_licence_that_travels_with_it(name: str) -> None:
    texts = {path.stem for path in (Path(__file__).resolve().parents[1] / "LICENSES").glob("*.txt")}
    assert load_card(name).licence in {"Apache-2.0", *texts}


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no preset 'train-elegnt'.*did you mean 'train-elegant'"):
        preset_path("train-elegnt")


def test_presets_are_found_by_name_and_by_path(tmp_path: Path) -> None:
    assert preset_path("train-elegant").is_file()
    assert preset_path(tmp_path / "my.toml") == tmp_path / "my.toml"


def test_the_cache_follows_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path))
    assert resources.cache_dir() == tmp_path
    monkeypatch.delenv("VIDEOEDIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert resources.cache_dir() == tmp_path / "videoedit"


def test_reading_cards_needs_no_heavy_library() -> None:
    code = (
        "import sys, videoedit.resources as r; r.list_cards(); print(sorted({'torch', 'cv2', 'av'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
