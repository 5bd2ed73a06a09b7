"""The rule as SQL, as docs/scale.md shows it, gives on other engines what the program gives."""

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.builders import row, statuses, take, write
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.rules import ordering

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")
pytestmark = pytest.mark.scale

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
(RULE,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
TIES = [
    row(card, time, reference=reference, mobile=mobile, comment=comment)
    for card in ("CRD1", "CRD2", "crd1")
    for time in ("13-11-2023 14:00", "2023-11-13T14:00:00.0000001Z", "2023-11-13T14:00:00.0000002Z")
    for reference in ("", "B", "a", "é", "😀", "～")
    for mobile, comment in (("", ""), ("585550101", ""), ("585550102", "x"), ("585550102", "Y"))
]
"""Events that differ in one part of the rule only, with text that collations order otherwise."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    for name, rows in (("delivered", TIES), ("returned", TIES[::2]), ("pickup", TIES)):
        write(folder / "in", f"{name}.csv", *rows)
    take(folder / "cards.db", folder / "in", ROOT / "sample_data")
    parquet = str(folder / "events.parquet")
    command = ["export", "--events", parquet, "--db", str(folder / "cards.db")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    duckdb.sql(f"COPY (SELECT * FROM '{parquet}') TO '{folder}/events.csv'")
    return folder


def expected(folder: Path) -> list[tuple[object, ...]]:
    found = [(c.card_id, c.status, c.source, c.line) for c in statuses(folder / "cards.db")]
    assert len(found) > 40
    return found


def test_the_query_has_the_parts_of_the_rule_in_its_order() -> None:
    order = RULE[RULE.index("ORDER BY") : RULE.index("AS place")]
    own = {"occurred_at": "occurred_ns", "type": "stage"}
    assert re.findall(r"occurred_ns|stage|reference|mobile|comment", order) == [
        own.get(name, name) for name in ordering.KEY
    ]
    assert order.count("DESC") == len(ordering.KEY)


def test_duckdb_gives_the_same(folder: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW events AS SELECT * FROM '{folder}/events.parquet'")
    answers = connection.execute(f"SELECT card_id, status, source, line FROM ({RULE})").fetchall()
    assert sorted(answers) == sorted(expected(folder))


def test_days_in_folders_are_the_same_events(folder: Path, tmp_path: Path) -> None:
    days = tmp_path / "days.parquet"
    command = ["export", "--events", "--by-day", str(days), "--db", str(folder / "cards.db")]
    assert CliRunner().invoke(app, command).exit_code == 0
    names = "card_id, occurred_ns, stage, reference, mobile, comment, source, line"
    one, many = (
        duckdb.sql(f"SELECT {names} FROM read_parquet('{place}')").fetchall()
        for place in (folder / "events.parquet", days / "**" / "*.parquet")
    )
    assert sorted(one, key=str) == sorted(many, key=str)
    assert {path.stat().st_mode & 0o777 for path in days.rglob("*.parquet")} == {0o600}


@pytest.fixture(scope="module")
def psql() -> Iterator[Callable[..., str]]:
    """A PostgreSQL of its own on a socket in a temporary folder."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed")
    programs_at = programs[-1]
    place = Path(tempfile.mkdtemp(prefix="pg"))
    user: list[str] = []
    if os.getuid() == 0:  # it refuses to run as root
        shutil.chown(place, "postgres")
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = place / "data"

    def run(*command: str | Path, **options: str) -> str:
        done = subprocess.run(
            [*user, *map(str, command)], capture_output=True, text=True, check=True, cwd=place,
            **options,
        )  # fmt: skip
        return done.stdout

    run(programs_at / "initdb", "-D", data, "-A", "trust", "-U", "tester", "--locale=C.UTF-8")
    socket = f"-c listen_addresses='' -c unix_socket_directories='{place}' -c fsync=off"
    # Its output would keep the pipe open.
    log = place / "log"
    run(programs_at / "pg_ctl", "-D", data, "-l", log, "-o", socket, "-w", "start")
    try:
        yield lambda sql, **given: run(
            "psql", "-h", place, "-U", "tester", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "--csv",
            "-q", "-c", sql, **given,
        )  # fmt: skip
    finally:
        run(programs_at / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place)


def test_postgresql_gives_the_same(folder: Path, psql: Callable[..., str]) -> None:
    psql(
        "CREATE TABLE events (card_id text, status text, occurred_at timestamptz, mobile text, "
        "comment text, reference text, source text, line bigint, occurred_ns bigint, stage int)"
    )
    rows = (folder / "events.csv").read_text(encoding="utf-8")
    psql("COPY events FROM STDIN WITH (FORMAT csv, HEADER)", input=rows)
    answers = psql(f"SELECT card_id, status, source, line FROM ({RULE}) AS found")
    found = [(c, s, f, int(n)) for c, s, f, n in list(csv.reader(io.StringIO(answers)))[1:]]
    assert found == expected(folder)
