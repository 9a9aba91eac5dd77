"""Train a small ELEGANT once as it is and once without each part that keeps edits apart; measure what each part does.

python scripts/elegant_ablations.py CELEBA OUT [--steps N] [--limit N] [--threads N]

Eyeglasses alone, crops of 64 pixels, real pairs alone; the same seed for all. Each variant is trained, exported and
measured by `videoedit train elegant` and `videoedit eval model`, in OUT, where those that are done are not done again.
The table stands in models/elegant.md.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from videoedit.config import read_toml, toml_of
from videoedit.resources import preset_path

NETWORK: Final = {"attributes": ["Eyeglasses"], "crop_size": 64, "width": 32, "code_channels": 86, "profile": "modern"}
LEARNING: Final = {
    "frequencies": [1.0],
    "residual": [0.5],
    "adversarial": 0.8,
    "average_decay": 0.995,
    "synthetic": 0,
    "unseen_detail": 0.0,
    "hidden": {},
}
VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "as it is": {},
    "A and B not matched": {"matched": []},
    "discriminators not told other labels": {"context": []},
    "neither price on the residual nor region": {"residual": [0.0], "is_local": False},
    "code of the result not bound": {"consistency": 0.0},
    "bare faces free to change": {"idle": 0.0},
    "no price on the residual": {"residual": [0.0]},
    "no region": {"is_local": False},
}
"""Names, and what differs."""
RELATED: Final = ("Male", "Young")
"""Labels that go with glasses in the data."""


def main() -> None:
    """Print a row for each variant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("celeba", help="the official folder, or tar shards")
    parser.add_argument("out", type=Path, help="folder for trainings and tables")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--limit", type=int, default=0, help="measure on so many pictures; 0 for all")
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    print("| variant | add | remove | other labels flipped, add | remove | Male, add | Young, add | outside, add |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for number, (name, changes) in enumerate(VARIANTS.items()):
        folder = args.out / str(number)
        _train(folder, preset_of(changes, args.steps), args.celeba, args.threads)
        print(row_of(name, _measured(folder, args.celeba, args.limit)), flush=True)


def preset_of(changes: Mapping[str, Any], steps: int) -> dict[str, Any]:
    """Return the preset of one variant."""
    preset = read_toml(preset_path("train-elegant"))
    loop = {**preset["loop"], "iterations": steps}
    learning = {**preset["learning"], **LEARNING, "cool_down": steps // 4, **changes}
    return {"loop": loop, "network": NETWORK, "learning": learning}


def row_of(name: str, results: Mapping[str, Any]) -> str:
    """Return a row of the table from what `eval model` measured."""
    add, remove = (results[direction] for direction in ("add", "remove"))
    flips = {effect["attribute"]: effect["beyond"] for effect in add["side_effects"]}
    cells = [f"{100 * of['success']:.1f} %" for of in (add, remove)]
    cells += [f"{100 * of['weak_mean']:+.1f} %" for of in (add, remove)]
    cells += [f"{100 * flips[label]:+.1f} %" for label in RELATED] + [f"{add['outside']:.4f}"]
    return f"| {name} | " + " | ".join(cells) + " |"


def _train(folder: Path, preset: Mapping[str, Any], celeba: str, threads: int) -> None:
    if (folder / "tiny.toml").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "preset.toml").write_text(toml_of(preset), encoding="utf-8")
    options = ["--preset", folder / "preset.toml", "--data", celeba, "--out", folder, "--export", "tiny"]
    _run("train", "elegant", *options, "--threads", threads, "--device", "cpu")


def _measured(folder: Path, celeba: str, limit: int) -> dict[str, Any]:
    options = ["--data", celeba, "--out", folder, "--limit", limit, "--try-on-model", "none", "--device", "cpu"]
    _run("eval", "model", folder / "tiny.toml", *options)
    report = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    return {result["direction"]: result for result in report["results"]}


def _run(*words: object) -> None:
    command = [sys.executable, "-m", "videoedit", *(str(word) for word in words)]
    subprocess.run(command, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    main()
