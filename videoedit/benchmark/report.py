"""What `videoedit benchmark` found, for people (Markdown) and for programs (JSON)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from videoedit.benchmark.clips import ClipRecipe
from videoedit.benchmark.live import LiveCase
from videoedit.benchmark.networks import EAGER, OFFICIAL, Speed
from videoedit.benchmark.stages import STAGES, Cost
from videoedit.benchmark.videos import VideoCase

_BAR = 20
"""Characters of a whole bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One clip by a fresh process, and by one that has worked before."""

    device: str
    clip: ClipRecipe
    cold: Cost
    warm: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Everything that was measured on one machine."""

    machine: Mapping[str, str]
    """As `videoedit doctor` prints it."""
    model: str
    encoder: str
    cases: Sequence[VideoCase]
    curve: Sequence[Speed]
    variants: Sequence[Speed]
    live: Sequence[LiveCase]
    starts: Sequence[Start]

    @property
    def devices(self) -> list[str]:
        """Devices in the order they were measured."""
        return list(dict.fromkeys(case.device for case in self.cases))

    def shares(self, device: str) -> dict[str, float]:
        """Return each stage's share of all clips' time, largest first."""
        totals = {
            stage: sum(
                case.stages[stage].on(device) for case in self.cases if case.device == device and stage in case.stages
            )
            for stage in STAGES
        }
        whole = sum(totals.values())
        return {stage: totals[stage] / whole for stage in sorted(totals, key=totals.__getitem__, reverse=True)}

    def as_json(self) -> str:
        """Return the report as indented JSON; costs are seconds for the whole clip or batch."""
        table: dict[str, Any] = asdict(self) | {"shares": {device: self.shares(device) for device in self.devices}}
        return json.dumps(table, indent=2, allow_nan=False)

    def as_markdown(self) -> str:
        """Return where the time goes, then the tables."""
        machine = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        lines = [f"{machine}; model `{self.model}`, {self.encoder}."]
        for device in self.devices:
            lines += ["", *self._device_lines(device)]
        return "\n".join(lines)

    def _device_lines(self, device: str) -> list[str]:
        clock = "processor time" if device == "cpu" else "time"
        return [
            f"### {device}: where the time goes",
            "",
            "| stage | of all clips | |",
            "|---|--:|---|",
            *(
                f"| {stage} | {share:.1%} | {'█' * round(share * _BAR)} |"
                for stage, share in self.shares(device).items()
            ),
            "",
            f"### {device}: milliseconds of {clock} for a frame, stage by stage",
            "",
            f"| clip | frames | {' | '.join(STAGES)} | sum |",
            f"|---|--:|{'--:|' * len(STAGES)}--:|",
            *(_stage_row(case) for case in self._cases(device)),
            "",
            f"### {device}: the whole command",
            "",
            f"| clip | faces found a frame | fps | ms of {clock} a frame | × transcode | peak MiB |",
            "|---|--:|--:|--:|--:|--:|",
            *(_whole_row(case) for case in self._cases(device)),
            "",
            *self._network_lines(device),
            *self._live_lines(device),
            *self._start_lines(device),
        ]

    def _cases(self, device: str) -> list[VideoCase]:
        return [case for case in self.cases if case.device == device]

    def _network_lines(self, device: str) -> list[str]:
        curve = [speed for speed in self.curve if speed.device == device]
        own = [speed for speed in self.variants if speed.device == device]
        official = next((speed for speed in own if speed.variant == OFFICIAL), None)
        return [
            f"### {device}: the editor's network alone",
            "",
            f"| batch ({EAGER}) | {' | '.join(str(speed.batch) for speed in curve)} |",
            f"|---|{'--:|' * len(curve)}",
            f"| faces per second | {' | '.join(_faces_per_second(speed) for speed in curve)} |",
            "",
            f"| variant, batch {own[0].batch} | faces per second | × official |" if own else "",
            "|---|--:|--:|",
            *(_variant_row(speed, official) for speed in own),
            "",
        ]

    def _live_lines(self, device: str) -> list[str]:
        return [
            f"### {device}: live, at the clip's own pace",
            "",
            "| clip | fps in | fps out | latency p50, p95 ms | effort lowered by | ms a frame |",
            "|---|--:|--:|--:|--:|--:|",
            *(_live_row(case) for case in self.live if case.device == device),
            "",
        ]

    def _start_lines(self, device: str) -> list[str]:
        return [
            f"Cold, in a fresh process, {s.clip.name} and {s.clip.num_frames} frames take {s.cold.wall:.1f} s on the "
            f"clock and {s.cold.cpu:.1f} s of processors; warm, {s.warm.wall:.1f} s and {s.warm.cpu:.1f} s."
            for s in self.starts
            if s.device == device
        ]


def _stage_row(case: VideoCase) -> str:
    costs = [case.stages[stage].on(case.device) if stage in case.stages else 0.0 for stage in STAGES]
    cells = [f"{1000 * cost / case.clip.num_frames:.1f}" for cost in (*costs, sum(costs))]
    return f"| {case.clip.name} | {case.clip.num_frames} | {' | '.join(cells)} |"


def _whole_row(case: VideoCase) -> str:
    edited, plain = case.edited.on(case.device), case.transcoded.on(case.device)
    cells = [
        f"{case.num_faces_edited / case.clip.num_frames:.1f}",
        f"{case.clip.num_frames / case.edited.wall:.1f}",
        f"{1000 * edited / case.clip.num_frames:.0f}",
        f"{edited / plain:.1f}",
        "–" if case.peak_mib is None else f"{case.peak_mib:.0f}",
    ]
    return f"| {case.clip.name} | {' | '.join(cells)} |"


def _live_row(case: LiveCase) -> str:
    figures = case.figures
    cells = [
        f"{figures.fps_in:.1f}",
        f"{figures.fps_out:.1f}",
        f"{figures.latency_p50_ms:.0f}, {figures.latency_p95_ms:.0f}",
        f"{case.level}",
        f"{1000 * case.cost.on(case.device) / max(figures.num_out, 1):.1f}",
    ]
    return f"| {case.clip.name}, {case.fps} fps | {' | '.join(cells)} |"


def _faces_per_second(speed: Speed) -> str:
    return "–" if speed.cost is None else f"{speed.batch / speed.cost.on(speed.device):.1f}"


def _variant_row(speed: Speed, official: Speed | None) -> str:
    if speed.cost is None:
        return f"| {speed.variant} | – | {speed.missing} |"
    times = official.cost.on(speed.device) / speed.cost.on(speed.device) if official and official.cost else None
    return f"| {speed.variant} | {_faces_per_second(speed)} | {'–' if times is None else f'{times:.1f}'} |"
