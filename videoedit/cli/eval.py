"""`videoedit eval`: how good the edits are, in figures."""

import argparse
from pathlib import Path

_SHEET_ROWS = 10


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("eval", help="measure a model", description=__doc__)
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    what = "an editor on labelled pictures: the table of its card"
    model = kinds.add_parser("model", help=what, description=f"Measure {what}.")
    model.add_argument("name", metavar="NAME", help="embedded model, or path of a card")
    model.add_argument("--data", required=True, metavar="FOLDER", help="CelebA: the official folder, or tar shards")
    model.add_argument("--split", choices=("train", "val", "test"), default="val", help="(default val)")
    model.add_argument("--attr", action="append", metavar="NAME", help="repeatable (default: all the model edits)")
    model.add_argument("--judge", metavar="NAME", help="judge, or path of its card (default: the embedded one)")
    model.add_argument("--seed", type=int, default=0, help="of the exemplars and the intervals (default 0)")
    model.add_argument(
        "--limit", type=int, default=0, metavar="N", help="use the first N pictures; 0 for all (default)"
    )
    model.add_argument("--out", metavar="FOLDER", help="write table.md, table.json and pairs.csv there")
    model.add_argument(
        "--sheet",
        nargs="?",
        type=int,
        const=_SHEET_ROWS,
        default=0,
        metavar="N",
        help=f"write sheet.png to --out: source | exemplar | edited | residual, first N per edit ({_SHEET_ROWS})",
    )
    model.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    model.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    model.set_defaults(handler=handle_model)


def handle_model(args: argparse.Namespace) -> None:
    """Print the table."""
    from videoedit.evaluate.run_model import ModelJob, evaluate_model

    chosen = {"judge": args.judge} if args.judge else {}
    job = ModelJob(
        model=args.name,
        data=args.data,
        split=args.split,
        attributes=tuple(args.attr or ()),
        seed=args.seed,
        limit=args.limit,
        device=args.device,
        out=Path(args.out) if args.out else None,
        num_sheet_rows=args.sheet,
        **chosen,
    )
    report = evaluate_model(job)
    print(report.as_json() if args.json else report.as_markdown())
