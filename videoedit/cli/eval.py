"""`videoedit eval`: how good the edits are, in figures."""

import argparse
from pathlib import Path


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("eval", help="measure a model", description=__doc__)
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    model = kinds.add_parser("model", help="an editor on a labelled split: the table of its card")
    model.add_argument("name", metavar="NAME", help="embedded model or path of a card")
    model.add_argument("--data", required=True, metavar="FOLDER", help="CelebA: the official folder, or tar shards")
    model.add_argument("--split", choices=("train", "val", "test"), default="val", help="(default val)")
    model.add_argument("--attr", action="append", metavar="NAME", help="repeatable (default: all the model edits)")
    model.add_argument("--judge", default="attribute-judge", help="embedded judge or path of a card")
    model.add_argument("--seed", type=int, default=0, help="of the exemplars (default 0)")
    model.add_argument("--limit", type=int, default=0, help="use so many pictures; 0 for all (default)")
    model.add_argument("--pairs", metavar="CSV", help="write who was edited with whom")
    model.add_argument("--sheet", metavar="PNG", help="write a sheet: source | exemplar | edited, first 10 per edit")
    model.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    model.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    model.set_defaults(handler=handle_model)


def handle_model(args: argparse.Namespace) -> None:
    """Print the table."""
    from videoedit.evaluate.run_model import ModelJob, evaluate_model

    job = ModelJob(
        model=args.name,
        judge=args.judge,
        data=args.data,
        split=args.split,
        attributes=tuple(args.attr or ()),
        seed=args.seed,
        limit=args.limit,
        device=args.device,
        pairs=Path(args.pairs) if args.pairs else None,
        sheet=Path(args.sheet) if args.sheet else None,
    )
    report = evaluate_model(job)
    print(report.as_json() if args.json else report.as_markdown())
