"""The judge answers by its card's numbers, and the embedded one knows glasses when it sees them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from videoedit.align.crop import warp_image
from videoedit.align.templates import crop_from_points
from videoedit.errors import ConfigError, ModelError
from videoedit.frames import Image
from videoedit.judge.attributes import AttributeJudge
from videoedit.nets.checkpoint import save_tensors
from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig
from videoedit.resources import ModelCard, load_card, sha256_of, write_card
from videoedit.tensors import to_model

FACE = np.zeros((32, 32, 3), np.uint8)
ASTRONAUT_POINTS = np.array([[203.4, 103.6], [247.5, 104.4], [224.1, 127.7], [204.0, 143.1], [242.9, 143.7]])
"""YuNet's, on scikit-image's picture of an astronaut."""


def judge_that_says(folder: Path, probability: float) -> AttributeJudge:
    """Return a judge of two attributes that says the same of every face, the opposite of the second attribute."""
    network = AttributeClassifier(ClassifierConfig(attributes=("Bangs", "Young"), crop_size=32, width=8, blocks=1))
    logit = float(torch.logit(torch.tensor(probability)))
    with torch.no_grad():
        network.linear.weight.zero_()
        network.linear.bias.copy_(torch.tensor([logit, -logit]))
    save_tensors(folder / "says.safetensors", network.state_dict())
    card = ModelCard(
        name="says",
        kind="judge",
        file="says.safetensors",
        sha256=sha256_of(folder / "says.safetensors"),
        licence="Apache-2.0",
        attributes=("Bangs", "Young"),
        crop_size=32,
        template="elegant",
        network={"width": 8, "blocks": 1},
        thresholds={"Bangs": 0.3, "Young": 0.6},
        plainly_below={"Bangs": 0.1, "Young": 0.2},
        folder=folder,
    )
    return AttributeJudge.from_card(write_card(card))


@pytest.mark.parametrize(
    ("probability", "has", "lacks"), [(0.05, False, True), (0.2, False, False), (0.31, True, False)]
)
def test_answers_follow_the_thresholds_of_the_card(tmp_path: Path, probability: float, has: bool, lacks: bool) -> None:
    judge = judge_that_says(tmp_path, probability)
    assert judge.has(FACE, "Bangs") is has
    assert judge.lacks_plainly(FACE, "Bangs") is lacks


def test_every_attribute_is_held_to_its_own_numbers(tmp_path: Path) -> None:
    judge = judge_that_says(tmp_path, 0.5)
    assert (judge.threshold("Bangs"), judge.threshold("Young")) == (0.3, 0.6)
    assert judge.has(FACE, "Bangs")
    assert not judge.has(FACE, "Young")
    torch.testing.assert_close(judge.probabilities(to_model([FACE])), torch.tensor([[0.5, 0.5]]))


def test_unknown_attribute_is_named_with_the_known_ones(tmp_path: Path) -> None:
    judge = judge_that_says(tmp_path, 0.5)
    for ask in (judge.has, judge.lacks_plainly):
        with pytest.raises(ConfigError, match=r"'Bang' \(known: Bangs, Young\); did you mean 'Bangs'"):
            ask(FACE, "Bang")


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    judge_that_says(tmp_path, 0.5)
    with (tmp_path / "says.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="damaged or was changed"):
        AttributeJudge.from_card(tmp_path / "says.toml")


@pytest.fixture(scope="module")
def embedded() -> AttributeJudge:
    return AttributeJudge.from_card()


@pytest.fixture(scope="module")
def astronaut() -> Image:
    """A smiling woman without glasses, aligned."""
    data = pytest.importorskip("skimage.data")
    return warp_image(data.astronaut(), crop_from_points(ASTRONAUT_POINTS, "elegant", 128), 128)


def with_drawn_glasses(crop: Image) -> Image:
    drawn = crop.copy()
    for centre in ((44, 56), (84, 55)):
        cv2.ellipse(drawn, centre, (16, 13), 0, 0, 360, (15, 15, 15), -1, cv2.LINE_AA)
    cv2.line(drawn, (12, 53), (116, 52), (15, 15, 15), 3, cv2.LINE_AA)
    return drawn


def test_embedded_judge_has_both_numbers_for_every_attribute() -> None:
    card = load_card("attribute-judge")
    assert len(card.attributes) == 40
    assert set(card.thresholds) == set(card.plainly_below) == set(card.attributes)
    assert all(0 < card.plainly_below[name] < card.thresholds[name] < 1 for name in card.attributes)


def test_embedded_judge_sees_glasses_come(embedded: AttributeJudge, astronaut: Image) -> None:
    assert embedded.lacks_plainly(astronaut, "Eyeglasses")
    assert not embedded.has(astronaut, "Eyeglasses")
    assert embedded.has(with_drawn_glasses(astronaut), "Eyeglasses")


def test_embedded_judge_sees_a_smile_in_either_mirror_image(embedded: AttributeJudge, astronaut: Image) -> None:
    for crop in (astronaut, np.ascontiguousarray(astronaut[:, ::-1])):
        assert embedded.has(crop, "Smiling")
        assert embedded.lacks_plainly(crop, "Mustache")
