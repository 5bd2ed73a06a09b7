"""Imports go downward only, and each door has one keeper."""

import ast
from pathlib import Path

import pytest

import cardstatus

PACKAGE = Path(cardstatus.__file__).parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))

# A module may import those before it.
FLOORS = """
    errors interrupts pans evidence settings answers model instants ordering journeys zones
    formats lines sources rows clocks times mobiles normalise runs reading pool workers schema
    damage advice database store survey staging recorder moments options ingest arrivals watch
    wakes lookup history explain checks stats render reports tables pages output progress
    web_guard web_answers web_openapi web_pages web_plugin web_server shell delivery intake
    command_check command_export command_files command_get command_history command_ingest
    command_problems command_serve command_stats command_watch cli
""".split()  # noqa: SIM905 - one a line it would be a page

COMMANDS = {name for name in MODULES if name.startswith("command_")} - {"command_files"}

KEEPERS = {
    "sqlite3": {"advice", "runs", "damage", "database", "store", "recorder"},
    "sqlite_utils": {"schema", "damage", "staging", "recorder"},
    "csv": {"rows", "render"},
    "typer": {"shell", "delivery", "intake", "cli", *COMMANDS},
    "rich": {"tables", "progress"},
    "dateutil": {"times"},
    "watchfiles": {"wakes"},
    "multiprocessing": {"pool"},
    "datasette": {"web_plugin", "web_server"},
    "uvicorn": {"web_server"},
}


def imports(module: str) -> tuple[set[str], set[str]]:
    """Return what a module imports of the package, and of others."""
    own, others = set(), set()
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            own.update([node.module] if node.module else [name.name for name in node.names])
        elif isinstance(node, ast.ImportFrom):
            others.add(str(node.module).split(".")[0])
        elif isinstance(node, ast.Import):
            others.update(name.name.split(".")[0] for name in node.names)
    return own - {"__version__"}, others


def test_every_module_has_its_floor() -> None:
    assert sorted([*FLOORS, "__init__", "__main__"]) == MODULES


@pytest.mark.parametrize("module", FLOORS)
def test_imports_go_downward(module: str) -> None:
    own, _ = imports(module)
    assert own <= set(FLOORS[: FLOORS.index(module)])


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_is_imported_by_its_keepers_only(library: str) -> None:
    assert {module for module in MODULES if library in imports(module)[1]} == KEEPERS[library]


@pytest.mark.parametrize("module", FLOORS[FLOORS.index("moments") :])
def test_only_the_doors_hold_sql(module: str) -> None:
    text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert "SELECT " not in text
    assert "INSERT " not in text


def test_no_module_grows_out_of_hand() -> None:
    lengths = {m: len((PACKAGE / f"{m}.py").read_text().splitlines()) for m in MODULES}
    assert {m: n for m, n in lengths.items() if n > 350} == {}
