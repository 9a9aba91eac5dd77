"""Whole clips with known differences: each figure has its known answer, and a case that must come out worse."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.evaluate.clip.drawn_clips import NOSE, STEP, Written, compared, frames_of, painted
from videoedit.errors import ConfigError, MediaError
from videoedit.evaluate.clip.report import ClipReport
from videoedit.evaluate.clip.run import ClipJob

LUMA = 219 / 255
"""Codes of luma for a code of grey."""
Compare = Callable[..., ClipReport]


@pytest.fixture
def against_plain(tmp_path: Path) -> Compare:
    """Return a function that compares frames with the plain clip of as many, or with the frames given."""

    def compare_with(edited: list[np.ndarray], source: list[np.ndarray] | None = None, **choices: object) -> ClipReport:
        before = Written(frames=source or frames_of(12)).to(tmp_path / "source.mp4")
        attribute = choices.pop("attribute", None)
        return compared(before, Written(frames=edited, **choices).to(tmp_path / "edited.mp4"), attribute)  # type: ignore[arg-type]

    return compare_with


def noise(seconds: float = 1.0) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.2, int(16_000 * seconds)).clip(-1, 1)


def test_identical_clips_differ_in_nothing(tmp_path: Path) -> None:
    noses = [(96 + round(6 * np.sin(i)), 64) for i in range(12)]
    clip = Written(frames=frames_of(12, noses), sound=noise()).to(tmp_path / "clip.mp4")
    report = compared(clip, clip)
    figures, timing = report.summary(), report.timing
    assert (timing.num_frames, timing.num_pairs, timing.is_equal, timing.largest_difference) == ((12, 12), 12, True, 0)
    assert (timing.lag, timing.sound_delay, timing.av_offset) == (0, 0, 0)
    assert figures["psnr_outside"] is None
    zeros = ("largest_outside", "largest_block_outside", "flicker", "warp_edit", "warp_excess")
    assert [figures[name] for name in zeros] == [0, 0, 0, 0, 0]
    assert figures["wobble_source"] == figures["wobble_edited"] > 0
    assert [row.fate for row in report.streams] == ["bit-exact", "bit-exact"]


def test_pictures_late_by_a_frame_under_the_right_times(against_plain: Compare) -> None:
    frames = frames_of(12)
    report = against_plain([frames[0], *frames[:-1]], frames)
    assert report.timing.is_equal
    assert report.timing.lag == 1
    assert report.summary()["lowest_psnr_outside"] < 30  # type: ignore[operator]
    early = against_plain([*frames[1:], frames[-1]], frames)
    assert early.timing.lag == -1


def test_a_clip_too_short_to_look_around_in_is_not_called_still(against_plain: Compare) -> None:
    moving = frames_of(12, [(30 + 10 * index, 64) for index in range(12)])
    assert against_plain(moving, moving).timing.lag == 0
    short = against_plain(moving[:6], moving[:6])
    assert short.missing["pictures late by"] == "fewer than 7 frames are shown at the same time"


def test_times_late_by_a_frame(against_plain: Compare) -> None:
    report = against_plain(frames_of(12), first_tick=STEP)
    assert not report.timing.is_equal
    assert (report.timing.num_frames, report.timing.num_pairs) == ((12, 12), 11)
    assert report.timing.lag == 1


def test_times_late_by_less_than_half_a_frame_are_told(against_plain: Compare) -> None:
    report = against_plain(frames_of(12), first_tick=900)
    assert not report.timing.is_equal
    assert report.timing.largest_difference == pytest.approx(0.01)
    assert (report.timing.num_pairs, report.timing.lag) == (12, 0)


def test_lost_frame_is_counted_and_the_rest_compared_as_shown(tmp_path: Path) -> None:
    frames = frames_of(12)
    source = Written(frames=frames).to(tmp_path / "source.mp4")
    report = compared(source, Written(frames=frames[:9]).to(tmp_path / "short.mp4"))
    assert (report.timing.num_frames, report.timing.num_pairs, report.timing.is_equal) == ((12, 9), 9, False)
    assert report.summary()["largest_outside"] == 0


def test_flicker_of_known_size_in_the_face(against_plain: Compare) -> None:
    source = [painted(frame, 120) for frame in frames_of(12)]
    still = against_plain([painted(frame, 100) for frame in source], source, attribute="Eyeglasses").summary()
    blinking = [painted(frame, 100 + 16 * (i % 2)) for i, frame in enumerate(source)]
    flickering = against_plain(blinking, source, attribute="Eyeglasses").summary()
    share = 13 * 68 / (0.76 * 96 * 0.34 * 96)  # of the attribute's region that is painted
    assert still["flicker"] == pytest.approx(0, abs=0.1)
    assert flickering["flicker"] == pytest.approx(16 * share, rel=0.06)
    assert flickering["flicker_elsewhere"] == pytest.approx(0, abs=0.1)
    assert flickering["warp_edit"] == pytest.approx(16 * share, rel=0.2)  # the colours behind it move
    assert flickering["warp_excess"] > (still["warp_excess"] or 0) + 1  # type: ignore[operator]
    assert flickering["slip_source"] == still["slip_source"]
    assert flickering["slip_edited"] > still["slip_edited"]  # type: ignore[operator]


def test_changed_pixel_outside_the_face_is_found_and_one_inside_is_not(against_plain: Compare) -> None:
    outside, inside = frames_of(12), frames_of(12)
    outside[5][3, 4] = np.clip(outside[5][3, 4] + 40, 0, 255)
    inside[5][NOSE[1] - 20, NOSE[0]] = 0
    found = against_plain(outside).summary()
    assert found["largest_outside"] == pytest.approx(40 * LUMA, abs=1)
    num_outside = 192 * 128 - 116 * 116  # about, with the border around the crop
    assert found["lowest_psnr_outside"] == pytest.approx(20 * np.log10(255 * num_outside**0.5 / (40 * LUMA)), abs=0.6)
    assert against_plain(inside).summary()["largest_outside"] == 0


def test_changed_block_stands_out_where_as_much_noise_does_not(against_plain: Compare) -> None:
    block, noisy = frames_of(12), frames_of(12)
    block[5][16:32, 16:32] += 10
    signs = np.random.default_rng(0).choice([-1, 1], (16, 16, 1))
    noisy[5][16:32, 16:32] = noisy[5][16:32, 16:32] + 10 * signs
    assert against_plain(block).summary()["largest_block_outside"] == pytest.approx(10 * LUMA, abs=0.3)
    assert against_plain(noisy).summary()["largest_block_outside"] < 2.0  # type: ignore[operator]


def test_sound_late_by_80_ms_whether_moved_or_silent_at_first(tmp_path: Path) -> None:
    frames = frames_of(12)
    source = Written(frames=frames, sound=noise()).to(tmp_path / "source.mp4")
    moved = compared(source, Written(frames=frames, sound=noise(), sound_tick=1280).to(tmp_path / "moved.mp4"))
    assert moved.timing.av_offset == pytest.approx(0.08, abs=0.0005)
    padded = np.concatenate([np.zeros(1280), noise()])
    filled = compared(source, Written(frames=frames, sound=padded).to(tmp_path / "filled.mp4"))
    assert filled.timing.av_offset == pytest.approx(0.08, abs=0.0005)
    assert [row.fate for row in filled.streams] == ["bit-exact", "encoded again"]
    quieter = compared(source, Written(frames=frames, sound=0.8 * noise(), sound_tick=1280).to(tmp_path / "quiet.mp4"))
    assert quieter.streams[1].fate == "encoded again"
    assert quieter.timing.av_offset == pytest.approx(0.08, abs=0.0005)
    late = compared(source, Written(frames=[frames[0], *frames[:-1]], sound=noise()).to(tmp_path / "late.mp4"))
    assert late.timing.av_offset == pytest.approx(-0.04, abs=0.0005)


def test_a_moment_of_sound_has_its_delay_too(tmp_path: Path) -> None:
    frames = frames_of(8)
    source = Written(frames=frames, sound=noise(0.2)).to(tmp_path / "a.mp4")
    late = np.concatenate([np.zeros(800), noise(0.2)])
    edited = Written(frames=frames, sound=late).to(tmp_path / "b.mp4")
    assert compared(source, edited).timing.sound_delay == pytest.approx(0.05, abs=0.0005)


def test_streams_that_are_missing_or_added_are_named(tmp_path: Path) -> None:
    with_sound = Written(frames=frames_of(8), sound=noise(0.3)).to(tmp_path / "a.mp4")
    silent = Written(frames=frames_of(8)).to(tmp_path / "b.mp4")
    lost, gained = compared(with_sound, silent), compared(silent, with_sound)
    assert [(row.kind, row.fate) for row in lost.streams] == [("video", "bit-exact"), ("audio", "missing")]
    assert [(row.kind, row.fate) for row in gained.streams] == [("video", "bit-exact"), ("audio", "added")]
    assert lost.missing["sound_delay"].endswith("b.mp4 has no sound")


def test_success_counts_faces_and_finds_the_longest_drop_out(against_plain: Compare) -> None:
    edited = [painted(frame, 0) if i not in (2, 5, 6, 7) else frame for i, frame in enumerate(frames_of(12))]
    success = against_plain(edited, attribute="Eyeglasses").success
    assert success is not None
    assert (success.share, success.share_source, success.count) == (8 / 12, 0, 12)
    assert success.dropout_frames == 3
    assert success.dropout_seconds == pytest.approx(3 / 25)


def test_jitter_of_the_edited_face_comes_out_worse(against_plain: Compare) -> None:
    shaken = frames_of(12, [(96 + i % 2, 64) for i in range(12)])
    figures = against_plain(shaken).summary()
    eyes = 70 / 256 * 96
    assert figures["wobble_source"] == pytest.approx(0, abs=1e-6)
    assert figures["wobble_edited"] == pytest.approx(1 / eyes, rel=0.02)


def test_what_is_not_measured_is_null_with_its_reason(against_plain: Compare) -> None:
    still = [frames_of(1)[0]] * 8
    report = against_plain(still, still)
    parsed = json.loads(report.as_json())
    assert parsed["success"] is None
    assert parsed["identity"] is None
    assert parsed["timing"]["lag"] is None
    assert parsed["missing"]["success"] == "say with --attr what was edited"
    assert "--recognition-model" in parsed["missing"]["identity"]
    assert parsed["missing"]["pictures late by"] == "hardly anything moves"
    assert "- identity not measured: no recognition model" in report.as_markdown()


def test_report_says_the_same_to_people_and_programs(against_plain: Compare) -> None:
    report = against_plain([painted(frame, 20) for frame in frames_of(12)], attribute="Eyeglasses")
    table, parsed = report.as_markdown(), json.loads(report.as_json())
    assert "| Eyeglasses seen | 100.0% | of 12 faces; so in the source: 0.0% |" in table
    assert parsed["success"]["share"] == 1
    assert f"| flicker of the edit | {parsed['figures']['flicker']:.3f} |" in table
    assert len(parsed["series"]["flicker"]) == 10
    assert parsed["series"]["probability"][0][0::2] == [0.0, 0]


def test_videos_of_two_sizes_are_refused(tmp_path: Path) -> None:
    source = Written(frames=frames_of(2)).to(tmp_path / "source.mp4")
    small = Written(frames=[frame[:64] for frame in frames_of(2)]).to(tmp_path / "small.mp4")
    with pytest.raises(MediaError, match=r"small\.mp4 is 192×64 but its source 192×128"):
        compared(source, small)


def test_removal_needs_an_attribute() -> None:
    with pytest.raises(ConfigError, match="--remove needs --attr"):
        ClipJob(source="a", edited="b", removing=True)


def test_what_is_taken_for_a_face_in_passing_is_not_judged_as_an_edit_leaves_it_alone(tmp_path: Path) -> None:
    noses = [(40, 100) if index in (9, 10) else NOSE for index in range(20)]
    clip = Written(frames=frames_of(20, noses)).to(tmp_path / "clip.mp4")
    success = compared(clip, clip, "Eyeglasses").success
    assert success is not None
    assert success.count == 20  # the face itself is placed in the gap too
