"""Partners' declarations in a run: applied to their files alone, settled by the first of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import permutations
from pathlib import Path

import pytest
from support.builders import HEADER, row, statuses, take, write

from cardstatus.courier.partners.declaration import Partner
from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.database.settled import stored_partners
from cardstatus.errors import CardStatusError, DatabaseError
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
from cardstatus.ingestion.standing.undo import Choice, undo
from cardstatus.ingestion.watch import watch
from cardstatus.model.dates import DateOrder
from cardstatus.model.records import EventType
from cardstatus.model.reports import Outcome

ACME = Partner(
    "acme",
    ("acme/**",),
    timezone="Asia/Dubai",
    country_code="44",
    dates=DateOrder.MONTH_FIRST,
    encoding="cp1256",
    card_id_pattern=r"ENB-\w+",
    columns={
        "card_id": ("AWB Card",),
        "mobile": ("Cust Cell",),
        "occurred_at": ("Scan Date", "Scan Time"),
        "comment": ("Leg",),
    },
    types={EventType.DELIVERED: ("POD *",)},
)
THEIRS = ("AWB Card", "Cust Cell", "Scan Date", "Scan Time", "Leg")
WITH_ACME = Options(partners=(ACME,))


def theirs(
    folder: Path, name: str = "POD 1.csv", card_id: str = "ENB-x", clock: str = "14:00"
) -> Path:
    """Write a file of acme: 14:00 in Dubai on 11 December."""
    cells = (card_id, "07911 123456", "12/11/2023", clock, "\u0639\u0646\u062f\u0647")
    path = write(folder / "acme", name, cells, header=THEIRS)
    path.write_bytes(path.read_text("utf-8").encode("cp1256"))
    return path


def test_files_of_a_partner_are_read_as_it_declares(tmp_path: Path, database: Path) -> None:
    ours = write(tmp_path, "pickup.csv", row("CRD1"))
    report = take(database, theirs(tmp_path), ours, options=WITH_ACME)
    assert [file.notes for file in report.files] == [
        ("of partner acme; times that carry no zone are read in Asia/Dubai",),
        (),
    ]
    assert [file.zoneless for file in report.files] == [0, 1]
    card, other = sorted(statuses(database), reverse=True)
    assert card[:5] == (
        "ENB-x", "delivered", "2023-12-11T10:00:00Z", "+447911123456", "\u0639\u0646\u062f\u0647"
    )  # fmt: skip
    assert other[:4] == ("CRD1", "picked_up", "2023-11-13T14:00:00Z", "+971585550101")


def test_declared_form_of_card_ids_holds_for_the_partners_files(
    tmp_path: Path, database: Path
) -> None:
    (file,) = take(database, theirs(tmp_path, card_id="CRD1"), options=WITH_ACME).files
    assert file.outcome is Outcome.FAILED
    assert "--card-id-pattern" in (file.error or "")


def test_name_that_no_pattern_tells_is_read_as_any(tmp_path: Path, database: Path) -> None:
    delivered = theirs(tmp_path, "return 7.csv")
    take(database, delivered, theirs(tmp_path, "scans.csv", "ENB-y"), options=WITH_ACME)
    assert [card.status for card in statuses(database)] == ["returned"]


def test_zone_that_the_header_names_is_nearer_than_the_declared(
    tmp_path: Path, database: Path
) -> None:
    partner = Partner("acme", ("acme/**",), timezone="Asia/Dubai")
    header = (*HEADER[:3], "Timestamp (UTC)", "Comment")
    file = write(tmp_path / "acme", "pickup.csv", row("CRD1"), header=header)
    report = take(database, file, options=Options(partners=(partner,)))
    assert report.files[0].notes[0] == "of partner acme"
    assert statuses(database)[0].occurred_at == "2023-11-13T14:00:00Z"


def test_file_of_two_partners_fails_alone(tmp_path: Path, database: Path) -> None:
    twin = Partner("bee", ("POD*",))
    ours = write(tmp_path, "pickup.csv", row("CRD1"))
    report = take(database, theirs(tmp_path), ours, options=Options(partners=(ACME, twin)))
    assert [file.outcome for file in report.files] == [Outcome.FAILED, Outcome.INGESTED]
    assert (
        report.files[0].error == "2 partners claim the path, acme and bee; narrow the files of one"
    )
    assert stored_partners(database) == {}


def test_first_file_settles_what_its_partner_declares(tmp_path: Path, database: Path) -> None:
    bee = Partner("bee", ("bee/**",), timezone="Asia/Tokyo")
    take(database, theirs(tmp_path), options=Options(partners=(ACME, bee)))
    assert stored_partners(database) == {"acme": ACME.settled}

    moved = Partner("acme", ("elsewhere/**",), timezone="Asia/Riyadh", country_code="44")
    for run in (ingest, watch):
        with pytest.raises(DatabaseError, match="timezone: 'Asia/Dubai' to 'Asia/Riyadh'"):
            run(tmp_path, database, Options(partners=(moved,)))
        with pytest.raises(DatabaseError, match="files of partner 'acme', which nothing declares"):
            run(tmp_path, database, Options(partners=(bee,)))
    bee_moved = Partner("bee", ("bee/**",), timezone="UTC")
    report = take(database, theirs(tmp_path), options=Options(partners=(bee_moved, ACME)))
    assert report.files[0].outcome is Outcome.UNCHANGED


def test_dry_run_and_a_file_that_fails_settle_nothing(tmp_path: Path, database: Path) -> None:
    file = theirs(tmp_path, card_id="CRD1")
    take(database, file, options=WITH_ACME)
    take(database, theirs(tmp_path), options=Options(partners=(ACME,), dry_run=True))
    assert stored_partners(database) == {}


def test_files_of_partners_and_others_answer_alike_in_any_order(tmp_path: Path) -> None:
    files = [
        theirs(tmp_path, "POD 1.csv"),
        theirs(tmp_path, "return.csv", clock="15:00"),
        write(tmp_path, "pickup.csv", row("ENB-x", "11-12-2023 11:00")),
    ]
    answers = set()
    for number, order in enumerate(permutations(files)):
        database = tmp_path / f"{number}.db"
        for file in order:
            take(database, file, options=WITH_ACME)
        answers.add(tuple(card[:6] for card in statuses(database)))
    assert len(answers) == 1


def test_options_for_all_do_not_have_a_partners_files_read_anew(
    tmp_path: Path, database: Path
) -> None:
    options = Options(partners=(ACME,), encoding="cp1252", dates=DateOrder.DAY_FIRST)
    outcomes = [take(database, theirs(tmp_path), options=options).files[0] for _ in range(3)]
    assert [file.outcome for file in outcomes] == [
        Outcome.INGESTED, Outcome.UNCHANGED, Outcome.UNCHANGED
    ]  # fmt: skip
    assert statuses(database)[0].comment == "\u0639\u0646\u062f\u0647"


def test_file_of_nobody_is_read_anew_once_its_order_of_dates_is_declared(
    tmp_path: Path, database: Path
) -> None:
    file = write(tmp_path / "acme", "pickup.csv", row("CRD1", "11/12/2023 10:00"))
    take(database, file)
    partner = Partner("acme", ("acme/**",), dates=DateOrder.MONTH_FIRST)
    take(database, file, options=Options(partners=(partner,)))
    assert statuses(database)[0].occurred_at == "2023-11-12T10:00:00Z"


# Files with a column that tells each row's type

BEE = Partner(
    "bee",
    ("bee/**",),
    delimiter="~",
    columns={"status": ("Leg",), "occurred_at": ("Day", "Hour", "Half")},
    types={EventType.RETURNED: ("back *",)},
    status={
        "ok": EventType.DELIVERED,
        "at us": EventType.PICKUP,
        "nobody in": EventType.DELIVERY_EXCEPTIONS,
        "rto": EventType.RETURNED,
    },
)
WITH_BEE = Options(partners=(BEE,))
BEES = ("Half", "Card ID", "Mobile", "Leg", "Hour", "Day")
DAILY = (
    ("AM", "CRD1", "0585550101", "At us", "09:00", "13-11-2023"),
    ("PM", "CRD1", "0585550101", " OK ", "02:00", "13-11-2023"),
    ("PM", "CRD2", "0585550102", "RTO", "03:00", "13-11-2023"),
    ("PM", "CRD3", "0585550103", "Nobody  in", "04:00", "13-11-2023"),
    ("PM", "CRD3", "0585550103", "Gate 7", "05:00", "13-11-2023"),
    ("PM", "CRD3", "0585550103", "", "06:00", "13-11-2023"),
)


def daily(folder: Path, name: str = "daily.csv", rows: Sequence[Sequence[str]] = DAILY) -> Path:
    """Write a file of bee with all types."""
    lines = ["~".join(cells) for cells in (BEES, *rows)]
    path = folder / "bee" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cards(database: Path) -> list[tuple[str, str | None, str | None]]:
    return [(card.card_id, card.status, card.occurred_at) for card in statuses(database)]


OF_DAILY = [
    ("CRD1", "delivered", "2023-11-13T14:00:00Z"),
    ("CRD2", "returned", "2023-11-13T15:00:00Z"),
    ("CRD3", "delivery_exception", "2023-11-13T16:00:00Z"),
]


def test_a_row_has_the_type_of_its_own_status(tmp_path: Path, database: Path) -> None:
    (file,) = take(database, daily(tmp_path), options=WITH_BEE).files
    assert file.notes == ("of partner bee; each row has the type of its 'Leg'",)
    assert (file.type, file.type_word) == (None, "mixed")
    assert astuple(file.counts)[:4] == (6, 4, 0, 2)
    assert cards(database) == OF_DAILY
    with Store.open(database) as store:
        found = [
            (each.line, each.field, each.reason, each.detail[:45]) for each in store.problems()
        ]
    assert found == [
        (6, "status", "unmapped_status", "no type is declared for the status 'Gate 7', "),
        (7, "status", "unmapped_status", "there is no status, by which partner bee tell"),
    ]


def test_a_declared_name_tells_the_type_before_any_status(tmp_path: Path, database: Path) -> None:
    (file,) = take(database, daily(tmp_path, "back 1.csv", DAILY[2:3]), options=WITH_BEE).files
    assert file.type is EventType.RETURNED


def test_the_status_must_be_there_and_be_one(tmp_path: Path, database: Path) -> None:
    none = write(tmp_path / "bee", "a.csv", row())
    two = ("Card ID", "Mobile", "Timestamp", "Status", "Outcome")
    several = write(
        tmp_path / "bee", "b.csv", ("CRD1", "", "13-11-2023 14:00", "ok", "ok"), header=two
    )
    plain = replace(BEE, delimiter="", columns={})
    report = take(database, none, several, options=Options(partners=(plain,)))
    assert [file.outcome for file in report.files] == [Outcome.FAILED, Outcome.FAILED]
    assert "no column for status (such as 'Status')" in (report.files[0].error or "")
    assert "2 columns could be the status, by which" in (report.files[1].error or "")


def test_a_file_of_all_types_answers_as_one_for_each_and_in_any_order(tmp_path: Path) -> None:
    parts = [daily(tmp_path, f"{n}.csv", [cells]) for n, cells in enumerate(DAILY)]
    answers = []
    for number, paths in enumerate(
        [[daily(tmp_path)], parts, parts[::-1], [*parts, daily(tmp_path)]]
    ):
        database = tmp_path / f"{number}.db"
        for path in paths:
            take(database, path, options=WITH_BEE)
        answers.append([card[:6] for card in statuses(database)])
    assert answers[0] and answers == [answers[0]] * 4


def test_a_file_of_all_types_is_met_again_and_grows(tmp_path: Path, database: Path) -> None:
    first = take(database, daily(tmp_path, rows=DAILY[:1]), options=WITH_BEE).files[0]
    again = take(database, daily(tmp_path, "copy.csv", DAILY[:1]), options=WITH_BEE).files[0]
    grown = take(database, daily(tmp_path), options=WITH_BEE).files[0]
    assert (first.outcome, again.outcome) == (Outcome.INGESTED, Outcome.UNCHANGED)
    assert any("has grown, and replaces" in note for note in grown.notes)
    assert cards(database) == OF_DAILY


def test_the_same_bytes_are_not_in_as_one_type_and_as_all(tmp_path: Path, database: Path) -> None:
    take(database, daily(tmp_path), options=WITH_BEE)
    (file,) = take(database, daily(tmp_path, "back 2.csv"), options=WITH_BEE).files
    assert "the same bytes are in as mixed, since" in (file.error or "")


def test_only_takes_a_file_of_all_types_if_all_are_asked_for(
    tmp_path: Path, database: Path
) -> None:
    some = replace(WITH_BEE, only=frozenset({EventType.DELIVERED, EventType.RETURNED}))
    report = take(database, daily(tmp_path), options=some)
    assert (report.left_out, report.files) == (1, ())
    take(database, daily(tmp_path), options=replace(WITH_BEE, only=frozenset(EventType)))
    assert cards(database) == OF_DAILY


def test_undo_of_a_type_leaves_files_of_all_types(tmp_path: Path, database: Path) -> None:
    take(database, daily(tmp_path), options=WITH_BEE)
    with pytest.raises(CardStatusError, match="no file of type delivered is in"):
        undo(database, Choice(last=True, type=EventType.DELIVERED))
    report = undo(database, Choice(last=True))
    assert report
    assert [file.type for file in report.files] == ["mixed"]
    assert cards(database) == []
    with Overview.open(database) as overview:
        assert [(file.type, file.outcome) for file in overview.files(undone=True)] == [
            ("mixed", "undone")
        ]


def test_a_file_of_all_types_counts_for_each_that_its_words_can_mean(
    tmp_path: Path, database: Path
) -> None:
    less = replace(BEE, status={"ok": EventType.DELIVERED, "rto": EventType.RETURNED})
    take(database, daily(tmp_path), options=Options(partners=(less,)))
    with Overview.open(database) as overview:
        assert [(kind.type, kind.files) for kind in overview.activity()] == [
            ("pickup", 0), ("delivery_exceptions", 0), ("delivered", 1), ("returned", 1)
        ]  # fmt: skip


def test_a_type_says_nothing_to_rows_that_have_their_own(tmp_path: Path, database: Path) -> None:
    options = replace(WITH_BEE, type=EventType.RETURNED)
    (file,) = take(database, daily(tmp_path), options=options).files
    assert any(note.startswith("taken as the types of its rows, --type is") for note in file.notes)
    assert cards(database) == OF_DAILY


def test_processes_tell_the_types_of_rows_alike(tmp_path: Path) -> None:
    rows = [
        (half, f"CRD{n}", "0585550101", word, "02:00", "13-11-2023")
        for n in range(20_000)
        for half, word in [("AM", ("OK", "RTO", "at us", "?")[n % 4])]
    ]
    path = daily(tmp_path, rows=rows)
    answers = []
    for workers in (1, 2):
        database = tmp_path / f"{workers}.db"
        take(database, path, options=replace(WITH_BEE, workers=workers))
        answers.append(statuses(database))
    assert answers[0] == answers[1]
    assert Counter(card.status for card in answers[0]) == {
        "delivered": 5_000, "returned": 5_000, "picked_up": 5_000
    }  # fmt: skip
