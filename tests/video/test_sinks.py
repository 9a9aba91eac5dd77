"""Sinks: files that appear when whole, receivers that come and go, virtual cameras, windows."""

import logging
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.live.stand_ins import HandClock, frame_at
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame
from videoedit.video.live import sinks
from videoedit.video.live.pictures import shown
from videoedit.video.live.sinks import CameraSink, FileSink, NetworkSink
from videoedit.video.live.window import Window
from videoedit.video.reading.reader import VideoReader

MakeClip = Callable[..., Path]


def times_and_size(path: Path) -> tuple[list[float], tuple[int, int]]:
    with av.open(str(path)) as container:
        pictures = list(container.decode(video=0))
    return [float(picture.pts * picture.time_base) for picture in pictures], (pictures[0].width, pictures[0].height)


def test_recording_keeps_the_frames_times_and_appears_when_whole(make_clip: MakeClip, tmp_path: Path) -> None:
    path, folder = tmp_path / "out" / "live.mp4", tmp_path / "out"
    folder.mkdir()
    sink = FileSink(path)
    with VideoReader(make_clip(ticks=(900, 1800, 5000, 9000, 45000), num_frames=5)) as reader:
        for frame in reader:
            sink.write(frame)
            assert not path.exists()
    sink.close(keep=True)
    assert list(folder.iterdir()) == [path]
    times, size_wh = times_and_size(path)
    assert times == pytest.approx([0, 0.01, 4100 / 90000, 0.09, 0.49])
    assert size_wh == (64, 48)


@pytest.mark.parametrize("keep", [True, False])
def test_nothing_is_left_of_what_is_not_kept_or_never_began(tmp_path: Path, keep: bool) -> None:
    sink = FileSink(tmp_path / "live.mp4")
    if not keep:
        sink.write(frame_at(0))
    sink.close(keep=keep)
    assert list(tmp_path.iterdir()) == []


def test_file_that_exists_and_folder_that_does_not_are_refused(tmp_path: Path) -> None:
    (tmp_path / "old.mp4").write_text("old")
    with pytest.raises(MediaError, match="--overwrite"):
        FileSink(tmp_path / "old.mp4")
    with pytest.raises(MediaError, match="does not exist"):
        FileSink(tmp_path / "gone" / "new.mp4")
    sink = FileSink(tmp_path / "old.mp4", overwrite=True)
    sink.write(frame_at(0))
    sink.close(keep=True)
    assert len(times_and_size(tmp_path / "old.mp4")[0]) == 1


def test_turned_and_odd_and_changing_pictures_are_recorded_as_they_are_seen(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "live.mkv")
    for index, size_wh in enumerate([(96, 64), (96, 64), (48, 32)]):
        sink.write(replace(frame_at(index, size_wh=size_wh), rotation=90))
    sink.close(keep=True)
    times, size_wh = times_and_size(tmp_path / "live.mkv")
    assert (len(times), size_wh) == (3, (64, 96))


def test_times_that_stand_still_still_rise_in_the_file(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "live.mkv")
    for index in range(4):
        sink.write(replace(frame_at(index), time=Fraction(0)))
    sink.close(keep=True)
    assert len(times_and_size(tmp_path / "live.mkv")[0]) == 4


