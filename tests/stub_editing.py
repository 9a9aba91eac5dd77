"""The command line with an edit that costs nothing: the middle of every picture gets darker."""

from dataclasses import replace

from tests.test_pipeline import BrighteningEditor, FixedDetector
from videoedit.pipeline import Pipeline, PipelineConfig
from videoedit.wishes import EditConfig, Models

EDIT = ("--attr", "light", "--remove")


def stub_pipeline(config: EditConfig) -> Pipeline:
    """Stand in for `build_pipeline`."""
    choices = replace(config, pipeline=PipelineConfig(min_face=4.0, smooth="low"))
    return Models(FixedDetector(), BrighteningEditor()).pipeline(choices)
