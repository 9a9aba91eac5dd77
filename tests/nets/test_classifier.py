"""The judge's network: shapes, what differs between training and use, and what its shortcut carries."""

import pytest
import torch

from videoedit.nets.classifier import AttributeClassifier, ClassifierConfig, ResidualBlock


@pytest.fixture
def network() -> AttributeClassifier:
    torch.manual_seed(0)
    return AttributeClassifier(ClassifierConfig(attributes=("A", "B", "C"), crop_size=64, width=8, dropout=0.5))


def test_one_logit_per_attribute_from_a_thirty_second_of_the_side(network: AttributeClassifier) -> None:
    crops = torch.zeros(2, 3, 64, 64)
    assert network(crops).shape == (2, 3)
    assert network.features(crops).shape == (2, 64)
    assert network.stages(network.stem(crops)).shape == (2, 64, 2, 2)


def test_a_face_is_judged_alike_whatever_it_is_batched_with(network: AttributeClassifier) -> None:
    crops = torch.rand(4, 3, 64, 64) * 2 - 1
    network.eval()
    torch.testing.assert_close(network(crops)[:1], network(crops[:1]))
    network.train()
    assert not torch.allclose(network(crops)[:1], network(torch.cat([crops[:1], -crops[1:]]))[:1], atol=1e-3)


def test_features_are_dropped_in_training_only(network: AttributeClassifier) -> None:
    crops = torch.rand(4, 3, 64, 64) * 2 - 1
    network.eval()
    assert torch.equal(network(crops), network(crops))
    network.dropout.train()
    assert not torch.equal(network(crops), network(crops))


def test_every_weight_learns(network: AttributeClassifier) -> None:
    network.train()
    network(torch.rand(4, 3, 64, 64)).square().sum().backward()
    still = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert still == []


@pytest.mark.parametrize(("c_out", "stride", "side"), [(8, 1, 16), (16, 1, 16), (16, 2, 8)])
def test_block_passes_its_input_on_where_its_convolutions_are_silent(c_out: int, stride: int, side: int) -> None:
    block = ResidualBlock(8, c_out, stride).eval()
    torch.nn.init.zeros_(block.conv[3].weight)
    x = torch.rand(2, 8, 16, 16)
    y = block(x)
    assert y.shape == (2, c_out, side, side)
    torch.testing.assert_close(y, block.shortcut(x).relu())
    assert y.any()


def test_embedded_size_has_the_parameters_that_its_card_tells() -> None:
    network = AttributeClassifier(ClassifierConfig(attributes=tuple(f"attribute {i}" for i in range(40))))
    assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(2.8e6, rel=0.02)
