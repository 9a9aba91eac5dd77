"""The house as it was drawn: packages, data folders, sizes, and words that belong to one place only."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "videoedit"
SOURCES = sorted(PACKAGE.rglob("*.py"))

MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 50
MAPPED = {"videoedit._presets": "pipelines", "videoedit._models": "models"}


@pytest.fixture(scope="module")
def setuptools_table() -> dict[str, object]:
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    return table


def test_pyproject_lists_every_package_of_the_tree(setuptools_table: dict[str, object]) -> None:
    on_disk = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert setuptools_table["packages"] == [*sorted(on_disk), *MAPPED]


def test_every_folder_with_code_is_a_package() -> None:
    assert [path for path in SOURCES if not (path.parent / "__init__.py").exists()] == []


def test_data_folders_are_mapped_into_the_package(setuptools_table: dict[str, object]) -> None:
    assert setuptools_table["package-dir"] == {"videoedit": "videoedit"} | MAPPED
    for folder in MAPPED.values():
        assert (ROOT / folder).is_dir()


@pytest.mark.parametrize("folder", ["models", "pipelines", "sample_clips"])
def test_data_folders_hold_no_code(folder: str) -> None:
    assert not list((ROOT / folder).rglob("*.py"))


def test_every_file_of_the_data_folders_is_packaged(setuptools_table: dict[str, object]) -> None:
    patterns = setuptools_table["package-data"]
    assert isinstance(patterns, dict)
    for package, folder in MAPPED.items():
        left_out = [
            path.name
            for path in (ROOT / folder).iterdir()
            if path.is_file()
            and path.name != "README.md"
            and not any(path.match(pattern) for pattern in patterns[package])
        ]
        assert left_out == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short(path: Path) -> None:
    too_long = {name: length for name, length in _functions(path) if length > MAX_FUNCTION_LINES}
    assert too_long == {}


@pytest.mark.parametrize("name", ["utils.py", "helpers.py", "misc.py", "common.py", "core.py"])
def test_no_file_is_named_for_nothing(name: str) -> None:
    assert list(PACKAGE.rglob(name)) == []


def _outside(*places: str) -> Callable[[Path], bool]:
    """Return a test for files that lie in none of the places."""
    return lambda path: not any(str(path.relative_to(PACKAGE)).startswith(place) for place in places)


@pytest.mark.parametrize(
    ("pattern", "applies"),
    [
        pytest.param(r"\bprint \(", _outside("cli/"), id="print belongs to cli"),
        pytest.param(r"\bassert ", _outside(), id="no assert"),
        pytest.param(
            r"\bexcept (Base)?Exception\b|\bexcept :",
            _outside("streams.py", "live/newest.py", "detect/insightface.py", "jobs/storage.py"),
            id="no blanket except",
        ),
        pytest.param(r"\braise (Base)?Exception\b", _outside(), id="no bare Exception"),
        pytest.param(
            r"\bos \. (environ|getenv)\b",
            # the last two have no other way to quieten SVT-AV1 and to have Ray give a dead cluster up
            _outside("resources.py", "device.py", "video/writing/encoding.py", "jobs/ray_engine.py"),
            id="environment belongs to resources",
        ),
        pytest.param(r"\btorch \. cuda\b", _outside("device.py"), id="torch.cuda belongs to device"),
        pytest.param(r"\b(import|from) av\b", _outside("video/"), id="av belongs to video"),
        pytest.param(r"\bglobal ", _outside(), id="no global"),
        pytest.param(
            r"(?<![\w.])(255(\.0)?|127\.5)(?![\w.])",
            _outside("tensors.py", "colour.py", "composite/", "synthetic/", "train/"),
            id="255 belongs to tensors and colour",
        ),
    ],
)
def test_some_words_belong_to_one_place(pattern: str, applies: Callable[[Path], bool]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in SOURCES
        if applies(path)
        for line in _code_lines(path)
        if re.search(pattern, line)
    ]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_onnxruntime_is_imported_only_after_insightface(path: Path) -> None:
    """Imported first, it writes an identifier to the cache folder and gathers telemetry; insightface turns that off."""
    lines = [line for line in _code_lines(path) if re.match(r"(import|from) (insightface|onnxruntime)\b", line)]
    assert not lines or "insightface" in lines[0]


def test_every_ignored_type_error_names_its_code() -> None:
    bare = [path.name for path in SOURCES if re.search(r"# type: ignore(?!\[)", path.read_text())]
    assert bare == []


def test_code_without_strings_is_what_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text('"""print(1)"""\nx = "assert"  # global\nprint (2)\n')
    assert list(_code_lines(path)) == ["x =", "print ( 2 )"]


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give every function's name and its lines without the docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring


def _code_lines(path: Path) -> Iterator[str]:
    """Give the tokens of each logical line, parted by blanks; strings and comments are left out."""
    words: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.NEWLINE:
            if words:
                yield " ".join(words)
            words = []
        elif token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER):
            words.append(token.string)
