"""The ELEGANT editor: the exemplar's block travels, strength scales it, limits hold, bad files are named."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from videoedit.edit.base import Edit, together
from videoedit.edit.elegant import ElegantEditor, _hiding, _lightened, _sharpened, _untinted
from videoedit.errors import ConfigError, ModelError
from videoedit.nets.checkpoint import load_tensors, save_tensors
from videoedit.nets.elegant import ElegantConfig, ElegantGenerator
from videoedit.resources import ModelCard, load_card, sha256_of, write_card
from videoedit.tensors import change_of

NETWORK = {"width": 4, "code_channels": 16, "profile": "modern"}


@pytest.fixture(scope="module")
def card_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    generator = ElegantGenerator(ElegantConfig(attributes=("Eyeglasses", "Smiling"), crop_size=32, **NETWORK))
    torch.nn.init.normal_(generator.decoder.main[4][0].weight, std=0.3)
    tensors = dict(generator.state_dict()) | {"neutral.Eyeglasses": torch.full((8, 1, 1), 0.5)}
    save_tensors(folder / "tiny.safetensors", tensors)
    card = ModelCard(
        name="tiny",
        kind="elegant",
        file="tiny.safetensors",
        sha256=sha256_of(folder / "tiny.safetensors"),
        licence="CC0-1.0",
        attributes=("Eyeglasses", "Smiling"),
        crop_size=32,
        template="elegant",
        network=NETWORK,
        folder=folder,
    )
    return write_card(card)


@pytest.fixture
def editor(card_path: Path) -> ElegantEditor:
    return ElegantEditor.from_card(card_path, "cpu")


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)


def test_edit_holds_only_its_own_block(editor: ElegantEditor) -> None:
    assert editor.edit_like(picture(1), "Eyeglasses").code.shape == (1, 2, 8, 1, 1)


def test_exemplar_decides_and_the_other_attribute_does_not_follow(editor: ElegantEditor) -> None:
    x = torch.rand(2, 3, 32, 32) * 1.6 - 0.8
    first, second = (editor.residuals(x, [editor.edit_like(picture(seed), "Eyeglasses")]) for seed in (1, 2))
    assert (first - second).abs().max() > 1e-4
    both = editor.residuals(x, [editor.edit_like(picture(1), "Eyeglasses"), editor.edit_like(picture(2), "Smiling")])
    assert (both - first).abs().max() > 1e-4


def test_mirror_image_with_the_exemplars_mirror_image_gets_the_mirrored_edit(editor: ElegantEditor) -> None:
    x = torch.rand(2, 3, 32, 32) * 1.6 - 0.8
    exemplar = picture(1)
    edits, mirrored = ([editor.edit_like(np.ascontiguousarray(e), "Eyeglasses")] for e in (exemplar, exemplar[:, ::-1]))
    residual = editor.residuals(x, edits)
    torch.testing.assert_close(editor.residuals(x.flip(3), mirrored), residual.flip(3), atol=1e-5, rtol=0)
    assert not torch.allclose(editor.residuals(x.flip(3), edits), residual.flip(3), atol=1e-5)


def test_strength_goes_through_the_code(editor: ElegantEditor) -> None:
    x = torch.rand(1, 3, 32, 32) * 1.6 - 0.8
    edit = editor.edit_like(picture(1), "Eyeglasses")
    residuals = [editor.residuals(x, [Edit(edit.attribute, edit.code, s)]) for s in (0.0, 0.5, 1.0)]
    assert torch.equal(residuals[0], editor.residuals(x, []))
    assert not torch.equal(residuals[1], residuals[2])


def test_faces_of_a_batch_do_not_see_one_another(editor: ElegantEditor) -> None:
    x = torch.rand(3, 3, 32, 32) * 2 - 1
    edits = [editor.edit_like(picture(1), "Eyeglasses")]
    together = editor.residuals(x, edits)
    alone = torch.cat([editor.residuals(x[i : i + 1], edits) for i in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_every_face_of_a_batch_can_have_its_own_exemplar_and_strength(editor: ElegantEditor) -> None:
    x = torch.rand(3, 3, 32, 32) * 1.6 - 0.8
    code = editor.edit_like(picture(1), "Eyeglasses").code
    edits = [
        Edit("Eyeglasses", code, 0.3),
        Edit("Eyeglasses", code, 1.2),
        editor.edit_without("Eyeglasses"),
    ]
    joined = editor.residuals(x, [together(edits)])
    alone = torch.cat([editor.residuals(x[i : i + 1], [edit]) for i, edit in enumerate(edits)])
    torch.testing.assert_close(joined, alone, atol=1e-5, rtol=1e-4)
    assert together(edits[:1] * 3).strengths is None


def test_crop_plus_residual_stays_in_range(editor: ElegantEditor) -> None:
    x = torch.ones(1, 3, 32, 32)
    edited = x + change_of(editor.residuals(x, [editor.edit_like(picture(3), "Smiling")]), x)
    assert edited.max() <= 1.0 + 1e-6
    assert edited.min() >= -1.0 - 1e-6


def test_nothing_is_added_beyond_the_limits_that_the_card_has_for_the_edits(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    boxes = {"Eyeglasses": (0.2, 0.2, 0.8, 0.6), "Smiling": (0.3, 0.5, 0.7, 0.9)}
    editor = ElegantEditor.from_card(write_card(replace(load_card(card_path), folder=tmp_path, regions=boxes)), "cpu")
    x = torch.rand(2, 3, 32, 32) * 1.6 - 0.8
    edits = [editor.edit_like(picture(1), name) for name in boxes]
    limits = editor.limits(x, edits)
    torch.testing.assert_close(limits, torch.maximum(editor.limits(x, edits[:1]), editor.limits(x, edits[1:])))
    assert limits.shape == (2, 32, 32)
    assert (editor.limits(x, []) == 1).all()
    added = editor.residuals(x, edits).abs().amax(dim=1)
    assert (added[limits == 0] == 0).all()
    assert (added[limits == 1] > 0).float().mean() > 0.9


def test_little_goes_through_where_limits_let_little_through(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    card = replace(load_card(card_path), folder=tmp_path, regions={"Eyeglasses": (0.2, 0.2, 0.8, 0.8)})
    free, bound = (ElegantEditor.from_card(path, "cpu") for path in (card_path, write_card(card)))
    x = torch.rand(2, 3, 32, 32) - 0.5
    edits = [free.edit_like(picture(1), "Eyeglasses")]
    whole, let_through = (change_of(editor.residuals(x, edits), x).abs().mean(dim=1) for editor in (free, bound))
    for limit in bound.limits(x, edits).unique():
        at = bound.limits(x, edits) == limit
        assert float(let_through[at].mean()) == pytest.approx(
            float(limit**1.5 * whole[at].mean()), rel=0.3, abs=1e-4
        )  # what is bright is cut off


def test_sure_covers_hide_all_finer_detail_and_faint_ones_none() -> None:
    x = torch.rand(2, 3, 8, 8) * 2 - 1
    residual = torch.rand(2, 4, 8, 8)
    residual[:, 3] = torch.linspace(0, 1, 8)
    hidden = _hiding(residual, x)
    torch.testing.assert_close(change_of(hidden, x), change_of(residual, x), atol=1e-6, rtol=0)
    assert hidden[:, 3, :, :2].eq(0).all()
    assert hidden[:, 3, :, 5:].eq(1).all()
    assert torch.equal(_hiding(residual[:, :3], x), residual[:, :3])


def test_card_says_how_far_the_finest_detail_of_an_attribute_is_raised(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    sharp_path = write_card(replace(load_card(card_path), sharpening={"Eyeglasses": 1.0}, folder=tmp_path))
    x = torch.rand(1, 3, 32, 32) - 0.5
    raised = {}
    for attribute in ("Eyeglasses", "Smiling"):
        editors = (ElegantEditor.from_card(path, "cpu") for path in (card_path, sharp_path))
        soft, sharp = (editor.residuals(x, [editor.edit_like(picture(1), attribute)]) for editor in editors)
        raised[attribute] = (sharp - soft).abs().max().item()
    assert raised["Eyeglasses"] > 1e-3
    assert raised["Smiling"] == 0


@pytest.mark.parametrize("what", ["darkening", "tinting"])
def test_card_says_how_much_a_patch_may_change_by_an_edit(what: str, card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    limited_path = write_card(replace(load_card(card_path), folder=tmp_path, **{what: {"Eyeglasses": 0.0001}}))
    plain, limited = (ElegantEditor.from_card(path, "cpu") for path in (card_path, limited_path))
    x = torch.rand(1, 3, 32, 32) - 0.5
    away, smile = plain.edit_without("Eyeglasses"), plain.edit_like(picture(1), "Smiling")
    put_on = plain.edit_like(picture(1), "Eyeglasses")
    assert not torch.equal(limited.residuals(x, [away]), plain.residuals(x, [away]))
    assert torch.equal(limited.residuals(x, [put_on]), plain.residuals(x, [put_on])) == (what == "darkening")
    for edits in ([smile], [away, smile], []):
        assert torch.equal(limited.residuals(x, edits), plain.residuals(x, edits))


def test_patches_get_no_darker_than_they_may_and_fine_lines_stay() -> None:
    x = torch.zeros(1, 3, 64, 64)
    layers = torch.zeros(1, 4, 64, 64)
    layers[:, :3, :, :20] = -0.5  # a patch
    layers[:, :3, 30, 30:] = -0.5  # a line
    limited = change_of(_lightened(layers, x, 0.15), x)
    assert float(limited[0, 0, 10, 5]) == pytest.approx(-0.15, abs=1e-6)
    torch.testing.assert_close(limited[..., 40:], layers[:, :3, :, 40:])
    faint = 0.25 * layers
    assert torch.equal(_lightened(faint, x, 0.15), faint)
    lighter = -layers
    assert torch.equal(_lightened(lighter, x, 0.15), lighter)


def test_patches_get_no_more_colour_than_they_may_and_as_much_light() -> None:
    x = torch.zeros(1, 3, 64, 64)
    layers = torch.zeros(1, 4, 64, 64)
    layers[:, :3, :, :20] = torch.tensor([0.4, 0.1, 0.1])[:, None, None]
    limited = change_of(_untinted(layers, x, 0.06), x)[0, :, 10, 5]
    torch.testing.assert_close(limited, torch.tensor([0.26, 0.17, 0.17]))
    faint = 0.2 * layers
    torch.testing.assert_close(_untinted(faint, x, 0.06), faint)


def test_card_says_what_strength_1_of_an_attribute_is(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    gained_path = write_card(replace(load_card(card_path), gains={"Eyeglasses": 1.4}, folder=tmp_path))
    plain, gained = (ElegantEditor.from_card(path, "cpu") for path in (card_path, gained_path))
    x = torch.rand(1, 3, 32, 32) - 0.5

    def residual(editor: ElegantEditor, attribute: str, strength: float) -> torch.Tensor:
        return editor.residuals(x, [editor.edit_like(picture(1), attribute, strength)])

    torch.testing.assert_close(residual(gained, "Eyeglasses", 1.0), residual(plain, "Eyeglasses", 1.4))
    assert not torch.equal(residual(gained, "Eyeglasses", 1.0), residual(plain, "Eyeglasses", 1.0))
    assert torch.equal(residual(gained, "Smiling", 1.0), residual(plain, "Smiling", 1.0))


@pytest.mark.parametrize(("removal_gains", "expected"), [({"Eyeglasses": 0.6}, 0.6), ({}, 1.4)])
def test_card_says_how_far_a_removal_goes_if_not_as_far_as_the_attribute_comes(
    removal_gains: dict[str, float], expected: float, card_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    card = replace(load_card(card_path), gains={"Eyeglasses": 1.4}, removal_gains=removal_gains, folder=tmp_path)
    plain, gained = (ElegantEditor.from_card(path, "cpu") for path in (card_path, write_card(card)))
    x, exemplar = torch.rand(1, 3, 32, 32) - 0.5, picture(1)
    for found, wanted in (
        (gained.edit_without("Eyeglasses"), plain.edit_without("Eyeglasses", expected)),
        (gained.edit_like(exemplar, "Eyeglasses"), plain.edit_like(exemplar, "Eyeglasses", 1.4)),
    ):
        torch.testing.assert_close(gained.residuals(x, [found]), plain.residuals(x, [wanted]))


def test_card_says_how_much_light_the_skin_of_exemplars_has_at_least(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    card = replace(load_card(card_path), exemplar_light={"Eyeglasses": 0.5}, folder=tmp_path)
    plain, lighting = (ElegantEditor.from_card(path, "cpu") for path in (card_path, write_card(card)))
    dim = (0.5 ** (1 / 0.6) * 255 * np.ones((32, 32, 3))).astype(np.uint8)
    dim[:12] = 20
    raised = np.round((dim / 255.0) ** 0.6 * 255).astype(np.uint8)
    bright = np.full_like(dim, 150)
    for exemplar, attribute, same in (
        (dim, "Eyeglasses", raised),
        (bright, "Eyeglasses", bright),
        (np.full_like(dim, 255), "Eyeglasses", np.full_like(dim, 255)),
        (dim, "Smiling", dim),
    ):
        found, wanted = lighting.edit_like(exemplar, attribute).code, plain.edit_like(same, attribute).code
        torch.testing.assert_close(found, wanted, atol=2e-3, rtol=0.01)
    told = [plain.edit_like(exemplar, "Eyeglasses").code for exemplar in (dim, raised)]
    assert (told[0] - told[1]).abs().max() > 0.02


def test_only_what_an_edit_darkens_is_raised() -> None:
    rim = torch.zeros(1, 4, 32, 32)
    rim[:, :3, 6:9] = -0.5
    rim[:, 3, 6:9] = 0.6
    grey = torch.zeros(1, 3, 32, 32)
    everywhere = torch.ones(32, 32)
    raised = _sharpened(rim, grey, everywhere)
    assert raised[0, 0, 7, 8] < -0.55  # darker where it is darkest
    assert raised[0, 0, 5, 8] > 0.05  # and lighter beside it
    assert raised[0, 3, 7, 8] > 0.65
    assert raised[:, 3].min() == 0
    assert raised[0, 0, 20, 8] == 0
    full = torch.cat([rim[:, :3], 2 * rim[:, 3:].clamp(0, 0.5)], dim=1)
    assert _sharpened(full, grey, everywhere)[:, 3].max() == 1
    lighter = torch.cat([-rim[:, :3], rim[:, 3:]], dim=1)
    assert torch.equal(_sharpened(lighter, grey, everywhere), lighter)
    assert torch.equal(_sharpened(rim, grey, 0 * everywhere), rim)


def test_removal_needs_a_neutral_code(editor: ElegantEditor) -> None:
    assert editor.edit_without("Eyeglasses").code.eq(0.5).all()
    assert editor.edit_without("Eyeglasses").is_removal
    assert not editor.edit_like(picture(1), "Eyeglasses").is_removal
    with pytest.raises(ConfigError, match="cannot remove Smiling without a reference"):
        editor.edit_without("Smiling")
    with pytest.raises(ConfigError, match="no attribute 'Bangs'"):
        editor.edit_without("Bangs")


def test_typical_code_takes_the_place_of_an_exemplars(card_path: Path, tmp_path: Path) -> None:
    tensors = load_tensors(card_path.parent / "tiny.safetensors") | {"typical.Smiling": torch.full((8, 1, 1), 0.25)}
    save_tensors(tmp_path / "tiny.safetensors", tensors)
    card = replace(load_card(card_path), folder=tmp_path, sha256=sha256_of(tmp_path / "tiny.safetensors"))
    editor = ElegantEditor.from_card(write_card(card), "cpu")
    smile, glasses = (editor.edit_like(picture(1), name, 0.7) for name in ("Smiling", "Eyeglasses"))
    assert editor.typical(smile).code.eq(0.25).all()
    assert editor.typical(smile).code.shape == (1, 2, 8, 1, 1)
    assert editor.typical(smile).strength == 0.7
    assert editor.typical(glasses) is glasses


def test_strength_beyond_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="strength must be in"):
        Edit("Eyeglasses", torch.zeros(1), 1.6)


def test_changed_or_missing_weights_are_refused(card_path: Path, tmp_path: Path) -> None:
    for file in card_path.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = tmp_path / "tiny.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match="damaged or was changed"):
        ElegantEditor.from_card(tmp_path / "tiny.toml", "cpu")
    weights.unlink()
    with pytest.raises(ModelError, match=r"tiny\.safetensors"):
        ElegantEditor.from_card(tmp_path / "tiny.toml", "cpu")


def test_card_that_does_not_fit_its_weights_is_refused(card_path: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.safetensors").write_bytes((card_path.parent / "tiny.safetensors").read_bytes())
    (tmp_path / "tiny.toml").write_text(card_path.read_text().replace("width = 4", "width = 8"))
    with pytest.raises(ModelError, match="does not fit its card"):
        ElegantEditor.from_card(tmp_path / "tiny.toml", "cpu")


def test_every_face_of_a_batch_can_have_an_exemplar_of_its_own(editor: ElegantEditor) -> None:
    x = torch.rand(2, 3, 32, 32) * 1.6 - 0.8
    edits = [editor.edit_like(picture(seed), "Eyeglasses") for seed in (1, 2)]
    together = editor.residuals(x, [Edit("Eyeglasses", torch.cat([edit.code for edit in edits]))])
    apart = torch.cat([editor.residuals(x[i : i + 1], [edits[i]]) for i in range(2)])
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=1e-4)
