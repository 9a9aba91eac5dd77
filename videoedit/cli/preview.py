"""`videoedit preview`: a sheet of chosen moments, before | after | what was added | where it may change."""

import argparse
from fractions import Fraction

from videoedit.cli.run import add_edit_flags, edit_config_of
from videoedit.errors import ConfigError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command's flags."""
    parser = commands.add_parser("preview", help="show an edit at chosen moments", description=__doc__)
    parser.add_argument("input", metavar="INPUT", help="video to edit")
    add_edit_flags(parser)
    parser.add_argument("--at", action="append", metavar="TIME", help="seconds, as 3.2s or 3.2; repeatable (default 0)")
    parser.add_argument("-o", "--output", default="preview.png", help="sheet, .png or .jpg (default preview.png)")
    parser.set_defaults(handler=handle)


def handle(args: argparse.Namespace) -> None:
    """Write the sheet and say where it is."""
    from videoedit.jobs.preview import preview_sheet
    from videoedit.video.stills import write_image

    times = [seconds_of(text) for text in args.at or ["0"]]
    write_image(args.output, preview_sheet(args.input, times, edit_config_of(args)))
    print(f"{args.output}: before | after | difference | mask at {', '.join(f'{float(time):g} s' for time in times)}")


def seconds_of(text: str) -> Fraction:
    """Read a moment.

    >>> seconds_of("3.2s"), seconds_of("1")
    (Fraction(16, 5), Fraction(1, 1))

    Raises:
        ConfigError: It is no number of seconds, or negative.
    """
    try:
        seconds = Fraction(text.removesuffix("s"))
    except (ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"--at must be seconds, as 3.2s, got {text!r}") from error
    if seconds < 0:
        raise ConfigError(f"--at must not be negative, got {text!r}")
    return seconds
