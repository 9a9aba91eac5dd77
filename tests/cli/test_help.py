"""Help: every flag of every command says what it does, and names its value so that one can guess it."""

import argparse
from collections.abc import Iterator

import pytest

from videoedit.cli import build_parser


def parsers_below(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of all commands and of what they divide into."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers_below(below)


@pytest.mark.parametrize("parser", list(parsers_below(build_parser())), ids=lambda parser: parser.prog)
def test_every_flag_says_what_it_does_and_what_it_takes(parser: argparse.ArgumentParser) -> None:
    assert parser.description
    assert "`" not in parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        assert action.help, action.option_strings
        assert not action.help.startswith("("), action.help
        takes_value = action.nargs != 0 and action.choices is None
        assert not takes_value or action.metavar, action.option_strings
