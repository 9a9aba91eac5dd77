"""Two hundred files with bytes changed: each is edited or refused in one line, and nothing half-done is left."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MINUTES_UNTIL_HUNG = 5


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Edit them in a process of its own: a crash or a hang is then this test's failure, not its end."""
    command = [sys.executable, "-m", "tests.jobs.edit_mutated_files", str(tmp_path_factory.mktemp("mutated"))]
    seconds = 60 * MINUTES_UNTIL_HUNG
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_mutated_file_is_edited_or_refused_in_one_line(outcomes: list[dict[str, Any]]) -> None:
    assert len(outcomes) == 200
    for outcome in outcomes:
        assert outcome["code"] in (0, 1), outcome
        assert "Traceback" not in outcome["errors"], outcome
        if outcome["code"]:
            assert outcome["errors"].strip().splitlines()[-1].startswith("videoedit: "), outcome


def test_no_mutated_file_leaves_an_output_but_with_success_or_on_demand(outcomes: list[dict[str, Any]]) -> None:
    for outcome in outcomes:
        is_kept = "holds what decodes of it" in outcome["errors"]
        assert outcome["has_output"] == (outcome["code"] == 0 or is_kept), outcome
        assert outcome["keep_partial"] or not is_kept, outcome
        assert outcome["left"] == [], outcome


def test_mutations_reach_every_kind_of_outcome(outcomes: list[dict[str, Any]]) -> None:
    kinds = Counter((outcome["code"], outcome["has_output"]) for outcome in outcomes)
    assert min(kinds[0, True], kinds[1, True], kinds[1, False]) >= 10
