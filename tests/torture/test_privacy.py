"""What others must not read, and what must not lie anywhere: numbers of phones and of cards."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.builders import csv_text, plan, read_alone, row, take, write
from typer.testing import CliRunner

from cardstatus.cli.app import app
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.messages import ingest_notices
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.model.problems import Reason

PANS = ("4111111111111111", "5555 5555 5555 4444", "3782-822463-10005")
"""The networks' test numbers, which no card has."""


@pytest.fixture(params=[0o000, 0o022], ids="umask {:03o}".format)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def owned_files(folder: Path) -> Iterator[Path]:
    """The files of a folder, and those that this process has open, unlinked ones among them."""
    yield from (path for path in folder.iterdir() if path.is_file())
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            if stat.S_ISREG(descriptor.stat().st_mode) and "etilqs" in str(descriptor.readlink()):
                yield descriptor


class Watch:
    """A progress bar that looks at what lies on disk each time a piece of a file is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modes: dict[str, int] = {}
        self.contents = b""

    def start(self, total: int) -> None: ...

    def advance(self, count: int) -> None:
        for path in owned_files(self.folder):
            self.modes[path.name] = self.modes.get(path.name, 0) | path.stat().st_mode & 0o777
            self.contents += path.read_bytes()


# Who may read


@pytest.mark.usefixtures("umask")
def test_whatever_an_ingest_writes_is_its_owners_only(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    watch = Watch(tmp_path / "db")
    for name in ("pickup.csv", "returned.csv"):
        # More than SQLite's cache of temporary tables holds.
        write(tmp_path / "in", name, *[row(f"CRD{n:06}", comment=name) for n in range(40_000)])
    ingest([tmp_path / "in"], tmp_path / "db/cards.db", progress=watch)
    assert {"cards.db", "cards.db-wal", "cards.db-shm"} <= watch.modes.keys()
    if Path("/proc/self/fd").exists():
        assert len(watch.modes) > 3
    assert set(watch.modes.values()) == {0o600}
    assert [path.name for path in (tmp_path / "db").iterdir()] == ["cards.db"]


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("there", [None, 0o644, 0o666])
def test_an_export_is_its_owners_only(tmp_path: Path, there: int | None) -> None:
    target = tmp_path / "cards.csv"
    if there is not None:
        target.write_text("old")
        target.chmod(there)
    beside: list[Path] = []

    def chunks() -> Iterator[str]:
        beside.extend(path for path in tmp_path.iterdir() if path != target)
        assert [stat.S_IMODE(path.stat().st_mode) for path in beside] == [0o600]
        yield "card_id\n"

    streams.write_file(target, chunks())
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(("mode", "told"), [(0o644, True), (0o604, True), (0o660, False)])
def test_a_database_that_all_may_read_is_left_so_and_told(
    tmp_path: Path, database: Path, mode: int, told: bool
) -> None:
    drop = write(tmp_path, "pickup.csv", row())
    assert not any("any user" in notice for notice in ingest_notices(take(database, drop)))
    database.chmod(mode)
    notices = [n for n in ingest_notices(take(database, drop)) if "any user" in n]
    assert len(notices) == told
    assert stat.S_IMODE(database.stat().st_mode) == mode


# Phone numbers

FORMS = ("0585550123 ext 4", "+971 58 555 0123 / home", "(058) 555-0123 x", "00971-58.555.0123.",
         "call 585550123", "971585550123,0585550123", "0585550123;")  # fmt: skip


def shows_mobile(text: str) -> bool:
    """Whether text holds a mobile of FORMS, in whatever groups."""
    return "5855501" in re.sub(r"[\s().+/-]", "", text)


def assert_hides_mobiles(text: str) -> None:
    assert not shows_mobile(text), text


@pytest.mark.parametrize("column", range(5), ids=["ID", "Card ID", "mobile", "time", "comment"])
@pytest.mark.parametrize("above", [False, True], ids=["in a row", "in the header"])
def test_no_message_about_a_file_shows_a_mobile(
    tmp_path: Path, database: Path, column: int, above: bool
) -> None:
    header = ["ID", "Card ID", "Phone", "Timestamp", "Comment"]
    for number, form in enumerate(FORMS):
        cells = list(row(f"CRD{number:04}", mobile="58555"))
        (header if above else cells)[column] = form
        write(tmp_path / "in", f"pickup{number}.csv", cells, [*cells, ""], [form], header=header)
    report = take(database, tmp_path / "in", options=Options(strict=column == 0))
    assert_hides_mobiles("\n".join(ingest_notices(report)))
    assert_hides_mobiles("\n".join(file.error or "" for file in report.files))
    if database.exists():
        with Store.open(database) as store:
            assert_hides_mobiles("\n".join(problem.detail for problem in store.problems()))


ARGUMENTS = {
    "as card id": ("get", "--card-id"),
    "as mobile": ("get", "--mobile"),
    "as status": ("export", "--status"),
    "as severity": ("problems", "--severity"),
    "as format": ("export", "--format"),
    "as type": ("ingest", "in", "--type"),
    "as zone": ("ingest", "in", "--timezone"),
    "as country code": ("ingest", "in", "--country-code"),
    "as encoding": ("ingest", "in", "--encoding"),
    "as workers": ("ingest", "in", "--workers"),
    "as card id of a history": ("history", "--card-id"),
    "as mobile of a history": ("history", "--mobile"),
    "as time looked back to": ("get", "--card-id", "CRD1", "--as-of"),
    "as time of knowing": ("export", "--known-at"),
    "as now": ("check", "--now"),
    "as reason": ("check", "--reason"),
    "as other zone": ("check", "--also-zone"),
    "as span": ("stats", "--since"),
    "as number": ("stats", "--top"),
    "as line": ("get", "--input"),
    "as one more": ("get", "--card-id", "CRD1"),
    "as option": ("get", "--card-id", "CRD1", "--x"),
    "as command": (),
}


@pytest.mark.parametrize("before", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_no_message_about_an_argument_shows_a_mobile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    take(Path("cardstatus.db"), write(tmp_path, "in/pickup.csv", row()))
    for form in FORMS:
        arguments = [*before, form]
        if before[-1:] == ("--x",):
            arguments = [*before[:-1], f"--{form.replace(' ', '')}"]
        if before[-1:] == ("--input",):
            Path("asked.txt").write_text(f"{form}\n")
            arguments = [*before, "asked.txt"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code in {1, 2, 4}
        assert result.stderr
        assert_hides_mobiles(result.stderr)


def test_the_traceback_of_a_bug_shows_no_mobile(tmp_path: Path) -> None:
    bug = "from cardstatus.courier.cells import values; values.unwrap = lambda cell: {}[cell]"
    code = f"{bug}; from cardstatus.__main__ import main; main()"
    file = write(tmp_path, "pickup.csv", row("+971 58 555 0123"))
    done = subprocess.run(
        [sys.executable, "-c", code, "ingest", file, "--db", tmp_path / "cards.db"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "KeyError: '…0123'" in done.stderr
    assert_hides_mobiles(done.stderr)


# Payment card numbers


def pan_file(folder: Path) -> Path:
    """A file with such a number in every cell of good rows and of every kind of bad one."""
    rows = [
        row(**{field: pan})
        for field in ("card_id", "time", "mobile", "reference", "comment")
        for pan in PANS
    ]
    rows += [
        *[(pan, pan, pan, pan, pan) for pan in PANS],
        *[(f"A1 {pan}", f"CRD-{pan}", f"'{pan}", f"{pan}.", f"VISA{pan}") for pan in PANS],
        *[("A1", pan) for pan in PANS],
        *[("A1", pan, "", "", "", "", pan) for pan in PANS],
    ]
    text = csv_text(rows).encode()
    for pan in PANS:
        bad = pan.encode()
        text += b'A1,CRD1,"' + bad + b",13-11-2023 14:00,\n"
        text += b"A1,CRD1," + bad + b",13-11-2023 14:00,caf\xe9\n"
        # Cut for evidence, and read as a line too long: the number stands across each cut.
        for before in (1_990, 1_985, 1_980):
            text += b"A1,CRD1,1,13-11-2023 14:00," + b"x" * (before - 27) + bad + b",\n"
        text += b"x" * 1_990 + bad + b"x" * (1 << 20) + b"\n"
    path = folder / "pickup.csv"
    path.write_bytes(text)
    return path


def shown_digits(text: bytes) -> list[str]:
    """The numbers of PANS that stand in text, in whatever groups, and such beginnings of them as
    say it all: but for the check digit.
    """
    joined = re.sub(rb"[\s\x00-\x1f-]", b"", text).decode("latin-1")
    return [pan for pan in PANS if re.sub(r"\D", "", pan)[:12] in joined]


@pytest.mark.parametrize("strict", [False, True], ids=["", "strict"])
def test_no_payment_card_number_lies_on_disk(tmp_path: Path, database: Path, strict: bool) -> None:
    (tmp_path / "db").mkdir()
    watch = Watch(tmp_path / "db")
    file = pan_file(tmp_path)
    assert shown_digits(file.read_bytes()) == list(PANS)
    report = ingest([file], tmp_path / "db/cards.db", Options(strict=strict), progress=watch)
    watch.advance(0)
    assert len(watch.contents) > 10_000
    assert shown_digits(watch.contents) == []
    assert shown_digits("\n".join(ingest_notices(report)).encode()) == []
    with Store.open(tmp_path / "db/cards.db") as store:
        reasons = [problem.reason for problem in store.problems()]
        for problem in store.problems():
            assert shown_digits("\n".join(map(str, problem)).encode()) == []
    assert reasons.count(Reason.PAYMENT_CARD_NUMBER) >= 6 * len(PANS)


def test_no_payment_card_number_travels_between_processes(tmp_path: Path) -> None:
    (piece,) = read_alone(plan(pan_file(tmp_path)))
    assert len(piece.content) > 10_000
    assert shown_digits(piece.content) == []


def test_a_masked_event_is_the_same_event_when_it_is_sent_again(
    tmp_path: Path, database: Path
) -> None:
    first = write(tmp_path, "pickup.csv", row(comment=f"took {PANS[0]}", reference=PANS[0]))
    again = write(tmp_path, "pickup2.csv", row(comment=f" took {PANS[0]} ", reference=PANS[0]))
    masked = re.sub(r"(?<=\d{6})\d{6}(?=\d{4})", "******", PANS[0])
    third = write(tmp_path, "pickup3.csv", row(comment=f"took {masked}", reference=masked))
    counts = [
        (t.new, t.duplicates) for t in (take(database, f).totals for f in (first, again, third))
    ]
    assert counts == [(1, 0), (0, 1), (0, 1)]


@pytest.mark.parametrize("pan", PANS)
def test_a_question_with_a_payment_card_number_is_refused(
    tmp_path: Path, database: Path, pan: str
) -> None:
    take(database, write(tmp_path, "pickup.csv", row()))
    result = CliRunner().invoke(app, ["get", "--db", str(database), "--card-id", pan])
    assert result.exit_code == 2
    assert "payment card number" in result.stderr
    assert shown_digits(result.output.encode()) == []


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_payment_card_number_in_a_list_is_masked_and_the_id_of_no_card(
    tmp_path: Path, database: Path, form: str
) -> None:
    take(database, write(tmp_path, "pickup.csv", row()))
    (asked := tmp_path / "asked.txt").write_text("\n".join(["CRD1", *PANS]))
    question = ["get", "--db", str(database), "--format", form, "--input", str(asked)]
    result = CliRunner().invoke(app, question)
    assert result.exit_code == 4
    assert "no card matches '411111******1111'" in result.stderr
    assert shown_digits(result.output.encode()) == []
    assert "CRD1" in result.stdout


def test_the_reason_is_one_that_scripts_can_match(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row(PANS[0]), row("CRD2", comment=PANS[1])))
    result = CliRunner().invoke(app, ["problems", "--db", str(database), "--format", "json"])
    assert [(p["severity"], p["field"], p["reason"]) for p in json.loads(result.stdout)] == [
        ("rejected", "card_id", "payment_card_number"),
        ("warning", "comment", "payment_card_number"),
    ]
