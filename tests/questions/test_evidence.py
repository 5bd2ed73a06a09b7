"""The row that an answer rests on, from a file that may have gone or changed."""

import gzip
from pathlib import Path

import pytest
from support.builders import HOUR, csv_text, row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.ingestion.arriving.wakeups import Wakeup
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.watch import WatchOptions, watch
from cardstatus.questions.evidence import Evidence
from cardstatus.questions.history import explain


def evidence(database: Path, card_id: str = "CRD1", *, reads: bool = True) -> Evidence:
    with Store.open(database) as store:
        card = store.card(card_id)
        assert card
        (explained,) = explain(store, [card], HOUR, reads_files=reads)
    assert explained.evidence
    return explained.evidence


def test_the_row_is_read_from_the_file(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD0"), row("CRD1", comment='say "x"'), row("CRD2"))
    take(database, file)
    found = evidence(database)
    assert found["row"] == 'A1,CRD1,585550101,13-11-2023 14:00,"say ""x"""'
    assert (found["path"], found["archived"], len(found["sha256"])) == (str(file), None, 64)
    assert evidence(database, reads=False) == {**found, "row": None}


def test_a_row_over_several_lines_is_whole(tmp_path: Path, database: Path) -> None:
    lines = "first\nsecond\n\nlast"
    file = write(tmp_path, "pickup.csv", row("CRD0", comment=lines), row("CRD1", comment=lines))
    take(database, file)
    assert (evidence(database)["row"] or "").startswith("A1,CRD1,")
    assert (evidence(database)["row"] or "").endswith('last"')


def test_a_gzipped_file_is_read(tmp_path: Path, database: Path) -> None:
    (tmp_path / "pickup.csv.gz").write_bytes(gzip.compress(csv_text([row("CRD1")]).encode()))
    take(database, tmp_path / "pickup.csv.gz")
    assert (evidence(database)["row"] or "").startswith("A1,CRD1,")


def test_a_row_is_read_as_it_was(tmp_path: Path, database: Path) -> None:
    file = tmp_path / "pickup.csv"
    file.write_bytes(csv_text([row("CRD1", comment="schön")]).encode("cp1252"))
    take(database, file, options=Options(encoding="cp1252"))
    assert (evidence(database)["row"] or "").endswith("schön")


def test_no_row_is_shown_of_a_file_that_has_gone_or_changed(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path, "pickup.csv", row("CRD1"))
    take(database, file)
    content = file.read_bytes()
    file.write_bytes(content.replace(b"note", b"nope"))
    assert evidence(database)["row"] is None
    file.unlink()
    assert evidence(database)["row"] is None
    file.mkdir()
    assert evidence(database)["row"] is None
    file.rmdir()
    file.write_bytes(content)
    assert evidence(database)["row"]


def test_no_payment_card_number_is_shown(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row("CRD1", comment="4111 1111 1111 1111")))
    assert "4111 1111 1111" not in (evidence(database)["row"] or "")
    assert "CRD1" in (evidence(database)["row"] or "")


@pytest.fixture
def archived(tmp_path: Path, database: Path) -> Path:
    """A folder that is watched, with an archive."""
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def look(folder: Path, database: Path) -> None:
    options = WatchOptions(0, folder.parent / "done", once=True)
    list(watch([folder], database, Options(), options, [Wakeup()]))


def test_the_archive_is_noted_and_files_of_one_name_are_told_apart(
    archived: Path, database: Path
) -> None:
    write(archived, "DELIVERED.CSV", row("CRD1"))
    look(archived, database)
    write(archived, "DELIVERED.CSV", row("CRD2"))
    look(archived, database)
    first, second = evidence(database), evidence(database, "CRD2")
    done = archived.parent / "done"
    assert first["archived"] == str(done / "DELIVERED.CSV")
    assert second["archived"] == str(done / "DELIVERED (2).CSV")
    assert first["path"] == second["path"] == str(archived / "DELIVERED.CSV")
    assert first["sha256"] != second["sha256"]
    assert "CRD1" in (first["row"] or "")
    assert "CRD2" in (second["row"] or "")


def test_a_file_that_comes_again_does_not_change_where_another_is(
    archived: Path, database: Path
) -> None:
    """The last that was read at the path has the note of its own place."""
    content = write(archived, "DELIVERED.CSV", row("CRD1")).read_bytes()
    look(archived, database)
    write(archived, "DELIVERED.CSV", row("CRD2"))
    look(archived, database)
    (archived / "DELIVERED.CSV").write_bytes(content)
    look(archived, database)
    assert (evidence(database, "CRD2")["archived"] or "").endswith("(2).CSV")
    assert evidence(database)["row"]
    assert len(list((archived.parent / "done").iterdir())) == 3
