"""Signals that end a program, and the moments at which none may."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""Names of those that Ctrl-C, a service and a closed terminal send; not every system has all."""


@contextmanager
def held_back() -> Iterator[None]:
    """Let what Python does at signals that end a program wait until the end of the block.

    A native library that calls Python while it loads takes the process down where a handler raises there, as that of
    Ctrl-C does. Handlers run in the main thread; in others nothing has to wait.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    handlers = {number: handler for number in numbers if callable(handler := signal.getsignal(number))}
    arrived: list[int] = []
    try:
        for number in handlers:
            signal.signal(number, lambda number, _: arrived.append(number))
        yield
    finally:
        _put_back(list(handlers.items()))
        for number in arrived:
            signal.raise_signal(number)


def _put_back(handlers: Sequence[tuple[int, Callable[[int, FrameType | None], Any]]]) -> None:
    """Put all handlers back, even if one that is back already raises at a signal of this moment."""
    if handlers:
        try:
            signal.signal(*handlers[0])
        finally:
            _put_back(handlers[1:])
