"""One picture of a clip's figures over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from videoedit.errors import ConfigError, MediaError
from videoedit.evaluate.clip.record import Point, Series
from videoedit.whole_files import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANELS: Final = (
    ("outside faces\nPSNR in dB", ("psnr_outside",)),
    ("largest block\noutside, codes", ("largest_block_outside",)),
    ("flicker\nin codes", ("flicker", "flicker_elsewhere")),
    ("warp error\nin codes", ("warp_edit", "warp_edited", "warp_source")),
    ("slip of edges\nin pixels", ("slip_edited", "slip_source")),
    ("judge's\nprobability", ("probability", "probability_source")),
    ("landmark jitter\nof eyes' distance", ("wobble_edited", "wobble_source")),
    ("identity kept\ncosine", ("identity_kept",)),
)


def write_plot(path: Path, series: Series, title: str) -> None:
    """Draw every series that holds anything, one panel for each kind.

    Raises:
        ConfigError: matplotlib is not installed.
        MediaError: The picture cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError("the plot needs matplotlib; pip install 'videoedit[eval]'") from error
    panels = [(label, names) for label, names in _PANELS if any(series.get(name) for name in names)]
    figure = Figure(figsize=(10, 1 + 1.5 * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for panel, (label, names) in zip(axes, panels, strict=True):
        _draw(panel, label, {name: series[name] for name in names if series.get(name)})
    axes[-1].set_xlabel("seconds")
    try:
        with whole_file(Path(path)) as partial:
            figure.savefig(partial, dpi=100)
    except OSError as error:
        raise MediaError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error


def _draw(panel: "Axes", label: str, lines: Series) -> None:
    for colour, (name, points) in enumerate(lines.items()):
        for number, track in enumerate(_tracks(points)):
            own = [point for point in points if point.track == track]
            times, values = [point.time for point in own], [point.value for point in own]
            name_once = name.replace("_", " ") if number == 0 else "_"
            panel.plot(times, values, ".-", color=f"C{colour}", markersize=3, linewidth=0.8, label=name_once)
    panel.set_ylabel(label, fontsize=8)
    panel.grid(alpha=0.3)
    panel.legend(fontsize=7, loc="upper right")


def _tracks(points: Sequence[Point]) -> list[int | None]:
    return list(dict.fromkeys(point.track for point in points))
