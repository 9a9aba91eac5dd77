"""Words of the user become files, each once, each with its place in the tree."""

from pathlib import Path

import pytest

from videoedit.errors import ConfigError, MediaError
from videoedit.jobs.inputs import find_sources


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.mp4", "b/c/d.JPG", "b/a.mp4", "b/notes.txt", ".hidden/e.mp4", "b/.f.mp4", "out/old.mp4"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def places(*words: str, output: str = "elsewhere") -> list[tuple[str, str]]:
    found = find_sources(words, Path(output))
    return [(source.path.as_posix(), source.tree.as_posix()) for source in found.sources]


def test_folder_gives_all_videos_and_pictures_below_it_with_their_tree(tree: Path) -> None:
    found = find_sources(["in"], Path("in/out"))
    assert [(source.path.as_posix(), source.tree.as_posix()) for source in found.sources] == [
        ("in/a.mp4", "."),
        ("in/b/a.mp4", "b"),
        ("in/b/c/d.JPG", "b/c"),
    ]
    assert found.left_out == (Path("in/b/notes.txt"),)


def test_pattern_s_tree_begins_before_its_first_wildcard(tree: Path) -> None:
    assert places("in/**/*.mp4") == [("in/a.mp4", "."), ("in/b/a.mp4", "b"), ("in/out/old.mp4", "out")]


def test_file_is_taken_whatever_its_name_and_only_once(tree: Path) -> None:
    assert places("in/b/notes.txt", "in/a.mp4", "in/../in/a.mp4") == [("in/b/notes.txt", "."), ("in/a.mp4", ".")]


def test_list_stands_for_its_lines_and_keeps_those_that_lead_nowhere(tree: Path) -> None:
    Path("list.txt").write_text("# mine\nin/a.mp4\n\nin/b\ngone.mp4\n")
    assert places("@list.txt") == [
        ("in/a.mp4", "."),
        ("in/b/a.mp4", "."),
        ("in/b/c/d.JPG", "c"),
        ("gone.mp4", "."),
    ]


def test_link_that_leads_nowhere_is_a_source_that_will_fail_alone(tree: Path) -> None:
    Path("in/b/link.mp4").symlink_to("gone.mp4")
    assert ("in/b/link.mp4", ".") in places("in/b")


@pytest.mark.parametrize("word", ["gone", "gone.mp4", "in/*.avi", "@gone.txt", "in/b/empty"])
def test_word_that_stands_for_nothing_is_named(tree: Path, word: str) -> None:
    Path("in/b/empty").mkdir()
    with pytest.raises(MediaError, match=word.lstrip("@").replace("*", r"\*")):
        places(word)


def test_results_cannot_go_into_the_folder_that_is_read(tree: Path) -> None:
    with pytest.raises(ConfigError, match="which is read"):
        places("in", output="in/b/..")
