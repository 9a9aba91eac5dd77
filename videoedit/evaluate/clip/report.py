"""What `videoedit eval video` found, for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from videoedit.evaluate.clip.identity import Identity
from videoedit.evaluate.clip.record import Series, mean_of
from videoedit.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow:
    """One stream of the source, of the edited video, or of both."""

    kind: str
    source: str
    """Codec; empty where the source has no such stream."""
    edited: str
    fate: str
    """`bit-exact`, `encoded again`, `missing` or `added`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Counts and times."""

    num_frames: tuple[int, int]
    """Of the source and of the edited video."""
    num_pairs: int
    """Frames shown at the same time in both, within half a frame."""
    largest_difference: float | None
    """Seconds between the times of two such frames, at most."""
    is_equal: bool
    """As many frames, and every time within half a tick of the coarser clock."""
    lag: int | None
    """Frames by which the pictures come late."""
    sound_delay: float | None
    """Seconds by which the sound comes late."""
    av_offset: float | None
    """Seconds by which the sound has moved later against the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """What the judge says of the faces of the edited video."""

    attribute: str
    removing: bool
    share: float
    """Of all faces of all frames."""
    share_source: float
    """The same of the source: what was so already."""
    count: int
    dropout_frames: int
    """Longest run of frames in which one face's edit does not show."""
    dropout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """Everything that was measured. What could not be is None, and `missing` says why."""

    source: str
    edited: str
    timing: Timing
    streams: Sequence[StreamRow]
    success: Success | None
    identity: Identity | None
    missing: Mapping[str, str]
    series: Series = field(repr=False)

    def summary(self) -> dict[str, float | None]:
        """Return the figures that are means or extremes of a series."""
        means = {name: mean_of(self.series.get(name)) for name in _MEANS}
        warped = means["warp_edited"], means["warp_source"]
        excess = None if warped[0] is None or warped[1] is None else warped[0] - warped[1]
        extremes = {
            "lowest_psnr_outside": min(self._values("psnr_outside"), default=None),
            "largest_outside": max(self._values("largest_outside"), default=None),
            "largest_block_outside": max(self._values("largest_block_outside"), default=None),
        }
        return means | {"warp_excess": excess} | extremes

    def as_json(self) -> str:
        """Return the report as indented JSON; every series is a list of [seconds, value, track]."""
        series = {name: [[p.time, p.value, p.track] for p in points] for name, points in self.series.items()}
        table: dict[str, Any] = {
            "source": self.source,
            "edited": self.edited,
            "timing": asdict(self.timing),
            "streams": [asdict(row) for row in self.streams],
            "figures": self.summary(),
            "success": asdict(self.success) if self.success else None,
            "identity": asdict(self.identity) if self.identity else None,
            "missing": dict(self.missing),
        }
        text = json.dumps(table, indent=2, allow_nan=False)
        return f'{text[:-2]},\n  "series": {json.dumps(series, allow_nan=False)}\n}}'

    def as_markdown(self) -> str:
        """Return the report as a table of figures with what each means, and a table of streams."""
        rows = [*self._timing_rows(), *self._figure_rows(), *self._face_rows()]
        lines = [f"`{self.edited}` against `{self.source}`.", "", "| figure | value | meaning |", "|---|--:|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines += ["", "| stream | source | edited | |", "|---|---|---|---|"]
        lines += [f"| {s.kind} | {s.source or '–'} | {s.edited or '–'} | {s.fate} |" for s in self.streams]
        reasons = [f"- {name.replace('_', ' ')} not measured: {reason}." for name, reason in self.missing.items()]
        return "\n".join([*lines, *([""] if reasons else []), *reasons])

    def _values(self, name: str) -> list[float]:
        return [point.value for point in self.series.get(name, ())]

    def _timing_rows(self) -> list[tuple[str, str, str]]:
        t = self.timing
        lag = "–" if t.lag is None else f"{t.lag:+d} {'frame' if abs(t.lag) == 1 else 'frames'}" if t.lag else "none"
        is_short = len(set(t.num_frames)) > 1
        whose = "some frames have no counterpart; the others " if is_short else ""
        return [
            ("frames", f"{t.num_frames[1]} of {t.num_frames[0]}", f"{t.num_pairs} shown at the same time"),
            ("times", "equal" if t.is_equal else "differ", f"{whose}by {_milliseconds(t.largest_difference)} at most"),
            ("pictures late by", lag, "where the content is looked for, whatever the time stamps say"),
            ("sound late by", _milliseconds(t.sound_delay), "on the file's clock"),
            ("A/V offset", _milliseconds(t.av_offset), "sound against pictures, less what the source has"),
        ]

    def _figure_rows(self) -> list[tuple[str, str, str]]:
        figures = self.summary()
        return [(label, _text(figures[name], form), meaning) for name, label, form, meaning in _FIGURES]

    def _face_rows(self) -> list[tuple[str, str, str]]:
        rows = []
        if (s := self.success) is not None:
            what = f"{s.attribute} {'gone' if s.removing else 'seen'}"
            rows.append(
                (what, f"{s.share:.1%}", f"of {counted(s.count, 'face')}; so in the source: {s.share_source:.1%}")
            )
            rows.append(("longest drop-out", counted(s.dropout_frames, "frame"), f"{s.dropout_seconds:.2f} s"))
        if (i := self.identity) is not None:
            rows.append(("TL-ID", f"{i.tl_id:.4f}", f"neighbours, edited over source; off 1 by {i.tl_off:.4f}"))
            rows.append(
                ("TG-ID", f"{i.tg_id:.4f}", f"all pairs of {counted(i.num_frames, 'frame')}; off 1 by {i.tg_off:.4f}")
            )
            rows.append(("identity kept", f"{i.kept:.3f}", "mean cosine between each frame and its source"))
        return rows


_MEANS = (
    *("psnr_outside", "flicker", "flicker_elsewhere", "warp_edit", "warp_edited", "warp_source"),
    *("slip_source", "slip_edited", "wobble_source", "wobble_edited"),
)
_FIGURES = (
    ("psnr_outside", "PSNR outside faces", ".1f", "dB of luma, mean; – where exact: the encoder's own loss is in it"),
    ("lowest_psnr_outside", "lowest", ".1f", "dB, worst frame"),
    ("largest_outside", "largest change outside", ".1f", "codes of 256, one sample"),
    ("largest_block_outside", "largest block outside", ".2f", "codes, mean of 16×16: above about 3 it is no encoder's"),
    ("flicker", "flicker of the edit", ".3f", "codes, residual against the mean of its neighbours in time"),
    ("flicker_elsewhere", "flicker elsewhere", ".3f", "codes, outside the attribute's region: the encoder's share"),
    ("warp_edit", "warp error of the edit", ".3f", "codes, residual against the one before, moved along"),
    ("warp_excess", "warp error, excess", "+.3f", "codes, edited video less source"),
    ("slip_source", "slip of edges, source", ".3f", "pixels of the 128-pixel crop: warp error over contrast"),
    ("slip_edited", "slip of edges, edited", ".3f", "the same; above the source's, the edit swims on the face"),
    ("wobble_source", "landmark jitter, source", ".5f", "of the eyes' distance"),
    ("wobble_edited", "landmark jitter, edited", ".5f", "of the eyes' distance"),
)


def _text(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms"
