"""`videoedit train`: train a network of the project from pictures on disk."""

import argparse
import logging
from typing import Any

_SMOKE = {"loop": {"iterations": 3, "log_every": 1, "sheet_every": 3}, "learning": {"batch_size": 2}}
"""Laid over the preset by --smoke: a few steps that show that everything runs."""
_SMOKE_LIMIT = 64


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("train", help="train a network", description=__doc__)
    kinds = parser.add_subparsers(metavar="NETWORK", required=True)
    elegant = kinds.add_parser("elegant", help="the ELEGANT editor")
    elegant.add_argument("--data", required=True, metavar="FOLDER", help="CelebA: the official folder, or tar shards")
    elegant.add_argument("--out", required=True, metavar="FOLDER", help="checkpoints; resumed where it holds some")
    elegant.add_argument("--preset", default="train-elegant", help="name or path of a preset (default train-elegant)")
    elegant.add_argument("--from", dest="begin_from", metavar="FILE", help="compact checkpoint to begin with")
    elegant.add_argument("--iterations", type=int, help="end after so many steps in all")
    elegant.add_argument("--minutes", type=float, help="stop this run after so many minutes")
    elegant.add_argument("--export", metavar="NAME", help="write NAME.safetensors and NAME.toml to --out at the end")
    elegant.add_argument(
        "--unfinished", action="append", default=[], metavar="NAME", help="not offered by the card yet"
    )
    elegant.add_argument("--compact", metavar="FILE", help="write a compact checkpoint at the end")
    elegant.add_argument("--threads", type=int, default=0, help="CPU threads; 0 for all (default)")
    elegant.add_argument("--no-compile", action="store_true", help="run the networks as they are: slow, but at once")
    elegant.add_argument("--smoke", action="store_true", help="a few steps on a few pictures, to see that all runs")
    elegant.set_defaults(handler=handle_elegant)


def handle_elegant(args: argparse.Namespace) -> None:
    """Train ELEGANT and say where it stands."""
    from videoedit.config import merged, read_toml
    from videoedit.resources import preset_path
    from videoedit.train.run_elegant import ElegantJob, run_elegant

    logging.getLogger("videoedit").setLevel(logging.INFO)
    job = ElegantJob(
        data=args.data,
        out=args.out,
        begin_from=args.begin_from,
        export=args.export,
        unfinished=tuple(args.unfinished),
        compact=args.compact,
        limit=_SMOKE_LIMIT if args.smoke else 0,
        num_threads=args.threads,
    )
    table = merged(read_toml(preset_path(args.preset)), _changes_of(args))
    steps = run_elegant(job, table, compiled=not (args.no_compile or args.smoke))
    print(f"{args.out}: {steps} steps")


def _changes_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the flags lay over the preset."""
    loop = {key: value for key in ("iterations", "minutes") if (value := getattr(args, key)) is not None}
    if not args.smoke:
        return {"loop": loop}
    return {**_SMOKE, "loop": {**_SMOKE["loop"], **loop}}
