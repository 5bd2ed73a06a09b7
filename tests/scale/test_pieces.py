"""Files cut into pieces anywhere, and read piece by piece as tasks read them; needs no Java."""

from pathlib import Path

import pytest
from support.builders import csv_text, row, write

pytest.importorskip("pyspark")

from cardstatus.courier.files import reader
from cardstatus.spark import planning
from cardstatus.spark.source import CardStatusReader

pytestmark = pytest.mark.scale

QUOTED = [
    row("CRD1", comment="two\nlines"),
    row("CRD2", comment='said "no"\n\n"never"'),
    row("CRD3"),
    row("CRD4", comment="a,b\r\nc"),
    row("CRD5", comment="x" * 40 + "\n" * 5 + "y"),
    row("CRD6"),
]


def read(what: str, folder: Path) -> list[tuple[object, ...]]:
    """Read all pieces as tasks would, each by itself and the last first."""
    source = CardStatusReader(what, {"path": str(folder)})
    found = [
        tuple(record.values())
        for partition in reversed(source.partitions())
        for batch in source.read(partition)
        for record in batch.to_pylist()
    ]
    return sorted(found, key=str)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "PARTS_A_PIECE", 1)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_cut_anywhere_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    text = csv_text(QUOTED).replace("\n", end) + f'CRD7,"open{end}A2,CRD8,585550101{end}'
    path = tmp_path / "pickup.csv"
    path.write_text(text, encoding="utf-8", newline="")
    whole = read("events", tmp_path), read("problems", tmp_path), read("files", tmp_path)
    assert [record[0] for record in whole[0]] == [f"CRD{n}" for n in range(1, 7)]
    assert whole[1]
    pieces = set()
    for size in range(8, len(text)):
        monkeypatch.setattr(reader, "PART", size)
        pieces.add(len(CardStatusReader("events", {"path": str(tmp_path)}).partitions()))
        assert (
            read("events", tmp_path), read("problems", tmp_path), read("files", tmp_path)
        ) == whole  # fmt: skip
    assert max(pieces) > 6


def test_a_file_that_changes_fails_its_task_with_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "pickup.csv", row("CRD1"))
    source = CardStatusReader("events", {"path": str(tmp_path)})
    (partition,) = source.partitions()
    path.write_text(csv_text([row("CRD2")]))
    with pytest.raises(RuntimeError, match=r"pickup\.csv: changed while it was being read"):
        list(source.read(partition))
    path.unlink()
    with pytest.raises(RuntimeError, match=r"pickup\.csv: cannot be read: no such file"):
        list(source.read(partition))


def test_files_that_are_not_read_are_told_of(tmp_path: Path) -> None:
    write(tmp_path, "1 pickup.csv", row("CRD1"))
    write(tmp_path, "2 pickup.csv", row("CRD1"))
    write(tmp_path, "3 delivered.csv", row("CRD1"))
    write(tmp_path, "4 unknown.csv", row("CRD1"))
    write(tmp_path, "5 pickup.csv", row(""))
    files = read("files", tmp_path)
    assert [(record[1], record[2]) for record in files] == [
        ("pickup", "ingested"), ("pickup", "unchanged"), ("delivered", "failed"),
        (None, "failed"), ("pickup", "failed"),
    ]  # fmt: skip
    assert "the same bytes are in as pickup" in str(files[2][8])
    assert len(read("events", tmp_path)) == 1


def test_a_file_with_the_month_first_is_refused_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", row("CRD1", "11/12/2023 9:00"), row("CRD2", "11/13/2023 9:00"))
    assert read("events", tmp_path) == []
    assert read("files", tmp_path)[0][2] == "failed"
