"""Reports of what was seen and done: tracks in one table, or frames line by line."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.track.drawn_faces import face_at, frame_at
from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.frame_report import FrameReport
from videoedit.pipeline import EditedFrame
from videoedit.track.smoothing import Placement

CROP = np.array([[0.5, 0.0, -8.0], [0.0, 0.5, -4.0]])


def edited(index: int) -> EditedFrame:
    frame = frame_at(index)
    shown = Placement(0, CROP, scene=1, fade=1.0 if index else 0.25, reason="" if index else "arriving")
    seen = Placement(3, CROP, fade=0.0, reason="profile", face=face_at(200, 100), person=2)
    return EditedFrame(frame, frame, (shown,), (seen,) if index < 2 else ())


def test_times_are_those_after_the_beginning_of_the_video(tmp_path: Path) -> None:
    with FrameReport(tmp_path / "frames.jsonl") as report:
        list(report.noted((edited(i) for i in range(3, 5)), Fraction(2, 30)))
    rows = [json.loads(line) for line in (tmp_path / "frames.jsonl").read_text().splitlines()]
    assert [row["time"] for row in rows] == [pytest.approx(i / 30, abs=1e-5) for i in (1, 2)]


def test_every_frame_is_a_line_with_its_faces_decisions_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    with FrameReport(path) as report:
        assert len(list(report.noted(edited(i) for i in range(4)))) == 4
        assert not path.exists()  # only when it is whole
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["frame"], row["time"], len(row["faces"])) for row in rows] == [
        (0, 0.0, 2),
        (1, pytest.approx(1 / 30, abs=1e-5), 2),
        (2, pytest.approx(2 / 30, abs=1e-5), 1),
        (3, pytest.approx(3 / 30, abs=1e-5), 1),
    ]
    bridged, skipped = rows[0]["faces"]
    assert (bridged["track"], bridged["decision"], bridged["fade"], bridged["reason"]) == (
        0,
        "edited",
        0.25,
        "arriving",
    )
    assert (bridged["box_xyxy"], bridged["points_xy"], bridged["person"], bridged["scene"]) == (None, None, None, 1)
    assert bridged["crop_from_frame"] == CROP.tolist()
    assert (skipped["track"], skipped["decision"], skipped["reason"], skipped["person"]) == (3, "skipped", "profile", 2)
    assert np.shape(skipped["box_xyxy"]) == (4,)
    assert np.shape(skipped["points_xy"]) == (5, 2)
    assert rows[1]["faces"][0]["reason"] is None


def test_table_tells_of_every_track_when_it_was_seen_and_what_became_of_it(tmp_path: Path) -> None:
    path = tmp_path / "tracks.json"
    with FrameReport(path) as report:
        list(report.noted(edited(i) for i in range(4)))
    table = json.loads(path.read_text())
    assert table["num_frames"] == 4
    first, second = table["tracks"]
    assert (first["track"], first["scene"], first["first_frame"], first["last_frame"]) == (0, 1, 0, 3)
    assert (first["num_frames_edited"], first["num_frames_reduced"]) == (4, {"arriving": 1})
    assert (second["track"], second["last_frame"], second["person"], second["num_frames_edited"]) == (3, 1, 2, 0)
    assert second["num_frames_reduced"] == {"profile": 2}
    assert second["longest_side"] == pytest.approx(face_at(200, 100).size, abs=0.1)


def test_report_is_not_left_behind_by_a_failure(tmp_path: Path) -> None:
    def fail() -> None:
        with FrameReport(tmp_path / "frames.jsonl") as report:
            next(report.noted([edited(0)]))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_impossible_report_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="gone does not exist"):
        FrameReport(tmp_path / "gone" / "frames.jsonl")
    with pytest.raises(ConfigError, match=r"\.jsonl"):
        FrameReport(tmp_path / "frames.txt")
