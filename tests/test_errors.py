"""What errors say."""

import pytest

from videoedit.errors import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (RuntimeError("\n no such layer:\n\tconv1"), "no such layer"),
        (ValueError("whole"), "whole"),
        (EOFError(), "EOFError"),
        (OSError(" \n"), "OSError"),
    ],
)
def test_an_error_of_a_library_is_told_in_one_line(error: Exception, line: str) -> None:
    assert first_line(error) == line
