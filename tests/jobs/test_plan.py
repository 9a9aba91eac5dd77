"""Names of results: the tree is kept, nothing collides, nothing that is read is replaced."""

from pathlib import Path

import pytest

from videoedit.errors import ConfigError
from videoedit.jobs.inputs import Source
from videoedit.jobs.plan import crossed, plan, read_pairs

ONE = crossed(["smile"], ["refs/anna.jpg"], 1.0)
OUT = Path("out")


def outputs(sources: list[Source], name: str | None = None, variants: object = ONE) -> list[str]:
    return [item.output.as_posix() for item in plan(sources, variants, OUT, name)]  # type: ignore[arg-type]


def test_names_and_tree_are_kept() -> None:
    assert outputs([Source(Path("in/a.mp4")), Source(Path("in/b/c.JPG"), Path("b"))]) == ["out/a.mp4", "out/b/c.JPG"]


def test_same_names_get_numbers_whatever_their_case() -> None:
    sources = [Source(Path("x/a.mp4")), Source(Path("y/A.mp4")), Source(Path("z/a.mp4"))]
    assert outputs(sources) == ["out/a.mp4", "out/A-2.mp4", "out/a-3.mp4"]


def test_a_number_does_not_hit_another_source_s_name() -> None:
    sources = [Source(Path("x/a.mp4")), Source(Path("y/a.mp4")), Source(Path("z/a-2.mp4"))]
    assert len({*outputs(sources)}) == 3


def test_template_is_filled_and_may_hold_folders() -> None:
    sources = [Source(Path("in/a.mp4")), Source(Path("in/b.jpg"))]
    assert outputs(sources, "{attr}/{ref}/{index:03d}-{stem}{ext}") == [
        "out/smile/anna/001-a.mp4",
        "out/smile/anna/002-b.jpg",
    ]


def test_variants_are_crossed_and_named_by_what_differs() -> None:
    variants = crossed(["smile", "bangs+glasses"], ["anna.jpg", "refs/ben.png"], 0.5)
    assert outputs([Source(Path("a.mp4"))], None, variants) == [
        "out/a-smile-anna.mp4",
        "out/a-smile-ben.mp4",
        "out/a-bangs+glasses-anna.mp4",
        "out/a-bangs+glasses-ben.mp4",
    ]
    assert [wish.attribute for wish in variants[2].wishes] == ["bangs", "glasses"]
    assert variants[2].wishes[1].strength == 0.5
    assert outputs([Source(Path("a.mp4"))], None, variants[:2]) == ["out/a-anna.mp4", "out/a-ben.mp4"]


def test_pairs_come_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("attr,ref,strength\nsmile,a.jpg,0.5\nbangs,,\n")
    one, two = read_pairs(str(path), 1.2)
    assert (one.attr, one.ref, one.wishes[0].strength) == ("smile", "a", 0.5)
    assert (two.attr, two.ref, two.wishes[0].reference, two.wishes[0].strength) == ("bangs", "none", None, 1.2)


@pytest.mark.parametrize(
    "text", ["", "attr\nsmile\n", "attr,ref,colour\na,b,c\n", "attr,ref\n", "attr,ref,strength\na,b,c"]
)
def test_table_that_cannot_be_understood_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match="pairs"):
        read_pairs(str(path), 1.0)


@pytest.mark.parametrize(
    "name", ["{stm}{ext}", "{stem", "../{stem}{ext}", "/tmp/{stem}", "{stem.__class__}", "{index:x y}"]
)
def test_template_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="--name"):
        outputs([Source(Path("a.mp4"))], name)


def test_result_never_takes_the_place_of_a_source() -> None:
    with pytest.raises(ConfigError, match="would replace"):
        outputs([Source(Path("x/b.mp4")), Source(Path("out/b.mp4"))])


@pytest.mark.parametrize("row", ["smile", "smile,a.jpg,0.5,7"])
def test_a_line_of_pairs_with_too_few_or_too_many_values_takes_nothing_away(tmp_path: Path, row: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(f"attr,ref,strength\nbangs,a.jpg\n{row}\n")
    with pytest.raises(ConfigError, match=r"pairs\.csv: edit 2 has more or fewer values"):
        read_pairs(str(path), 1.0)