class Receiver:
    """Stands for the encoder and the network: fails where it is told to."""

    def __init__(self) -> None:
        self.is_there = True
        self.frames: list[int] = []
        self.num_opened = 0

    def __call__(self, target: str, name: str, muxer: str | None) -> "Receiver":
        if not self.is_there:
            raise MediaError(f"cannot write {name}: Connection refused")
        self.num_opened += 1
        return self

    def write(self, frame: Frame) -> None:
        if not self.is_there:
            raise MediaError("cannot write rtmp://host/live: Broken pipe")
        self.frames.append(frame.index)

    def close(self) -> None:
        """Nothing to do."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    stand_in = Receiver()
    monkeypatch.setattr(sinks, "_Encoded", stand_in)
    return stand_in


def test_receiver_that_goes_and_comes_back_gets_the_frames_from_then_on(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock()
    sink = NetworkSink("rtmp://host/live", clock)
    with caplog.at_level(logging.WARNING):
        for index in range(300):
            receiver.is_there = not 30 <= index < 130
            sink.write(frame_at(index))
            clock.time += 1 / 30
    assert receiver.frames[:30] == list(range(30))
    assert receiver.frames[-1] == 299
    assert receiver.frames == sorted(receiver.frames)
    assert len(receiver.frames) + sink.num_unsent == 300
    assert [record.message.split(";")[0] for record in caplog.records] == [
        "cannot write rtmp://host/live: Broken pipe",
        "rtmp://host/live takes frames again",
    ]


def test_receiver_that_stays_away_ends_it_and_one_that_never_came_at_once(receiver: Receiver) -> None:
    clock = HandClock()
    sink = NetworkSink("rtmp://host/live", clock, patience=10.0)
    sink.write(frame_at(0))
    receiver.is_there = False

    def write_on() -> None:
        for index in range(1, 1000):
            sink.write(frame_at(index))
            clock.time += 1 / 30

    with pytest.raises(MediaError, match="took nothing for 10 s"):
        write_on()
    assert 10 < clock.time < 20
    with pytest.raises(MediaError, match="refused"):
        NetworkSink("rtmp://host/live", clock).write(frame_at(0))


def test_address_nobody_listens_at_is_one_line() -> None:
    with pytest.raises(MediaError, match=r"cannot write tcp://127.0.0.1:9: Connection refused"):
        NetworkSink("tcp://127.0.0.1:9", HandClock()).write(frame_at(0))


def test_datagrams_need_no_receiver() -> None:
    sink = NetworkSink("udp://127.0.0.1:9999", HandClock())
    for index in range(3):
        sink.write(frame_at(index))
    sink.close(keep=True)
    assert sink.num_unsent == 0


class Library(types.ModuleType):
    """Stands for pyvirtualcam."""

    def __init__(self) -> None:
        super().__init__("pyvirtualcam")
        self.made: list[tuple[object, ...]] = []
        self.sent: list[np.ndarray] = []

    def Camera(self, width: int, height: int, fps: float, device: str | None) -> "Library":  # noqa: N802
        if device == "/dev/video99":
            raise RuntimeError("device does not exist")
        self.made.append((width, height, device))
        return self

    def send(self, image: np.ndarray) -> None:
        self.sent.append(image)

    def close(self) -> None:
        """Nothing to do."""


def test_virtual_camera_gets_every_frame_as_a_screen_would_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setitem(sys.modules, "pyvirtualcam", library)
    sink = CameraSink("/dev/video7")
    for index in range(3):
        sink.write(frame_at(index))
    sink.close(keep=True)
    assert library.made == [(96, 64, "/dev/video7")]
    np.testing.assert_array_equal(library.sent[2], shown(frame_at(2)))
    with pytest.raises(MediaError, match="device does not exist"):
        CameraSink("/dev/video99").write(frame_at(0))


def test_virtual_camera_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(ConfigError, match=r"pip install 'videoedit\[webcam\]'"):
        CameraSink(None)


def test_window_without_a_screen_is_refused_before_opencv_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(ConfigError, match="needs a screen"):
        Window("test")


def test_window_shows_rgb_gives_keys_and_tells_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown_bgr: list[np.ndarray] = []
    codes, visible = [-1, ord("n"), 27, -1], [1.0, 1.0, 1.0, 0.0]
    monkeypatch.setenv("DISPLAY", ":9")
    for name, stand_in in {
        "namedWindow": lambda *_: None,
        "resizeWindow": lambda *_: None,
        "imshow": lambda _, image: shown_bgr.append(image),
        "waitKey": lambda _: codes.pop(0),
        "getWindowProperty": lambda *_: visible.pop(0),
        "destroyWindow": lambda _: None,
    }.items():
        monkeypatch.setattr(f"cv2.{name}", stand_in)
    window = Window("test")
    window.show(np.full((4, 6, 3), (1, 2, 3), np.uint8))
    assert shown_bgr[0][0, 0].tolist() == [3, 2, 1]
    assert [window.key() for _ in range(4)] == [None, "n", "q", "q"]
    window.close()
