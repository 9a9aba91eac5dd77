"""What the viewer sees: edit or source, overlay, snapshots."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.live.stand_ins import ScriptedScreen, frame_at
from videoedit.detect.sparse import Effort
from videoedit.live.controls import Controls
from videoedit.live.viewer import Viewer, lines_of
from videoedit.pipeline import EditedFrame
from videoedit.track.smoothing import Placement
from videoedit.video.stills.arrays import read_image

EFFORT = Effort(2, 448)
CONTROLS = Controls(num_exemplars=2, is_on=(True,), strength=0.7)


@pytest.fixture
def edited() -> EditedFrame:
    crop_from_frame = np.array([[0.5, 0.0, -8.0], [0.0, 0.5, -4.0]])
    return EditedFrame(frame_at(0, level=100), frame_at(0, level=180), (Placement(3, crop_from_frame),))


def shown_with(edited: EditedFrame, folder: Path, **choices: object) -> np.ndarray:
    screen = ScriptedScreen({})
    controls = Controls(num_exemplars=2, is_on=(True,), strength=0.7, **choices)  # type: ignore[arg-type]
    Viewer(screen, 16, folder).show(edited, controls, EFFORT)
    return screen.images[0]


def test_edit_is_shown_and_the_source_where_it_is_asked_for(edited: EditedFrame, tmp_path: Path) -> None:
    after, before = shown_with(edited, tmp_path), shown_with(edited, tmp_path, shows_source=True)
    assert after.shape == (64, 96, 3)
    assert after[32, 48].mean() - before[32, 48].mean() > 60
    assert list(tmp_path.iterdir()) == []


def test_overlay_outlines_the_crop_and_says_what_is_chosen(edited: EditedFrame, tmp_path: Path) -> None:
    drawn = shown_with(edited, tmp_path, shows_debug=True).astype(int)
    is_green = (drawn[..., 1] - drawn[..., 0] > 80) & (drawn[..., 1] - drawn[..., 2] > 80)
    assert is_green[8:39, 46].mean() > 0.8  # the crop's right edge: x = 16 + 2 * 15
    assert not is_green[10:20, 60:].all()
    assert lines_of(CONTROLS, EFFORT) == ["exemplar 1/2  strength 0.7", "detector every 2, 448 px"]


def test_overlay_is_turned_with_the_picture(tmp_path: Path) -> None:
    from dataclasses import replace

    placement = Placement(3, np.array([[0.5, 0.0, -8.0], [0.0, 0.5, -4.0]]))
    turned = replace(frame_at(0), rotation=90, time=Fraction(0))
    drawn = shown_with(EditedFrame(turned, turned, (placement,)), tmp_path, shows_debug=True).astype(int)
    assert drawn.shape == (96, 64, 3)
    is_green = (drawn[..., 1] - drawn[..., 0] > 80) & (drawn[..., 1] - drawn[..., 2] > 80)
    assert is_green[95 - 46, 8:39].mean() > 0.8  # counterclockwise: the right edge is now the upper one


def test_mirrored_pictures_and_their_overlay_are_shown_mirrored(tmp_path: Path) -> None:
    from dataclasses import replace

    placement = Placement(3, np.array([[0.5, 0.0, -8.0], [0.0, 0.5, -4.0]]))
    mirrored = replace(frame_at(0), is_mirrored=True)
    edited = EditedFrame(mirrored, mirrored, (placement,))
    plain = EditedFrame(frame_at(0), frame_at(0), (placement,))
    np.testing.assert_array_equal(shown_with(edited, tmp_path), shown_with(plain, tmp_path)[:, ::-1])
    drawn = shown_with(edited, tmp_path, shows_debug=True).astype(int)
    is_green = (drawn[..., 1] - drawn[..., 0] > 80) & (drawn[..., 1] - drawn[..., 2] > 80)
    assert is_green[22:29, 95 - 46].mean() > 0.8  # between the lines of text


def test_snapshots_are_what_is_shown_each_under_a_name_of_its_own(edited: EditedFrame, tmp_path: Path) -> None:
    screen = ScriptedScreen({})
    viewer = Viewer(screen, 16, tmp_path)
    for num_snapshots in (0, 1, 1, 2):
        controls = Controls(num_exemplars=1, is_on=(True,), strength=1.0, num_snapshots=num_snapshots)
        viewer.show(edited, controls, EFFORT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snapshot-001.png", "snapshot-002.png"]
    np.testing.assert_array_equal(read_image(tmp_path / "snapshot-001.png"), screen.images[0])
