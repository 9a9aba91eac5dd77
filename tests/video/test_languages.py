"""Languages are written into the tracks that have them, wherever these lie in the file."""

import struct
from pathlib import Path

import av
import numpy as np

from tests.video.clips import picture_of
from videoedit.video.writing.languages import write_languages


def three_tracks(path: Path) -> Path:
    """Write pictures and two sounds, the first of which never begins, so that its track is left out."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height = 64, 48
        sounds = [container.add_stream("aac", rate=16_000, layout="mono") for _ in range(2)]
        container.mux(video.encode(picture_of((64, 48), 0, "yuv420p")))
        container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), "s16", "mono")
        frame.sample_rate = 16_000
        container.mux(sounds[1].encode(frame))
        container.mux(sounds[1].encode(None))
    return path


def languages_of(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return {stream.type: stream.metadata.get("language", "") for stream in container.streams}


def test_tracks_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    path = three_tracks(tmp_path / "a.mov")
    assert languages_of(path)["audio"] == ""
    size = path.stat().st_size
    write_languages(path, {1: "fas", 2: "deu", 3: "haw"})
    assert languages_of(path) == {"video": "fas", "audio": "haw"}
    assert path.stat().st_size == size


def test_boxes_with_long_sizes_are_passed(tmp_path: Path) -> None:
    path = three_tracks(tmp_path / "a.mov")
    path.write_bytes(struct.pack(">I4sQ", 1, b"free", 16) + path.read_bytes())
    write_languages(path, {3: "haw"})
    assert languages_of(path)["audio"] == "haw"
