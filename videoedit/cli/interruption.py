"""Ctrl-C, SIGTERM and SIGHUP: they stay interruptions where foreign code swallows them or takes them for errors."""

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import NoReturn, TypeVar

T = TypeVar("T")

_asked = threading.Event()


def listen() -> None:
    """Let signals that end a program clean up as Ctrl-C does; also where a shell ignores SIGINT.

    SIGTERM is sent by services and `timeout`, SIGHUP by a terminal that closes, unless `nohup` has it ignored.
    """
    _asked.clear()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, *_hang_up()):
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


def _hang_up() -> list[signal.Signals]:
    """Return SIGHUP, where the system has it and nobody wants it ignored."""
    number = getattr(signal, "SIGHUP", None)
    return [number] if number and signal.getsignal(number) is not signal.SIG_IGN else []


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    _asked.set()
    raise KeyboardInterrupt
