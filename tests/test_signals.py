"""Signals wait where a handler must not raise."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from videoedit.signals import held_back

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture
def asked() -> list[int]:
    return []


@pytest.fixture(autouse=True)
def _handlers(asked: list[int]) -> Iterator[None]:
    """Every signal is told, and raises."""
    before = {number: signal.getsignal(number) for number in ENDING}

    def ask(number: int, _: object) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    for number in ENDING:
        signal.signal(number, ask)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def hold(number: int, asked: list[int], error: Exception | None = None) -> None:
    """Send a signal while all are held back, which has no effect yet, and fail if so asked."""
    with held_back():
        signal.raise_signal(number)
        assert not asked
        if error is not None:
            raise error


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_comes_at_the_end_and_the_next_at_once(number: signal.Signals, asked: list[int]) -> None:
    with pytest.raises(KeyboardInterrupt):
        hold(number, asked)
    assert asked == [number]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_a_signal_comes_after_an_error_too_and_none_comes_of_itself(asked: list[int]) -> None:
    with pytest.raises(KeyboardInterrupt) as raised:
        hold(signal.SIGINT, asked, OSError())
    assert isinstance(raised.value.__context__, OSError)
    asked.clear()
    with held_back():
        pass
    assert not asked


def test_all_handlers_are_back_even_if_one_raises_as_soon_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [signal.getsignal(number) for number in ENDING]
    put, calls = signal.signal, []

    def interrupted(number: int, handler: object) -> None:
        put(number, handler)  # type: ignore[arg-type]
        calls.append(number)
        if len(calls) == len(ENDING) + 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(signal, "signal", interrupted)
    with pytest.raises(KeyboardInterrupt), held_back():
        pass
    assert [signal.getsignal(number) for number in ENDING] == before


def test_what_is_ignored_stays_so_and_other_threads_change_nothing() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    seen = []

    def look() -> None:
        with held_back():
            seen.append(signal.getsignal(signal.SIGINT))

    with held_back():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


def test_the_import_of_onnxruntime_is_not_broken_off() -> None:
    program = """
import signal, sys
class AsksWhileItLoads:
    def find_spec(self, name, path, target=None):
        if name == "onnxruntime":
            signal.raise_signal(signal.SIGINT)
            print("goes on", flush=True)
sys.meta_path.insert(0, AsksWhileItLoads())
from videoedit.detect import detectors
try:
    detectors.build("insightface", weights="face-detector", size=320, score=0.5)
except KeyboardInterrupt:
    print("onnxruntime" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["goes on", "True"]
