"""The matting network: what is lifted is a layer."""

import torch

from videoedit.nets.matting import MattingConfig, MattingNetwork

SMALL = MattingConfig(crop_size=64, width=8)


def test_what_is_lifted_covers_between_nothing_and_all_within_the_band() -> None:
    torch.manual_seed(0)
    network = MattingNetwork(SMALL).eval()
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    layer = network.lift(x, x.flip(3)).detach()
    assert layer.shape == (2, 4, 64, 64)
    cover = layer[:, 3:]
    assert cover.min() >= 0
    assert cover.max() <= 1
    assert (layer[:, :3].abs() <= cover + 1e-6).all()  # no colour is brighter than white or darker than black
    outside = torch.ones(64, dtype=torch.bool)
    outside[SMALL.band] = False
    assert not layer[:, :, outside].any()
    assert layer[:, 3, SMALL.band].std() > 0
