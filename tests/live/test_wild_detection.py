"""A detector that is wrong once: the live edit stays where the face is."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import pytest
import skimage.data

from tests.test_pipeline import BrighteningEditor
from tests.track.test_smoothing import ASTRONAUT
from videoedit.faces import Face
from videoedit.frames import Frame, Image
from videoedit.pipeline import Pipeline, PipelineConfig
from videoedit.video.formats import format_of
from videoedit.video.reading.reader import planes_of

WRONG = 12
BOX = np.array([165.0, 70.0, 285.0, 190.0])


def photo(index: int) -> Frame:
    picture = av.VideoFrame.from_ndarray(np.asarray(skimage.data.astronaut())[:300, :480].copy(), format="rgb24")
    picture = picture.reformat(format="yuv444p")
    return Frame(planes_of(picture), format_of(picture), Fraction(index, 25), Fraction(1, 25), index, 0, picture)


@dataclass
class OnceWrong:
    """Finds the photographed face, in one frame somewhere else."""

    points_away: np.ndarray
    box_away: np.ndarray
    num_seen: int = 0

    def detect(self, images: Sequence[Image]) -> list[list[Face]]:
        found = []
        for _ in images:
            is_wrong = self.num_seen == WRONG
            self.num_seen += 1
            box = BOX + is_wrong * np.tile(self.box_away, 2)
            found.append([Face(box, ASTRONAUT + is_wrong * self.points_away, 0.9)])
        return found


@pytest.mark.parametrize("points_away", [np.array([40.0, 30.0]), np.array([150.0, 80.0])], ids=["near", "far"])
@pytest.mark.parametrize("with_box", [False, True])
def test_edit_stays_on_the_face(points_away: np.ndarray, with_box: bool) -> None:
    editor = BrighteningEditor()
    edits = [editor.edit_like(np.zeros((1, 1, 3), np.uint8), "Light")]
    pipeline = Pipeline(OnceWrong(points_away, points_away * with_box), editor, edits, PipelineConfig(is_live=True))
    changed = [
        edited.frame.planes[0] != edited.source.planes[0]
        for edited in pipeline.run(photo(index) for index in range(18))
    ]
    assert changed[0].sum() > 2000
    for now in changed[WRONG:]:
        assert (now & ~changed[0]).sum() < 0.02 * changed[0].sum()
        assert (now & changed[0]).sum() > 0.95 * changed[0].sum()
