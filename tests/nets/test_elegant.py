"""ELEGANT's network against the facts of the paper and of the authors' code."""

import pytest
import torch

from videoedit.nets.discriminators import DiscriminatorConfig, TwoScaleDiscriminator
from videoedit.nets.elegant import (
    ChannelRmsNorm,
    ElegantConfig,
    ElegantGenerator,
    ScalarL2Norm,
    channel_blocks,
    exchange,
)
from videoedit.tensors import change_of


def num_parameters(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.fixture(params=["official", "paper", "modern"])
def small(request: pytest.FixtureRequest) -> ElegantGenerator:
    torch.manual_seed(0)
    config = ElegantConfig(attributes=("A", "B", "C"), crop_size=64, width=4, code_channels=32, profile=request.param)
    return ElegantGenerator(config).eval()


def test_official_generator_has_the_published_number_of_parameters() -> None:
    generator = ElegantGenerator(ElegantConfig(attributes=("Bangs", "Mustache")))
    assert num_parameters(generator.encoder) == 3_910_794
    assert num_parameters(generator.decoder) == 6_269_579


@pytest.mark.parametrize(
    ("num_labels", "large", "small"),
    [(1, 1_682_633, 1_584_329), (2, 1_683_209, 1_584_905), (3, 1_683_785, 1_585_481), (5, 1_684_937, 1_586_633)],
)
def test_official_discriminators_have_the_published_number_of_parameters(
    num_labels: int, large: int, small: int
) -> None:
    discriminator = TwoScaleDiscriminator(DiscriminatorConfig(num_labels=num_labels))
    assert num_parameters(discriminator.large) == large
    assert num_parameters(discriminator.small) == small


def test_paper_discriminator_has_five_blocks() -> None:
    assert DiscriminatorConfig(num_labels=1, profile="paper").num_blocks == 5


@pytest.mark.parametrize(
    ("num_attributes", "sizes"),
    [
        (1, [512]),
        (2, [256, 256]),
        (3, [171, 170, 171]),
        (4, [128] * 4),
        (5, [102, 103, 102, 103, 102]),
        (6, [85, 86, 85, 85, 86, 85]),
        (7, [73, 73, 73, 74, 73, 73, 73]),
    ],
)
def test_code_is_shared_out_as_the_authors_round_it(num_attributes: int, sizes: list[int]) -> None:
    blocks = channel_blocks(512, num_attributes)
    assert [block.stop - block.start for block in blocks] == sizes
    assert [block.start for block in blocks[1:]] == [block.stop for block in blocks[:-1]]


def test_exchanging_twice_gives_the_codes_back_and_once_keeps_their_sum() -> None:
    z_a, z_b = torch.randn(2, 30, 2, 2), torch.randn(2, 30, 2, 2)
    block = channel_blocks(30, 3)[1]
    z_c, z_d = exchange(z_a, z_b, block), exchange(z_b, z_a, block)
    assert torch.equal(exchange(z_c, z_d, block), z_a)
    assert torch.equal(exchange(z_d, z_c, block), z_b)
    torch.testing.assert_close(z_c + z_d, z_a + z_b)
    assert torch.equal(z_c[:, block], z_b[:, block])
    assert not torch.equal(z_c, z_a)


def test_two_exchanges_at_once_equal_the_bilinear_corner() -> None:
    z_b, z_1, z_2 = (torch.randn(1, 30, 2, 2) for _ in range(3))
    first, second, _ = channel_blocks(30, 3)
    z_d1, z_d2 = exchange(z_b, z_1, first), exchange(z_b, z_2, second)
    corner = z_d1 + z_d2 - z_b
    torch.testing.assert_close(corner, exchange(z_d1, z_2, second))


def test_maps_have_the_published_sizes(small: ElegantGenerator) -> None:
    z, skips = small.encoder(torch.randn(2, 3, 64, 64))
    assert z.shape == (2, 32, 2, 2)
    assert [tuple(skip.shape[1:]) for skip in skips] == [(4, 32, 32), (8, 16, 16), (16, 8, 8), (32, 4, 4)]
    channels = 4 if small.config.profile == "modern" else 3
    assert small.decoder(z, z, skips).shape == (2, channels, 64, 64)


def test_residual_stays_within_two(small: ElegantGenerator) -> None:
    with torch.no_grad():
        small.decoder.main[4][0].bias.fill_(50.0)
        small.decoder.main[4][0].bias[7:] = -50.0  # nothing is covered
    residual = small(torch.randn(1, 3, 64, 64), torch.randn(1, 32, 2, 2), 0)
    assert residual.abs().max() <= 2.0
    assert residual.max() > 1.99


def test_covered_face_shows_the_covering_colours_whatever_was_there() -> None:
    torch.manual_seed(0)
    config = ElegantConfig(attributes=("A",), crop_size=64, width=4, code_channels=32, profile="modern")
    generator = ElegantGenerator(config)
    with torch.no_grad():
        last = generator.decoder.main[4][0]  # type: ignore[index]
        last.weight.zero_()
        last.bias.copy_(torch.tensor([0, 0, 0, 0, 0.3, -0.2, 0.9, 50.0]))
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    edited = x + change_of(generator(x, torch.randn(2, 32, 2, 2), 0), x)
    colour = torch.tanh(torch.tensor([0.3, -0.2, 0.9])).view(1, 3, 1, 1)
    torch.testing.assert_close(edited, colour.expand_as(x), atol=1e-6, rtol=0)


def test_gradients_reach_every_parameter(small: ElegantGenerator) -> None:
    residual = small(torch.randn(2, 3, 64, 64), torch.randn(2, 32, 2, 2), 1)
    residual.square().sum().backward()
    assert all(parameter.grad is not None for parameter in small.parameters())


def test_modern_generator_starts_with_a_residual_near_zero() -> None:
    torch.manual_seed(0)
    modern, official = (
        ElegantGenerator(ElegantConfig(attributes=("A",), crop_size=64, width=8, code_channels=32, profile=profile))
        for profile in ("modern", "official")
    )
    x, z = torch.randn(1, 3, 64, 64), torch.randn(1, 32, 2, 2)
    assert change_of(modern(x, z, 0), x).abs().mean() < 0.05 < official(x, z, 0).abs().mean()


def test_scalar_norm_gives_unit_vectors_whatever_the_scale() -> None:
    x = torch.randn(2, 8, 3, 3)
    normed = ScalarL2Norm()(x)
    torch.testing.assert_close(normed.norm(dim=1), torch.ones(2, 3, 3))
    torch.testing.assert_close(ScalarL2Norm()(100 * x), normed)


def test_channel_norm_gives_unit_mean_square() -> None:
    normed = ChannelRmsNorm(8)(torch.randn(2, 8, 3, 3))
    torch.testing.assert_close(normed.square().mean(dim=1), torch.ones(2, 3, 3), atol=1e-4, rtol=0)


def test_discriminator_reads_its_labels() -> None:
    torch.manual_seed(0)
    discriminator = TwoScaleDiscriminator(DiscriminatorConfig(num_labels=2, crop_size=64, width=4))
    images = torch.randn(3, 3, 64, 64)
    large, small = discriminator(images, torch.zeros(3, 2))
    assert large.shape == small.shape == (3,)
    assert not torch.equal(large, discriminator(images, torch.ones(3, 2))[0])


def test_modern_discriminator_answers_for_each_patch_by_what_lies_in_it() -> None:
    torch.manual_seed(0)
    config = DiscriminatorConfig(num_labels=1, crop_size=128, width=4, profile="modern")
    discriminator = TwoScaleDiscriminator(config)
    images = torch.randn(2, 3, 128, 128)
    spotted = images.clone()
    spotted[:, :, 40:44, 80:84] += 1.0
    clean, marked = (discriminator(x, torch.ones(2, 1)) for x in (images, spotted))
    assert [tuple(logits.shape) for logits in clean] == [(2,), (2, 1, 16, 16), (2,), (2, 1, 8, 8)]
    changed = (clean[1] - marked[1]).abs().amax(dim=(0, 1)) > 0
    rows, columns = changed.nonzero(as_tuple=True)
    assert rows.numel() > 0
    assert {4, 5, 6} >= set(rows.tolist())
    assert {9, 10, 11} >= set(columns.tolist())


@pytest.mark.parametrize("options", [{"crop_size": 100}, {"attributes": ()}])
def test_impossible_sizes_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|need"):
        ElegantConfig(**({"attributes": ("A",)} | options))  # type: ignore[arg-type]
