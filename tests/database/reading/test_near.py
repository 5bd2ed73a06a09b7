"""Near ids of known cards, against the definition, however their files came in."""

import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import row, take, write

from cardstatus.database.reading.store import Store
from cardstatus.database.schema import forms, version
from cardstatus.ingestion.options import Options
from cardstatus.rules.spelling import are_near

HANDED = "CRD1001"


def stocked(folder: Path, *files: Iterable[str]) -> Path:
    """Ingest one file after another, each with a row for each of its card ids."""
    database = folder / "cards.db"
    for number, card_ids in enumerate(files):
        take(database, write(folder, f"pickup_{number}.csv", *map(row, card_ids)), now=number)
    return database


def aliases(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM card_alias").fetchone()[0])


def pairs_of(card_ids: Iterable[str]) -> set[tuple[str, str]]:
    pairs = combinations(sorted(set(card_ids)), 2)
    return {(one, other) for one, other in pairs if are_near(one, other)}


FORMS = {
    "capitals": "CRD{:d}",
    "capitals and zeros": "BAA{:04d}",
    "hyphens and zeros": "ENB-{:06d}",
    "small letters": "crd{:d}",
    "two numbers": "2023-{:05d}",
    "a long number": "{:012d}",
    "blanks": "Karte {:d}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_cards_of_one_form_need_no_alias(tmp_path: Path, form: str) -> None:
    numbers = [0, 7, 10, 11, 99, 100, 1234, 9999]
    database = stocked(tmp_path, [form.format(number) for number in numbers])
    assert aliases(database) == 0
    with Store.open(database) as store:
        assert not store.has_near_ids()
        assert list(store.near_pairs()) == []
        assert store.near_ids(form.format(1235)) == []
        asked = form.format(1234).swapcase().replace("-", "")
        assert store.near_ids(asked) in ([form.format(1234)], [])
        assert store.near_ids(f"{form.format(1234)}.") == [form.format(1234)]


def test_a_stray_has_the_only_alias(tmp_path: Path) -> None:
    cards = [f"ENB-{number:06d}" for number in range(300)]
    database = stocked(tmp_path, cards, ["enb123", "ENB999"], ["ENB-000300"])
    assert aliases(database) == 2
    with Store.open(database) as store:
        assert store.has_near_ids()
        assert store.near_ids("enb123") == ["ENB-000123"]
        assert store.near_ids("ENB-000123") == ["enb123"]
        assert store.near_ids("ENB 999") == ["ENB999"]
        assert list(store.near_pairs()) == [("ENB-000123", "enb123")]


SPELT = st.sampled_from(
    [
        "CRD1", "crd1", "CRD-1", "CRD001", "\u0421RD1", "CRD2", "crd-02", "1-11", "11-1", "111",
        "2023-0001", "2023-1", "20230001", "2023.01", "Stra\u00dfe1", "STRASSE1",
        "\u00c41", "\u00e4-1",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(SPELT, min_size=1, max_size=6), min_size=1, max_size=4), st.randoms())
def test_near_ids_are_those_of_the_definition_in_any_order_of_files(
    files: list[Sequence[str]], chance: random.Random
) -> None:
    known = sorted({card_id for file in files for card_id in file})
    shuffled = [chance.sample(file, len(file)) for file in chance.sample(files, len(files))]
    for some in (files, shuffled):
        with TemporaryDirectory() as name, Store.open(stocked(Path(name), *some)) as store:
            pairs = list(store.near_pairs())
            assert len(pairs) == len(set(pairs))
            assert set(pairs) == pairs_of(known)
            for asked in (*known, "c r d 1", "2023 1", "1 1 1"):
                near = [card_id for card_id in known if are_near(asked, card_id)]
                assert store.near_ids(asked) == near


def test_a_database_brought_up_to_date_has_the_same(tmp_path: Path) -> None:
    cards = ["CRD1", "crd-1", "\u0421RD1", "1-11", "111", "11-1", "ENB-0001", "ENB-0002", "e1"]
    database = stocked(tmp_path, cards)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            f"""
            DELETE FROM card_alias; DROP TABLE card_form;
            PRAGMA user_version = {version.SCHEMA_VERSION - 1};
            INSERT INTO card_alias VALUES ('CRD-1', 'crd-1'), ('E1', 'e1');
            DELETE FROM _sqlite_migrations WHERE name = 'm006_forms_of_card_ids';
            """
        )
    take(database, write(tmp_path, "pickup_9.csv", row("E-1")))
    with Store.open(database) as store:
        assert set(store.near_pairs()) == pairs_of([*cards, "E-1"])


def test_ids_at_random_have_near_ids_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the forms that are listed and chosen, every id has an alias."""
    monkeypatch.setattr(forms, "_MOST_KINDS", 2)
    monkeypatch.setattr("cardstatus.rules.spelling.MOST_FORMS", 3)
    chance = random.Random(1)
    first, second = (
        ["".join(chance.choices("aB-1", k=6)) + "1" for _ in range(40)] for _ in range(2)
    )
    database = stocked(tmp_path, first[:2], first, second, ["CRD1", "crd1"])
    with Store.open(database) as store:
        assert set(store.near_pairs()) == pairs_of([*first, *second, "CRD1", "crd1"])
        assert store.near_ids("crd1") == ["CRD1"]


def test_a_form_that_comes_after_an_alias_does_not_hide_it(tmp_path: Path) -> None:
    """A letter of another script came first, and its kind had no form then."""
    with Store.open(stocked(tmp_path, ["\u04101"], ["a1", "a2", "a3"])) as store:
        assert store.near_ids("a1") == ["\u04101"]
        assert store.near_ids("\u04101") == ["a1"]


def test_ingest_counts_the_pairs_that_a_run_has_made(tmp_path: Path, database: Path) -> None:
    first = write(tmp_path, "pickup.csv", row(HANDED), row("CRD1002"), row("crd1002"))
    report = take(database, first)
    assert (report.near_ids, report.near_example) == (1, ("CRD1002", "crd1002"))
    again = write(tmp_path, "delivered.csv", row("CRD1002", "14-11-2023 10:00"))
    assert take(database, again).near_ids == 0
    stray = write(tmp_path, "returned.csv", row("CRD-1002", "14-11-2023 10:00"), row("X1"))
    dry = take(database, stray, options=Options(dry_run=True))
    assert dry.near_ids == take(database, stray).near_ids == 2
    assert take(database, stray).near_ids == 0


def test_looking_back_hides_near_ids_that_were_not_known(tmp_path: Path) -> None:
    database = stocked(tmp_path, [HANDED], ["crd1001"])
    for known_at, near in ((0, []), (1, ["crd1001"])):
        with Store.open(database) as store:
            store.look_back(known_at=known_at)
            assert store.near_ids(HANDED) == near
            assert store.has_near_ids() == bool(near)
            assert list(store.near_pairs()) == [(HANDED, card_id) for card_id in near]
