"""The pages for those who carry on are true: links, files, targets, names and records."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from contract.test_architecture import KEEPERS, ORDER

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "cardstatus"
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(path for top in ("docs", "bench", "sample_data") for path in
    (ROOT / top).rglob("*.md"))]
)  # fmt: skip
CARRY_ON = [
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "architecture.md",
    ROOT / "docs" / "releasing.md",
]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    """Return what a page is called in the names of tests."""
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are linked by."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code_words(page: Path) -> list[str]:
    """Return what stands in a page as code."""
    return re.findall(r"`([^`]+)`", text_of(page).replace("\n", " "))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    # Names in capitals stand for whatever one adds.
    for word in code_words(page):
        if re.fullmatch(r"(src|tests|docs|bench|tools|sample_data)/[\w./-]+", word):
            assert re.search(r"\b[A-Z]{3,}\b", word) or (ROOT / word).exists(), word
        elif re.fullmatch(r"\w+/[\w/]+\.py", word) and word.split("/")[0] in ORDER:
            assert (SOURCE / word).exists(), word


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_targets_that_are_named_are_in_the_makefile(page: Path) -> None:
    named = [*code_words(page), *page.read_text("utf-8").splitlines()]
    for target in filter(None, (re.match(r"make ([a-z-]+)", word) for word in named)):
        assert f"\n{target[1]}:" in MAKEFILE, target[0]


def test_the_hook_before_a_commit_runs_a_target() -> None:
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert hooks == ["make lint"]


# Names of the code


def defined(tree: ast.Module | ast.ClassDef) -> dict[str, ast.AST]:
    """Return what a module or a class defines, by name."""
    names: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return names


def is_there(dotted: str) -> bool:
    """Tell whether ``package.module.Class.method``, or the beginning of it, is in the code."""
    place, names = SOURCE, dotted.split(".")
    while names and (place / names[0]).is_dir():
        place /= names.pop(0)
    if not names:
        return True
    file = place / f"{names.pop(0)}.py"
    if not file.exists():
        return False
    node: ast.AST | None = ast.parse(file.read_text("utf-8"))
    for name in names:
        if not isinstance(node, ast.Module | ast.ClassDef):
            return False
        node = defined(node).get(name)
    return node is not None


@pytest.mark.parametrize(
    ("dotted", "there"),
    [
        ("rules.ordering", True),
        ("rules.ordering.KEY", True),
        ("database.reading.store.Store.card", True),
        ("cli.commands.asking.get", True),
        ("rules.odering", False),
        ("database.reading.store.Store.crad", False),
    ],
)
def test_a_name_is_found_or_not(dotted: str, there: bool) -> None:
    assert is_there(dotted) is there


@pytest.mark.parametrize("page", [*CARRY_ON, *DECISIONS.glob("*.md")], ids=name_of)
def test_names_of_the_code_are_true(page: Path) -> None:
    for word in re.findall(r"[\w.]+", page.read_text("utf-8")):
        if word.split(".")[0] in ORDER and re.fullmatch(r"[a-z_]+(\.\w+)+", word):
            assert word.endswith((".md", ".py")) or is_there(word), word


def test_the_table_of_packages_is_that_of_the_code() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\|([^|]*)\|$", page, re.MULTILINE)
    assert [package for package, _ in rows] == ORDER
    for package, keeps in rows:
        libraries = {library for library, keepers in KEEPERS.items() if package in keepers}
        assert set(re.findall(r"`(\w+)`", keeps)) == libraries


# Decisions


def records(page: Path) -> Iterator[tuple[str, str, str]]:
    """Yield question, date and status with what stands below, for each record of a page."""
    text = page.read_text("utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        question, _, rest = part.partition("\n")
        yield question, *rest.strip().partition("\n")[::2]


DECISION_PAGES = sorted(path for path in DECISIONS.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", DECISION_PAGES, ids=name_of)
def test_a_record_says_when_what_why_and_what_would_change_our_mind(page: Path) -> None:
    found = list(records(page))
    assert found
    for question, heading, body in found:
        assert question.endswith("?")
        told = re.fullmatch(
            r"\*(\S+)(?:, changed (\S+))? · (?:stands|superseded by \[.+\]\(.+\))\*", heading
        )
        assert told, question
        for day in filter(None, told.groups()):
            assert date.fromisoformat(day) >= date(2026, 11, 23)
        said = re.findall(r"^\*\*(.*?)\.\*\* ?\S?", body, re.MULTILINE)
        assert said == ["Choice", "Why", "What would change our mind"], question


def test_the_index_lists_every_record() -> None:
    index = (DECISIONS / "README.md").read_text("utf-8")
    listed = re.findall(
        r"^\| \[(.*)\]\(([\w-]+\.md)#.*\) \| (\S+) \| (stands|superseded) \|$", index, re.MULTILINE
    )
    written = [
        (question, page.name, heading[1:11], re.findall(r"stands|superseded", heading)[0])
        for page in DECISION_PAGES
        for question, heading, _ in records(page)
    ]
    assert sorted(listed) == sorted(written)
    # A record whose choice was taken back is superseded, not removed.
    assert len(written) >= 66


# What is installed and shipped


def test_the_versions_are_held_under_the_oldest_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert f"LOCK_PYTHON ?= python{oldest}\n" in MAKEFILE


def test_every_dependency_is_held_to_one_version() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*config["project"]["dependencies"], *config["build-system"]["requires"]]
    for extra in config["project"]["optional-dependencies"].values():
        wanted += extra
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    held = [re.fullmatch(r"([\w.-]+)==[\w.]+", line) for line in lines if line[0] != "#"]
    assert all(held)
    names = {match[1].lower().replace("_", "-") for match in held if match}
    assert {re.match(r"[\w-]+", text)[0] for text in wanted} - {"cardstatus"} <= names  # type: ignore[index]


def test_the_table_of_dependencies_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["watch"], *extras["web"]]
    house = (DECISIONS / "house.md").read_text("utf-8")
    rows = re.findall(
        r"^\| ([a-z0-9-]+) \| (?:`(.*?)`|any)(?:, extra `\w+`)? \|", house, re.MULTILINE
    )
    assert sorted(name + version for name, version in rows) == sorted(wanted)


def test_the_sdist_carries_what_the_pages_name() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    carried = config["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for name in carried:
        assert (ROOT / name).exists(), name
    tops = {"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "constraints.txt", "tools", "docs"}
    assert tops <= set(carried)
