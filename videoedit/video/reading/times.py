"""Times of pictures whose stamps are missing, repeated or go back, from those of their neighbours."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Final, TypeVar

from videoedit.wording import counted

T = TypeVar("T")

_MAX_HELD: Final = 16
"""Pictures that wait for the next usable stamp; more than these follow each other by the nominal step."""


def mended(
    stamped: Iterable[tuple[T, Fraction | None]], step: Fraction, say: Callable[[str], None]
) -> Iterator[tuple[T, Fraction]]:
    """Give every item a time later than the one before; usable stamps stay as they are.

    Args:
        stamped: Items in the order they are shown, with their stamps in seconds.
        step: Nominal seconds between two items, for where no usable stamp follows.
        say: Takes one line at the end, where anything was mended.

    >>> stamps = [Fraction(0), None, Fraction(2), Fraction(2), Fraction(6), None]
    >>> [str(time) for _, time in mended(zip("abcdef", stamps), Fraction(1), print)]
    3 of 6 frames had no usable time stamp (the first is frame 1); their times were filled in from their neighbours
    ['0', '1', '2', '4', '6', '7']
    """
    held: list[T] = []
    last: Fraction | None = None
    num_items = num_mended = first_mended = 0
    for item, time in stamped:
        num_items += 1
        if time is not None and (last is None or time > last):
            yield from _between(held, last, time, step)
            yield item, time
            held, last = [], time
            continue
        first_mended = first_mended if num_mended else num_items - 1
        num_mended += 1
        held.append(item)
        if len(held) == _MAX_HELD:
            yield from (placed := list(_after(held, last, step)))
            held, last = [], placed[-1][1]
    yield from _after(held, last, step)
    if num_mended:
        frames = counted(num_items, "frame")
        say(
            f"{num_mended} of {frames} had no usable time stamp (the first is frame {first_mended}); "
            "their times were filled in from their neighbours"
        )


def _between(held: list[T], last: Fraction | None, following: Fraction, step: Fraction) -> Iterator[tuple[T, Fraction]]:
    """Spread items evenly between two times; before the first of all they are a step apart."""
    start = following - step * (len(held) + 1) if last is None else last
    for place, item in enumerate(held, start=1):
        yield item, start + (following - start) * place / (len(held) + 1)


def _after(held: list[T], last: Fraction | None, step: Fraction) -> Iterator[tuple[T, Fraction]]:
    """Let items follow a time, a step apart; the first of all is at 0."""
    start = -step if last is None else last
    for place, item in enumerate(held, start=1):
        yield item, start + step * place
