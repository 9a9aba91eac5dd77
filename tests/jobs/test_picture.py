"""Pictures through the whole job: edited, shown, refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import moving_colours
from tests.stub_editing import EDIT, stub_pipeline
from videoedit.cli import main


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in ("one_file", "preview"):
        monkeypatch.setattr(f"videoedit.jobs.{module}.build_pipeline", stub_pipeline)
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), moving_colours((96, 64), 0).astype(np.uint16) * 257)
    return path


def test_picture_is_edited_where_the_face_is_and_exact_elsewhere(photo: Path) -> None:
    assert main(["run", str(photo), *EDIT]) == 0
    before, after = (
        cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (photo, photo.with_name("photo-light.png"))
    )
    assert after.dtype == np.uint16
    assert (after[32, 48] < before[32, 48] - 10 * 257).all()
    np.testing.assert_array_equal(before[:, :10], after[:, :10])


def test_preview_shows_a_picture(photo: Path) -> None:
    sheet = photo.with_name("sheet.png")
    assert main(["preview", str(photo), *EDIT, "-o", str(sheet)]) == 0
    before, after = cv2.imread(str(sheet)).astype(int)[32, [48, 48 + 96]]
    assert (after < before - 10).all()


@pytest.mark.parametrize("flags", [("--start", "1"), ("--end", "2f"), ("--resume",)])
def test_what_is_for_videos_is_refused(photo: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]) -> None:
    assert main(["run", str(photo), *EDIT, *flags]) == 2
    assert "photo.png is a picture; leave" in capsys.readouterr().err
    assert list(photo.parent.iterdir()) == [photo]
