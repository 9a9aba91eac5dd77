"""The importer takes the official pair exactly, and nothing that only looks like it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from videoedit.errors import ConfigError, ModelError
from videoedit.nets.checkpoint import load_tensors
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.nets.import_official import OfficialModel, import_model, read_generator
from videoedit.resources import ModelCard, load_card, verify

ENCODER_CHANNELS = (3, 64, 128, 256, 512, 512)
DECODER_CHANNELS = (1024, 512, 256, 128, 64, 3)


def official_encoder() -> dict[str, Tensor]:
    """Return the 20 tensors of the official encoder file, written down from its format and not from our network."""
    state: dict[str, Tensor] = {}
    for i in range(5):
        state[f"main.{i}.0.weight"] = torch.randn(ENCODER_CHANNELS[i + 1], ENCODER_CHANNELS[i], 3, 3) * 0.02
        state[f"main.{i}.0.bias"] = torch.randn(ENCODER_CHANNELS[i + 1])
        state[f"main.{i}.1.alpha"], state[f"main.{i}.1.beta"] = torch.ones(1), torch.zeros(1)
    return state


def official_decoder() -> dict[str, Tensor]:
    """Return the 18 tensors of the official decoder file; its weights are (in, out, 3, 3)."""
    state: dict[str, Tensor] = {}
    for i in range(5):
        state[f"main.{i}.0.weight"] = torch.randn(DECODER_CHANNELS[i], DECODER_CHANNELS[i + 1], 3, 3) * 0.02
        state[f"main.{i}.0.bias"] = torch.randn(DECODER_CHANNELS[i + 1])
        if i < 4:
            state[f"main.{i}.1.alpha"], state[f"main.{i}.1.beta"] = torch.ones(1), torch.zeros(1)
    return state


@pytest.fixture(scope="module")
def states() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    torch.manual_seed(0)
    return official_encoder(), official_decoder()


@pytest.fixture
def pair(tmp_path: Path, states: tuple[dict[str, Tensor], dict[str, Tensor]]) -> OfficialModel:
    paths = tmp_path / "Enc_iter_000100.pth", tmp_path / "Dec_iter_000100.pth"
    for state, path in zip(states, paths, strict=True):
        torch.save(state, path, _use_new_zipfile_serialization=False)
    return OfficialModel(encoder=paths[0], decoder=paths[1], attributes=("Bangs", "Mustache"), name="mine")


def test_the_official_files_hold_20_and_18_tensors() -> None:
    assert (len(official_encoder()), len(official_decoder())) == (20, 18)


def test_the_imported_weights_are_the_official_ones(pair: OfficialModel, tmp_path: Path) -> None:
    card = import_model(pair, tmp_path / "out")
    tensors = load_tensors(card.weights_path)
    network = ElegantConfig(attributes=card.attributes, crop_size=card.crop_size, **card.network)
    ElegantGenerator(network).load_state_dict(tensors, strict=True)
    torch.testing.assert_close(tensors["encoder.main.0.0.weight"], torch.load(pair.encoder)["main.0.0.weight"])
    torch.testing.assert_close(tensors["decoder.main.4.0.bias"], torch.load(pair.decoder)["main.4.0.bias"])


def test_the_card_says_what_the_files_do_not(pair: OfficialModel, tmp_path: Path) -> None:
    card = import_model(pair, tmp_path / "out")
    verify(card)
    assert ModelCard.read(tmp_path / "out" / "mine.toml") == card
    assert card.attributes == ("Bangs", "Mustache")
    assert (card.crop_size, card.template, card.network["profile"]) == (256, "elegant", "official")


def test_without_a_folder_the_model_is_found_by_name(
    pair: OfficialModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDEOEDIT_CACHE", str(tmp_path / "cache"))
    import_model(pair)
    assert load_card("mine").attributes == ("Bangs", "Mustache")


def test_files_trained_on_several_gpus_are_taken(pair: OfficialModel) -> None:
    for path in (pair.encoder, pair.decoder):
        torch.save({f"module.{name}": tensor for name, tensor in torch.load(path).items()}, path)
    assert "encoder.main.0.0.weight" in read_generator(pair)


def _drop(state: dict[str, Tensor]) -> None:
    del state["main.2.1.alpha"]


def _add(state: dict[str, Tensor]) -> None:
    state["main.5.0.weight"] = torch.ones(1)


def _shrink(state: dict[str, Tensor]) -> None:
    state["main.1.0.weight"] = state["main.1.0.weight"][:64]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_drop, r"lacks main\.2\.1\.alpha \(1 in all\)"),
        (_add, r"has the unknown main\.5\.0\.weight"),
        (_shrink, r"main\.1\.0\.weight is \(64, 64, 3, 3\).*has \(128, 64, 3, 3\)"),
    ],
)
def test_a_file_that_is_not_quite_official_is_refused(
    pair: OfficialModel, tmp_path: Path, change: Callable[[dict[str, Tensor]], None], said: str
) -> None:
    state = torch.load(pair.encoder)
    change(state)
    torch.save(state, pair.encoder)
    with pytest.raises(ModelError, match=said):
        import_model(pair, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_swapped_files_are_refused_with_the_right_order(pair: OfficialModel) -> None:
    with pytest.raises(ModelError, match="give the encoder first, then the decoder"):
        read_generator(replace(pair, encoder=pair.decoder, decoder=pair.encoder))


@pytest.mark.parametrize("changes", [{"crop_size": 250}, {"attributes": ()}, {"name": "../up"}, {"name": ""}])
def test_an_impossible_description_is_wrong_use(
    pair: OfficialModel, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(ConfigError):
        import_model(replace(pair, **changes), tmp_path / "out")  # type: ignore[arg-type]
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_no_model_is_written_over(pair: OfficialModel, tmp_path: Path) -> None:
    import_model(pair, tmp_path / "out")
    with pytest.raises(ConfigError, match="'mine' already; choose another name with --name"):
        import_model(pair, tmp_path / "out")
