"""`videoedit benchmark`: how fast everything is on this machine, and where the time goes."""

import argparse
from pathlib import Path

from videoedit.cli.flags import add_model_flag


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "benchmark", help="measure speed", description="Measures how fast everything is here, and where the time goes."
    )
    add_model_flag(parser)
    parser.add_argument(
        "--device", action="append", metavar="NAME", help="cpu, cuda …; repeatable (default: all of this machine)"
    )
    parser.add_argument(
        "--lines",
        action="append",
        type=int,
        metavar="N",
        help="height of the clips; repeatable (default 360, 720, 1080, 2160)",
    )
    parser.add_argument(
        "--faces", action="append", type=int, metavar="N", help="faces in a clip; repeatable (default 1, 2, 8)"
    )
    parser.add_argument("--quick", action="store_true", help="one small clip, to see that everything works")
    parser.add_argument("--out", metavar="FOLDER", help="write benchmark.md and benchmark.json there")
    parser.add_argument("--json", action="store_true", help="print JSON instead of Markdown")
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Print the tables."""
    from videoedit.benchmark.run import FACES, LINES, BenchmarkJob, benchmark
    from videoedit.evaluate.folder import made_folder, write_text

    job = BenchmarkJob(
        model=args.model,
        devices=tuple(args.device or ()),
        lines=tuple(args.lines or LINES),
        faces=tuple(args.faces or FACES),
        quick=args.quick,
    )
    out = made_folder(Path(args.out)) if args.out else None
    report = benchmark(job)
    if out:
        write_text(out / "benchmark.md", report.as_markdown())
        write_text(out / "benchmark.json", report.as_json())
    print(report.as_json() if args.json else report.as_markdown())
