"""Partners' declarations in a run: applied to their files alone, settled by the first of them."""

from itertools import permutations
from pathlib import Path

import pytest
from support.builders import HEADER, row, statuses, take, write

from cardstatus.courier.partners.declaration import Partner
from cardstatus.database.settled import stored_partners
from cardstatus.errors import DatabaseError
from cardstatus.ingestion.ingest import ingest
from cardstatus.ingestion.options import Options
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
