"""The command line: one file per command, each with `add_parser` and `handle`.

Nothing heavy is imported until a command's `handle` runs, so that `--help` answers at once.
"""

import argparse
import difflib
import importlib
import logging
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from videoedit import __version__
from videoedit.cli import interruption
from videoedit.errors import ConfigError, Interrupted, VideoEditError
from videoedit.registry import unknown_name

COMMANDS: Final = {
    "run": "videoedit.cli.run",
    "batch": "videoedit.cli.batch",
    "webcam": "videoedit.cli.webcam",
    "preview": "videoedit.cli.preview",
    "probe": "videoedit.cli.probe",
    "train": "videoedit.cli.train",
    "eval": "videoedit.cli.eval",
    "benchmark": "videoedit.cli.benchmark",
    "models": "videoedit.cli.models",
    "doctor": "videoedit.cli.doctor",
}
"""Module of every command, in the order of `--help`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; wrong flags exit with 2."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    logging.basicConfig(format="videoedit: %(message)s")
    interruption.listen()
    try:
        _check_command(arguments)
        args = build_parser().parse_args(arguments)
        args.handler(args)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised again where nobody is meant to meet it
        return _told(error)
    return 0


def _told(error: BaseException) -> int:
    """Tell how the command ended, and return the exit code; what nobody is meant to meet is raised again."""
    if isinstance(error, KeyboardInterrupt) or interruption.is_asked():
        exec("")  # Python dies by the signal if that broke off another exec, as an import may hold; this one undoes it
        error = Interrupted("interrupted")
    if not isinstance(error, VideoEditError):
        raise error
    print(f"videoedit: {error}", file=sys.stderr)
    return error.exit_code


def build_parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    parser = _Parser(
        prog="videoedit",
        description="Changes attributes of faces in video: glasses, a smile, bangs, taken from a picture.",
        epilog="videoedit COMMAND --help tells the flags of a command.",
    )
    parser.add_argument("--version", action="version", version=f"videoedit {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS.values():
        importlib.import_module(module).add_parser(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as all other errors are told; argparse would print the usage too."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuse what is left over here, where its command is known; argparse would only do so at the top."""
        known, unknown = super().parse_known_args(args, namespace)
        if unknown:
            flags = [name for name in self._option_string_actions if name.startswith("--")]
            close = difflib.get_close_matches(unknown[0].partition("=")[0], flags, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return known, unknown

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see {self.prog} --help")


def _check_command(arguments: Sequence[str]) -> None:
    """Suggest a command where a word is misspelt; argparse would only list them."""
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        raise ConfigError(unknown_name("command", arguments[0], COMMANDS))
