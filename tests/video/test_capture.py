"""Sources: files at their own pace, devices and streams that may be lost and found again."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.live.stand_ins import HandClock, frame_at
from videoedit.clock import SystemClock
from videoedit.errors import ConfigError, MediaError
from videoedit.frames import Frame
from videoedit.video.live.capture import SourceConfig, frames_of, mended, opencv_pictures, played
from videoedit.video.live.sinks import NetworkSink
from videoedit.video.reading.reader import VideoReader

MakeClip = Callable[..., Path]
CAMERA = SourceConfig(name="/dev/video9", patience=20.0)


def test_file_is_played_at_its_own_pace(make_clip: MakeClip) -> None:
    clip, clock = make_clip(ticks=(0, 9000, 12000, 90000), num_frames=4), HandClock(50.0)
    moments = [(clock.time - 50, frame.time) for frame in played(str(clip), clock) if frame is not None]
    assert [moment for moment, _ in moments] == pytest.approx([0, 0.1, 12 / 90, 1.0])
    assert [time for _, time in moments] == [0, Fraction(1, 10), Fraction(12, 90), 1]


def test_slow_consumer_does_not_slow_the_file_down(make_clip: MakeClip) -> None:
    clock = HandClock()
    for frame in played(str(make_clip(num_frames=10)), clock):
        if frame is not None and frame.index == 0:
            clock.time += 5.0
    assert clock.time == pytest.approx(5.0)


def test_loop_goes_on_counting_and_time_goes_on(make_clip: MakeClip) -> None:
    clip = make_clip(num_frames=5)
    stream = played(str(clip), HandClock(), loop=True)
    frames: list[Frame] = []
    while len(frames) < 12:
        frame = next(stream)
        if frame is not None:
            frames.append(frame)
    assert [frame.index for frame in frames] == list(range(12))
    step = Fraction(1001, 30000)
    assert [(b.time - a.time) / step for a, b in pairwise(frames)] == [
        1,
        1,
        1,
        1,
        3,
        1,
        1,
        1,
        1,
        3,
        1,
    ]
    for plane, again in zip(frames[0].planes, frames[5].planes, strict=True):
        np.testing.assert_array_equal(plane, again)


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("/dev/video3", ("v4l2", "/dev/video3")),
        ("lavfi:testsrc=rate=30", ("lavfi", "testsrc=rate=30")),
        ("dshow:video=Cam: 2", ("dshow", "video=Cam: 2")),
        ("clip.mp4", None),
        ("C:clip.mp4", None),
        ("rtsp://host/1", None),
    ],
)
def test_names_of_sources_are_told_apart(name: str, device: tuple[str, str] | None) -> None:
    config = SourceConfig(name=name)
    assert config.device == device
    assert config.is_live == (device is not None or "://" in name)


@pytest.mark.parametrize(
    ("platform", "device"),
    [("linux", ("v4l2", "/dev/video2")), ("darwin", ("avfoundation", "2")), ("win32", ("opencv", "2"))],
)
def test_number_of_a_camera_is_what_the_system_calls_it(
    monkeypatch: pytest.MonkeyPatch, platform: str, device: tuple[str, str]
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert SourceConfig(name="2").device == device


def test_device_gives_numbered_frames_stamped_by_their_arrival() -> None:
    clock = HandClock()
    frames = frames_of(SourceConfig(name="lavfi:testsrc=size=64x48:rate=30"), clock)
    for index in range(5):
        clock.time = index * 0.25
        frame = next(frames)
        assert frame is not None
        assert (frame.index, frame.time, frame.size_wh) == (index, Fraction(index, 4), (64, 48))
        assert frame.format.name == "gbrp"  # testsrc packs RGB, which is not edited in place
    frames.close()  # type: ignore[attr-defined]


def test_opencv_s_pictures_are_those_of_the_file(make_clip: MakeClip) -> None:
    clip = make_clip(num_frames=4)
    pictures = [picture.to_ndarray(format="rgb24") for picture in opencv_pictures(str(clip))]
    with av.open(str(clip)) as container:
        for picture, frame in zip(pictures, container.decode(video=0), strict=True):
            assert abs(picture.astype(int) - frame.to_ndarray(format="rgb24")).mean() < 3
    with pytest.raises(MediaError, match="check that it is there"):
        next(opencv_pictures(str(clip.with_name("none.mp4"))))


class Camera:
    """Gives a few pictures, then fails; between its good times it cannot be opened so many times."""

    def __init__(self, clock: HandClock, failures: list[int]) -> None:
        self.clock, self.failures, self.tried_at = clock, failures, list[float]()

    def open_once(self) -> Iterator[av.VideoFrame]:
        self.tried_at.append(self.clock.time)
        if self.failures and self.failures[0] > 0:
            self.failures[0] -= 1
            raise MediaError("cannot read camera /dev/video9: No such device; check that it is there and not in use")
        if self.failures:
            self.failures.pop(0)
        for _ in range(3):
            self.clock.time += 0.1
            yield frame_at(0).origin
        raise MediaError("cannot read camera /dev/video9: No such device; check that it is there and not in use")


def test_lost_camera_is_looked_for_ever_less_often_and_goes_on_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    camera = Camera(clock, [0, 4, 1])
    arriving = mended(CAMERA, camera.open_once, clock)
    frames: list[Frame] = []
    with caplog.at_level(logging.WARNING):
        while len(frames) < 9:
            frame = next(arriving)
            if frame is not None:
                frames.append(frame)
    assert [frame.index for frame in frames] == list(range(9))
    assert all(a.time < b.time for a, b in pairwise(frames))
    waits = np.diff(camera.tried_at)
    assert waits[:5] == pytest.approx([0.5 + 0.3, 1, 2, 4, 8], abs=0.01)
    assert waits[5] == pytest.approx(0.5 + 0.3, abs=0.01)  # patience begins anew
    lines = [record.message for record in caplog.records]
    assert len(lines) == 4  # lost and found, twice
    assert "looking for it for 20 s" in lines[0]
    assert lines[1] == "/dev/video9 is back"


def test_waiting_for_a_lost_camera_can_be_ended_soon() -> None:
    clock = HandClock()
    arriving = mended(CAMERA, Camera(clock, [0, 99]).open_once, clock)
    for _ in range(3):
        assert next(arriving) is not None
    for _ in range(20):
        before = clock.time
        assert next(arriving) is None
        assert clock.time - before < 0.7


def test_patience_ends() -> None:
    clock = HandClock()
    with pytest.raises(MediaError, match="did not come back within 20 s"):
        list(mended(CAMERA, Camera(clock, [0, 99]).open_once, clock))
    assert clock.time < 21


def test_camera_that_was_never_there_is_an_error_at_once() -> None:
    clock = HandClock()
    with pytest.raises(MediaError, match="No such device"):
        next(mended(CAMERA, Camera(clock, [99]).open_once, clock))
    with pytest.raises(MediaError, match="cannot read camera /dev/video9: No such file"):
        next(frames_of(CAMERA, clock))


def test_silent_stream_is_said_to_be_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videoedit.video.live.capture._OPEN_SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MediaError, match=f"cannot read udp://127.0.0.1:{port}: nothing comes from it; check"):
        next(frames_of(SourceConfig(name=f"udp://127.0.0.1:{port}"), SystemClock()))


def test_refused_stream_is_one_line() -> None:
    with pytest.raises(MediaError, match=r"cannot read tcp://127.0.0.1:9: Connection refused") as caught:
        next(frames_of(SourceConfig(name="tcp://127.0.0.1:9"), SystemClock()))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "choices", [{"name": "0", "loop": True}, {"name": "udp://host:1", "loop": True}, {"name": "0", "patience": -1.0}]
)
def test_choices_that_make_no_sense_are_refused(choices: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        SourceConfig(**choices)  # type: ignore[arg-type]


def test_missing_file_is_an_error_before_anything_else() -> None:
    with pytest.raises(MediaError, match="no such file"):
        frames_of(SourceConfig(name="gone.mp4"), HandClock())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_what_is_sent_over_the_network_comes_in_again(make_clip: MakeClip) -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    received: list[Frame] = []

    def receive() -> None:
        config = SourceConfig(name=f"{address}?listen=1", patience=0.0)
        with contextlib.suppress(MediaError):  # the sender has gone and does not come back
            for frame in frames_of(config, SystemClock()):
                if frame is not None:
                    received.append(frame)  # noqa: PERF401 - what came before the end is kept

    receiver = threading.Thread(target=receive)
    receiver.start()
    with VideoReader(make_clip(size_wh=(64, 48), num_frames=12)) as reader:
        frames = list(reader)
        sink = sink_once_heard(address, frames[0])
        for frame in frames[1:]:
            sink.write(frame)
        sink.close(keep=True)
        receiver.join()
        assert [frame.index for frame in received] == list(range(12))
        for sent, came in zip(frames, received, strict=True):
            assert abs(sent.planes[0].astype(int) - came.planes[0]).mean() < 6


def sink_once_heard(address: str, frame: Frame) -> NetworkSink:
    """Send a first frame as soon as somebody listens."""
    for _ in range(100):
        with contextlib.suppress(MediaError):
            sink = NetworkSink(address, SystemClock())
            sink.write(frame)
            return sink
        threading.Event().wait(0.1)
    raise AssertionError("nobody listens")
