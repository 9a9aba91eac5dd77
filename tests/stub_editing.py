"""The command line with an edit that costs nothing: the middle of every picture gets darker."""

from tests.test_pipeline import BrighteningEditor, FixedDetector
from videoedit.pipeline import Pipeline, PipelineConfig
from videoedit.wishes import EditConfig

EDIT = ("--attr", "light", "--remove")


def stub_pipeline(config: EditConfig) -> Pipeline:
    """Stand in for `build_pipeline`."""
    editor = BrighteningEditor()
    edits = [editor.edit_without("Light", wish.strength) for wish in config.wishes]
    return Pipeline(FixedDetector(), editor, edits, PipelineConfig(min_face=4.0, smooth="low"))
