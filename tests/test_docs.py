"""The documents promise only what is there."""

import re
import shlex
from pathlib import Path

import pytest

from videoedit.cli import COMMANDS, build_parser

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
README = (ROOT / "README.md").read_text()


def shell_lines() -> list[str]:
    """Return the commands in the README's shell blocks."""
    return [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("videoedit ")])
def test_the_readme_s_commands_are_understood_and_their_files_exist(line: str) -> None:
    arguments = shlex.split(line)[1:]
    args = vars(build_parser().parse_args(arguments))
    assert (ROOT / args["input"]).is_file()
    assert all((ROOT / path).is_file() for path in args["ref"])


def test_the_readme_shows_how_to_set_up_run_and_test() -> None:
    first, second, third = shell_lines()
    assert first.endswith("pip install .")
    assert second.startswith("videoedit run ")
    assert third.endswith("scripts/check")


def test_the_readme_names_every_command_and_no_other() -> None:
    assert {*re.findall(r"^\| `videoedit (\w+)", README, re.MULTILINE)} == {*COMMANDS}


def test_the_readme_gives_a_reason_for_every_dependency() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[(.*?)^\]", pyproject, re.DOTALL | re.MULTILINE)
    assert block
    (table,) = re.findall(r"## Dependencies\n(.*?)\n## ", README, re.DOTALL)
    for name in re.findall(r'"([\w-]+)', block[1]):
        assert re.search(rf"^\| .*\b{name}\b.* \|", table, re.MULTILINE), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [target for target in targets if not (path.parent / target).exists()] == []
