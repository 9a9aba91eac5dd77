"""Ctrl-C and SIGTERM: an interruption stays one, also where foreign code swallows it or takes it for an error."""

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import NoReturn, TypeVar

T = TypeVar("T")

_asked = threading.Event()


def listen() -> None:
    """Let SIGTERM, which services and `timeout` send, clean up as Ctrl-C does; also where a shell ignores SIGINT."""
    _asked.clear()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)


def is_asked() -> bool:
    """Tell whether the user has asked for the end since `listen`."""
    return _asked.is_set()


def until_interrupted(items: Iterable[T]) -> Iterator[T]:
    """Give the items; end as at the signal itself where that was swallowed before."""
    for item in items:
        if _asked.is_set():
            raise KeyboardInterrupt
        yield item


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _asked.set()
    raise KeyboardInterrupt
