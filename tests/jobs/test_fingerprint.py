"""What an output is told by: every network that takes part in it."""

import pytest

from videoedit.jobs.fingerprint import settings_of
from videoedit.resources import load_card
from videoedit.video.writing.encoding import EncoderConfig
from videoedit.wishes import EditConfig, Wish


@pytest.mark.parametrize("try_on", ["glasses-matting", None])
def test_the_networks_behind_what_is_tried_on_are_told_where_it_is(try_on: str | None) -> None:
    config = EditConfig(wishes=(Wish(attribute="male", reference=None),), try_on_model=try_on)
    edit = settings_of(config, EncoderConfig())["edit"]
    networks = {
        "try_on_model": "glasses-matting",
        "lips_model": "lip-outlines",
        "brows_model": "brow-outlines",
        "hair_model": "hair-mask",
    }
    for key, name in networks.items():
        assert edit.get(key) == (load_card(name).sha256 if try_on else None)
