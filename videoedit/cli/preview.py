"""`videoedit preview`: a sheet of chosen moments, before | after | what was added | where it may change."""

import argparse
from pathlib import Path

from videoedit.cli.flags import add_edit_flags, add_reading_flags, mapped_edit_config_of, refuse_urls


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser(
        "preview",
        help="show an edit at chosen moments",
        description="Writes a sheet of chosen moments: before | after | what was added | where it may change.",
    )
    parser.add_argument("input", metavar="INPUT", help="video to edit")
    parser.add_argument(
        "--at",
        action="append",
        metavar="PLACE",
        help="moment: 3.2 (seconds), 1:02:03.5 or 120f (a frame); repeatable (default 0)",
    )
    add_reading_flags(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="sheet, a picture (default preview.png, which is replaced)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an existing picture")
    add_edit_flags(parser)
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Write the sheet and say where it is."""
    from videoedit.jobs.preview import preview_sheet
    from videoedit.video.reading.part import place_of
    from videoedit.video.stills.arrays import check_image, write_image
    from videoedit.whole_files import check_target

    config = mapped_edit_config_of(args)
    refuse_urls("preview", args.input, *config.pictures)
    output = args.output or "preview.png"
    check_image(output)
    places = [place_of(text, "--at") for text in args.at or ["0"]]
    check_target(Path(output), [args.input, *config.pictures], overwrite=args.overwrite or not args.output)
    write_image(output, preview_sheet(args.input, places, config, deinterlace=args.deinterlace))
    print(f"{output}: before | after | difference | mask at {', '.join(map(str, places))}")
