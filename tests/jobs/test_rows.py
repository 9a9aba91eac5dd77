"""What is stored comes back exactly, frame by frame."""

from pathlib import Path

import numpy as np
import pytest

from videoedit.errors import MediaError
from videoedit.faces import Face
from videoedit.jobs.rows import load_rows, save_rows
from videoedit.track.residuals import FaceEdit
from videoedit.track.smoothing import Placement


def some_edit(seed: int) -> FaceEdit:
    random = np.random.default_rng(seed)
    crop = random.integers(0, 256, (8, 8, 3), np.uint8)
    face = Face(random.random(4), random.random((5, 2)), 0.5) if seed % 2 else None
    points = random.random((5, 2)) if seed % 3 else None
    placement = Placement(seed, random.random((2, 3)), fade=0.25, reason="gap" * seed, face=face, points_xy=points)
    return FaceEdit(placement, crop, random.random((3, 8, 8), np.float32))


def facts_of(edit: FaceEdit) -> tuple[object, ...]:
    placement, face = edit.placement, edit.placement.face
    points = None if placement.points_xy is None else placement.points_xy.tolist()
    facts = (placement.track_id, placement.scene, placement.fade, placement.reason, points)
    return facts if face is None else (*facts, face.box_xyxy.tolist(), face.points_xy.tolist(), face.score)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0], [1, 0, 2], [3]])
def test_rows_come_back_as_they_were(tmp_path: Path, lengths: list[int]) -> None:
    rows = [[some_edit(10 * row + place) for place in range(length)] for row, length in enumerate(lengths)]
    save_rows(tmp_path / "rows.npz", rows)
    loaded = load_rows(tmp_path / "rows.npz", FaceEdit)
    assert [len(row) for row in loaded] == lengths
    for row, same in zip(rows, loaded, strict=True):
        for edit, other in zip(row, same, strict=True):
            assert type(other.placement.track_id) is int
            assert facts_of(edit) == facts_of(other)
            for a, b in (
                (edit.placement.crop_from_frame, other.placement.crop_from_frame),
                (edit.crop, other.crop),
                (edit.residual, other.residual),
            ):
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


def test_damaged_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    save_rows(path, [[some_edit(1)]])
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(MediaError, match=r"rows\.npz"):
        load_rows(path, FaceEdit)
    with pytest.raises(MediaError, match="gone"):
        load_rows(tmp_path / "gone.npz", FaceEdit)
    save_rows(path, [[Placement(1, np.eye(3)[:2])]])
    with pytest.raises(MediaError, match=r"rows\.npz"):
        load_rows(path, FaceEdit)
