"""The plot shows what was measured, and says what to install where it cannot be drawn."""

import sys
from pathlib import Path

import pytest

from videoedit.errors import ConfigError, MediaError
from videoedit.evaluate.clip.plot import write_plot
from videoedit.evaluate.clip.record import Point
from videoedit.video.stills.arrays import read_image

SERIES = {
    "flicker": [Point(0.1 * i, i % 3, i % 2) for i in range(20)],
    "psnr_outside": [Point(0.1 * i, 40 + i) for i in range(20)],
}


def test_every_kind_of_series_gets_a_panel(tmp_path: Path) -> None:
    write_plot(tmp_path / "one.png", {"flicker": SERIES["flicker"]}, "one")
    write_plot(tmp_path / "two.png", SERIES, "two")
    one, two = (read_image(tmp_path / f"{name}.png") for name in ("one", "two"))
    assert two.shape[0] - one.shape[0] == 150
    assert (two != 255).any()


def test_plot_without_matplotlib_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"needs matplotlib; pip install 'videoedit\[eval\]'"):
        write_plot(tmp_path / "plot.png", SERIES, "none")


def test_plot_into_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot write"):
        write_plot(tmp_path / "gone" / "plot.png", SERIES, "none")
