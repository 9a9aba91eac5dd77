"""`videoedit doctor`: every check is a line, and a failing one is told by the exit code."""

import pytest

from videoedit.cli import doctor, main


def test_doctor_prints_the_version_and_one_line_per_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "DEPENDENCIES", {"numpy": "numpy"})
    monkeypatch.setattr(doctor, "OPTIONAL", {})
    assert main(["doctor"]) == 0
    first, *checks = capsys.readouterr().out.splitlines()
    assert first.startswith("videoedit ")
    assert [line.split(":")[0] for line in checks] == ["ok    numpy", "ok    device", "ok    models", "ok    cache"]


def test_a_missing_library_fails_with_1_after_all_checks_ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "DEPENDENCIES", {"nothing": "no_such_module_anywhere"})
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "FAIL  nothing: No module named 'no_such_module_anywhere'" in said.out
    assert "ok    cache" in said.out
    assert "checks failed: nothing" in said.err


def test_a_missing_library_of_trainings_is_told_and_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "DEPENDENCIES", {})
    monkeypatch.setattr(doctor, "OPTIONAL", {"nothing": "no_such_module_anywhere"})
    assert main(["doctor"]) == 0
    assert "nothing: not installed; only trainings use it" in capsys.readouterr().out


def test_insightface_is_imported_before_onnxruntime() -> None:
    names = list(doctor.DEPENDENCIES)
    assert names.index("insightface") < names.index("onnxruntime")
