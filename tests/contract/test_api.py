"""The Python API: its names, how they are loaded, and the examples of docs/python.md."""

import ast
import dataclasses
import doctest
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.builders import row, status_of, write

import cardstatus

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")
SOURCE = Path(cardstatus.__file__).read_text(encoding="utf-8")

FUNCTIONS = {"ingest", "open", "watch", "read_partners"}
ERRORS = {"CardStatusError", "DatabaseError", "OlderSchemaError", "SourceError", "UsageError"}
TYPES = {
    "CardEvent", "CardStatus", "Counts", "DateOrder", "EventType", "FileReport", "IngestReport",
    "Options", "Outcome", "Partner", "Progress", "Settings", "Severity", "Status", "StatusChange",
    "Store", "StoredProblem", "WatchOptions", "WatchedFile",
}  # fmt: skip


def python(code: str) -> str:
    """Run code in an interpreter of its own, and return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_exported() -> None:
    assert sorted(cardstatus.__all__) == sorted({"__version__"} | FUNCTIONS | ERRORS | TYPES)
    assert dir(cardstatus) == sorted(cardstatus.__all__)


@pytest.mark.parametrize("name", cardstatus.__all__)
def test_each_name_is_loaded_and_calls_itself_by_it(name: str) -> None:
    value = getattr(cardstatus, name)
    if name != "__version__":
        assert (value.__module__, value.__name__) == ("cardstatus", name)
        assert value.__doc__
        assert pickle.loads(pickle.dumps(value)) is value
        assert re.search(rf"`{name}\b|\bcardstatus\.{name}\b", PAGE)


def test_checkers_of_types_see_the_names_that_are_loaded() -> None:
    (block,) = (
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    )
    seen = {
        name.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname
    }
    loaded = {name: f"cardstatus.{home}" for name, home in cardstatus._HOME.items()}
    assert seen == loaded


def test_import_alone_loads_nothing_else() -> None:
    code = "import cardstatus, sys; print(*(n for n in sys.modules if n[:10] == 'cardstatus'))"
    assert python(code) == "cardstatus\n"


def test_a_question_loads_nothing_that_takes_files_in() -> None:
    code = "import cardstatus, sys; cardstatus.open('x.db'); print(*sys.modules)"
    loaded = set(python(code).split())
    assert "cardstatus.database.reading.store" in loaded
    assert loaded.isdisjoint({"cardstatus.ingestion", "cardstatus.courier", "typer", "rich"})


def test_star_gives_every_name() -> None:
    names = python("from cardstatus import *; print(*sorted(dir()))").split()
    assert set(cardstatus.__all__) <= set(names)


def test_a_name_that_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'cardstatus' has no attribute 'ingset'"):
        _ = cardstatus.ingset


def test_a_traceback_calls_errors_by_the_names_that_are_imported() -> None:
    code = "import cardstatus; cardstatus.open('no.db').__enter__()"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith("cardstatus.DatabaseError: there is no")


@pytest.mark.parametrize("form", [str, Path])
def test_paths_are_text_or_paths_one_or_several(
    tmp_path: Path, form: "type[str] | type[Path]"
) -> None:
    write(tmp_path, "in/pickup.csv", row("CRD1"))
    write(tmp_path, "more/delivered.csv", row("CRD1", "14-11-2023 10:00"))
    database = form(tmp_path / "cards.db")
    assert cardstatus.ingest(form(tmp_path / "in"), database).totals.new == 1
    assert cardstatus.ingest([form(tmp_path / "more")], database).totals.new == 1
    assert status_of(tmp_path / "cards.db") == "delivered"
    once = cardstatus.WatchOptions(0, archive=form(tmp_path / "done"), once=True)
    for folders in (form(tmp_path / "in"), [form(tmp_path / "more")]):
        (file,) = cardstatus.watch(folders, database, watch_options=once)
        assert file.archived is not None
        assert file.archived.parent == tmp_path / "done"


def test_watch_refuses_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(cardstatus.CardStatusError, match="there is no folder"):
        cardstatus.watch(tmp_path / "nowhere", tmp_path / "cards.db")
    with pytest.raises(cardstatus.UsageError, match="Mars"):
        cardstatus.watch(tmp_path, tmp_path / "c.db", cardstatus.Options(timezone="Mars"))


def fields_of(kind: type) -> list[str]:
    """Return the fields of a named tuple or a dataclass."""
    names: list[str] = list(getattr(kind, "_fields", ()))
    return names or [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize(
    "name", ["Counts", "FileReport", "IngestReport", "Settings", "StatusChange", "WatchOptions",
    "WatchedFile"],
)  # fmt: skip
def test_the_page_names_every_field(name: str) -> None:
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.DOTALL | re.MULTILINE)
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", prose))))
    assert [field for field in fields_of(getattr(cardstatus, name)) if field not in words] == []


def test_the_examples_of_the_page_give_what_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert [language for language, _ in blocks] == ["pycon"] * len(blocks)
    text = "\n".join(block for _, block in blocks)
    page = doctest.DocTestParser().get_doctest(text, {}, "docs/python.md", "docs/python.md", 0)
    assert len(page.examples) >= 15
    failed, _ = doctest.DocTestRunner().run(page)
    assert failed == 0
