"""`videoedit probe`: what a file holds, in words and as JSON, without touching it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.video.clips import raw_clip
from tests.video.rich_clips import rich_clip
from videoedit.cli import main

SAMPLE = Path(__file__).resolve().parents[2] / "sample_clips" / "astronaut.mp4"


def probed(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main(["probe", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_faces_of_the_sample_are_found_in_every_frame_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(SAMPLE)]) == 0
    out = capsys.readouterr().out
    assert "frames      120 from 0.0000 s to 4.0000 s, 30.000 per second, constant" in out
    assert "1 at most, in 16 of 16 frames looked at" in out
    assert "editing     as it is" in out


def test_json_holds_streams_chapters_metadata_and_times(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = probed(capsys, rich_clip(tmp_path / "in.mkv", ["subrip"]), "--no-faces")
    kinds = [(stream["kind"], stream["codec"], stream["language"]) for stream in found["streams"]]
    assert kinds[1:4] == [("audio", "aac", "eng"), ("audio", "aac", "fra"), ("subtitle", "srt", "deu")]
    assert found["num_chapters"] == 2
    assert found["metadata"]["title"] == "A title"
    assert found["video"]["timing"]["num_frames"] == found["streams"][0]["num_packets"] == 25
    assert (found["video"]["timing"]["rate"], found["video"]["timing"]["end"]) == ("25", 1.0)
    assert (found["faces"], found["refusal"]) == (None, None)


def test_plain_colours_show_no_face(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    faces = probed(capsys, raw_clip(tmp_path / "plain.mp4"))["faces"]
    assert faces == {"num_looked_at": 3, "num_with_face": 0, "most": 0, "smallest": 0.0, "largest": 0.0}


def test_what_an_edit_would_refuse_is_said_and_the_rest_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = probed(capsys, raw_clip(tmp_path / "askew.mp4", orientation=(30, False)))
    assert "turned by 30 degrees" in found["refusal"]
    assert (found["video"]["timing"]["num_frames"], found["faces"]) == (3, None)


def test_a_file_that_is_no_video_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    assert main(["probe", str(tmp_path / "text.mp4")]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "text.mp4" in line


def test_faces_are_looked_for_as_the_flags_of_an_edit_say(capsys: pytest.CaptureFixture[str]) -> None:
    usual = probed(capsys, SAMPLE)["faces"]
    assert probed(capsys, SAMPLE, "--face-detector-size", "64")["faces"]["smallest"] != usual["smallest"]
    assert probed(capsys, SAMPLE, "--face-detector-score", "0.99")["faces"]["num_with_face"] < usual["num_with_face"]
    assert main(["probe", str(SAMPLE), "--face-detector-score", "1.5"]) == 2
    assert "score must be between 0 and 1" in capsys.readouterr().err


def test_a_damaged_video_is_not_said_to_be_edited_as_it_is(
    make_clip: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_clip("cut.mkv", num_frames=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = probed(capsys, path)
    assert "--keep-partial" in found["refusal"]
    assert found["faces"]["num_looked_at"] > 0


def test_what_is_not_kept_is_said_once(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    assert main(["probe", str(raw_clip(tmp_path / "clear.nut", pixel_format="yuva420p"))]) == 0
    assert [caplog.text.count(line) for line in ("transparency is not kept", "are converted to")] == [1, 1]
