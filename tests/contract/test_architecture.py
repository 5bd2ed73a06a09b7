"""Imports go downward only, and each library has one keeper."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cardstatus

HOUSE = Path(cardstatus.__file__).parent
MODULES = sorted(
    path for path in HOUSE.rglob("*.py") if path.parent != HOUSE or not path.name.startswith("__")
)

# A package may import those before it, and its own modules.
ORDER = [
    "errors", "signals", "privacy", "model", "instants", "rules", "courier", "database",
    "ingestion", "questions", "spark", "display", "web", "cli",
]  # fmt: skip
# Of a package with folders: a folder may import those before it, "" stands for its own modules.
INSIDE = {"database": ["schema", "", "reading", "writing", "whole"]}
KEEPERS = {
    "sqlite3": {"database"},
    "sqlite_utils": {"database"},
    "dateutil": {"courier"},
    "phonenumbers": {"courier"},
    "csv": {"courier", "display"},
    "rich": {"display"},
    "xlsxwriter": {"display"},
    "typer": {"cli"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "pydantic": {"web"},
    "jinja2": {"web"},
    "uvicorn": {"web"},
    "h11": {"web"},
    "prometheus_client": {"web"},
    "watchfiles": {"ingestion"},
    "pyarrow": {"display", "spark"},
    "pyspark": {"spark"},
    "multiprocessing": {"ingestion"},
}


def package_of(path: Path) -> str:
    """Return the package of a module, or the module itself where it stands at the top."""
    return path.relative_to(HOUSE).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of what a module imports, those inside functions too."""
    here = ("cardstatus", *path.relative_to(HOUSE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                [*here[: len(here) + 1 - node.level], node.module] if node.level else [node.module]
            )
            module = ".".join(part for part in base if part)
            yield from (f"{module}.{name.name}" for name in node.names)


def packages_imported(path: Path) -> set[str]:
    """Return which of our packages a module imports."""
    own = (name.split(".")[1] for name in imports(path) if name.startswith("cardstatus."))
    return {name for name in own if not name.startswith("__")}


def test_each_package_has_its_place() -> None:
    assert {package_of(path) for path in MODULES} == set(ORDER)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_go_downward(path: Path) -> None:
    package = package_of(path)
    assert packages_imported(path) <= set(ORDER[: ORDER.index(package) + 1])


@pytest.mark.parametrize("package", INSIDE)
def test_imports_go_downward_inside_a_package(package: str) -> None:
    folders, places = INSIDE[package], {}
    for path in (HOUSE / package).rglob("*.py"):
        places[path] = "" if path.parent.name == package else path.parent.name
    assert set(places.values()) == set(folders)
    for path, folder in places.items():
        names = [n.split(".") for n in imports(path) if n.startswith(f"cardstatus.{package}.")]
        imported = {name[2] if name[2] in folders else "" for name in names}
        assert imported <= set(folders[: folders.index(folder) + 1]), path


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_is_imported_by_its_keepers_only(library: str) -> None:
    users = {
        package_of(path)
        for path in MODULES
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users == KEEPERS[library]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_only_the_database_knows_sql(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if package_of(path) != "database":
        assert "SELECT " not in text
        assert "INSERT " not in text


@pytest.mark.parametrize("path", sorted((HOUSE / "web").rglob("*.py")), ids=lambda path: path.name)
def test_the_web_takes_no_words_from_the_terminals_pages(path: Path) -> None:
    terminal = ("cardstatus.display.tables", "cardstatus.display.pages")
    assert [name for name in imports(path) if name.startswith(terminal)] == []


def test_the_house_can_be_seen_at_a_glance() -> None:
    folders = [HOUSE, *(path.parent for path in HOUSE.rglob("__init__.py"))]
    sizes = {
        f: sum(not p.name.startswith(("__pycache__", "__init__")) for p in f.iterdir())
        for f in folders
    }
    assert sizes.pop(HOUSE) <= 16
    assert {folder.name: size for folder, size in sizes.items() if size > 12} == {}


def test_no_module_grows_out_of_hand() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_no_function_grows_out_of_hand() -> None:
    # But for commands: a command's docstring is its help.
    long = {}
    for path in MODULES:
        command = path.stem if path.parent.parent.name == "commands" else ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != command:
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > 40:
                    long[f"{path.name}:{node.name}"] = length
    assert long == {}
