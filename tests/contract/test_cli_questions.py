"""The commands that explain, look back and go through all cards, as a user runs them."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, write
from support.reference import TYPES, WORDS
from typer.testing import CliRunner, Result

from cardstatus.cli.app import app

Run = Callable[..., Result]

TWO_DAYS_LATER = ("--now", "2023-11-15T12:00Z")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program, in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object, **options: Any) -> Result:
        result = CliRunner().invoke(app, list(map(str, arguments)), **options)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def stocked(run: Run, tmp_path: Path) -> Path:
    """CRD1: picked up, failed, delivered. CRD2: delivered and returned at once. CRD3: open."""
    write(tmp_path, "in/pickup.csv", *(row(f"CRD{n}", mobile=f"58555010{n}") for n in (1, 2, 3)))
    write(tmp_path, "in/exceptions.csv", row("CRD1", "13-11-2023 16:00", comment="Gate closed"))
    back = row("CRD2", "2023-11-13T15:00:00Z", mobile="585550102")
    write(tmp_path, "in/delivered.csv", row("CRD1", "2023-11-13T18:00:00Z"), back)
    write(tmp_path, "in/returned.csv", back)
    assert run("ingest", "in").exit_code == 0
    return tmp_path


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


# history


@pytest.mark.usefixtures("stocked")
def test_history_shows_events_in_rule_order_and_marks_the_one_that_decides(run: Run) -> None:
    records = parsed(run("history", "--card-id", "CRD1", "--format", "json"))
    assert [(record["type"], record["decides"]) for record in records] == [
        ("pickup", False),
        ("delivery_exceptions", False),
        ("delivered", True),
    ]
    assert records[2]["source"] == "in/delivered.csv"
    assert records[2]["ingested_at"] > "2026"
    table = run("history", "--card-id", "CRD1").stdout
    events, journey = table.split("\n\n")
    assert [line[1] for line in events.splitlines()[2:]] == [" ", " ", "→"]
    assert journey == " picked up 13 Nov 2023 → failed 13 Nov → delivered 13 Nov\n"


@pytest.mark.usefixtures("stocked")
def test_get_shows_the_journey_of_a_card_that_has_gone_some_way(run: Run) -> None:
    table = run("get", "--card-id", "CRD1").stdout
    assert table.endswith("\n\n picked up 13 Nov 2023 → failed 13 Nov → delivered 13 Nov\n")
    assert "→" not in run("get", "--card-id", "CRD3").stdout


@pytest.mark.usefixtures("stocked")
def test_history_of_a_mobile_and_of_an_unknown_card(run: Run) -> None:
    found = run("history", "--mobile", "0585550103", "--card-id", "CRD3", "--format", "csv")
    assert [record["card_id"] for record in csv.DictReader(io.StringIO(found.stdout))] == ["CRD3"]
    unknown = run("history", "--card-id", "CRD9")
    assert (unknown.exit_code, unknown.stdout) == (4, "")
    assert unknown.stderr == "no card matches 'CRD9'\n"
    assert run("history").exit_code == 2


# get --explain


@pytest.mark.usefixtures("stocked")
def test_explain_says_why_to_a_person(run: Run) -> None:
    text = run("get", "--card-id", "CRD2", "--explain", *TWO_DAYS_LATER).stdout
    assert "in/returned.csv:2 says returned" in text
    assert "1 day 21 h ago" in text
    assert "in/delivered.csv:3  (at the same instant, of an earlier stage)" in text
    assert "delivered_and_returned" in text
    assert "read as UTC" in text


@pytest.mark.usefixtures("stocked")
def test_explain_says_why_to_a_program(run: Run) -> None:
    (record,) = parsed(
        run("get", "--card-id", "CRD1", "--explain", *TWO_DAYS_LATER, "--format", "json")
    )
    (plain,) = parsed(run("get", "--card-id", "CRD1", "--format", "json"))
    assert record | plain == record
    assert record["age_seconds"] == 42 * 3600
    assert record["failed_attempts"] == 1
    assert [beaten["by"] for beaten in record["beats"]] == ["occurred_at", "occurred_at"]
    assert record["assumed"]["zoneless_events"] == 2
    assert record["other_answer"] == {
        "status": "delivery_exception",
        "from_offset": "-12:00",
        "to_offset": "-02:01",
    }


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("get", "--card-id", "CRD1", "--explain", "--format", "csv"), "--format json"),
        (("get", "--card-id", "CRD1", "--now", "2024-01-01"), "--explain"),
        (("get", "--card-id", "CRD1", "--as-of", "someday"), "--as-of: 'someday'"),
        (("history", "--card-id", "CRD1", "--known-at", "14:00"), "the date is missing"),
        (("export", "--as-of", "2024-13-01"), "--as-of: '2024-13-01': "),
        (("history", "CRD1"), "say what 'CRD1' is: put --card-id or --mobile in front of it"),
        (
            ("get", "--mobile", "+971", "50", "700", "0959"),
            "a number with blanks in it: put it in quotes, as --mobile '…0959'",
        ),
        (
            ("history", "--mobile", "(050)", "700-0959"),
            "a number with blanks in it: put it in quotes, as --mobile '…0959'",
        ),
        (
            ("get", "--card-id", "CRD", "1001"),
            "say what '1001' is: put --card-id or --mobile in front of it; or put an id with "
            "blanks in it in quotes, as --card-id 'CRD 1001'",
        ),
        (
            ("get", "--card-id", "CRD1", "--mobile", "0585550123", "CRD2"),
            "say what 'CRD2' is: put --card-id or --mobile in front of it",
        ),
        (("get", "CRD1", "--mobile", "0585550101"), "say what 'CRD1' is: put --card-id"),
        (("get", "0585550101", "--input", "ids.txt"), "say what '…0101' is: put --card-id"),
        (("get", "4111 1111 1111 1111"), "a payment card number, which is never kept here"),
        (("history", "0585550101"), "say what '…0101' is"),
        (("check", "--also-zone", "Mars/Base"), "Asia/Dubai"),
        (("check", "--reason", "zone_decides"), "--also-zone"),
        (("check", "--reason", "nonsense"), "delivered_and_returned"),
        (("stats", "--since", "2024-02-01", "--until", "2024-01-01"), "--since is after --until"),
    ],
)
def test_wrong_usage_says_what_to_do(run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


# Looking back


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("time", "status"),
    [
        ("13-11-2023 15:59", "picked_up"),
        ("13-11-2023 4:00 PM", "delivery_exception"),
        ("2023-11-13T18:00:00+04:00", "picked_up"),
        ("2023-11-13", "delivered"),
        ("13 Nov 2023", "delivered"),
    ],
)
def test_as_of_takes_the_forms_of_couriers_and_dates(run: Run, time: str, status: str) -> None:
    for command in (("get", "--card-id", "CRD1"), ("export",)):
        records = parsed(run(*command, "--as-of", time, "--format", "json"))
        assert next(r["status"] for r in records if r["card_id"] == "CRD1") == status
    (*_, last) = parsed(run("history", "--card-id", "CRD1", "--as-of", time, "--format", "json"))
    assert (last["status"], last["decides"]) == (status, True)


@pytest.mark.usefixtures("stocked")
def test_known_at_leaves_out_what_came_in_later(run: Run) -> None:
    result = run("get", "--card-id", "CRD1", "--known-at", "2020-01-01", "--format", "json")
    assert (result.exit_code, parsed(result)) == (4, [])
    assert "at the time that you look back to" in result.stderr
    known = run("get", "--card-id", "CRD1", "--known-at", "2099-01-01", "--format", "json")
    assert [record["status"] for record in parsed(known)] == ["delivered"]


@pytest.mark.usefixtures("stocked")
def test_explain_looks_back_with_the_answer(run: Run) -> None:
    (record,) = parsed(
        run(
            "get", "--card-id", "CRD1", "--explain", "--as-of", "13-11-2023 17:00",
            "--format", "json",
        )
    )  # fmt: skip
    assert (record["status"], record["age_seconds"]) == ("delivery_exception", 3600)
    assert len(record["beats"]) == 1


# check


@pytest.mark.usefixtures("stocked")
def test_check_lists_and_counts_and_exits_with_3(run: Run) -> None:
    result = run("check", *TWO_DAYS_LATER, "--stale-days", "1", "--format", "json")
    assert result.exit_code == 3
    report = parsed(result)
    assert [(f["card_id"], f["reason"]) for f in report["findings"]] == [
        ("CRD2", "delivered_and_returned"),
        ("CRD2", "same_instant"),
        ("CRD3", "stale"),
    ]
    assert (report["cards"], report["need_attention"]) == (3, 2)
    assert report["counts"]["stale"] == 1
    assert report["now"] == "2023-11-15T12:00:00Z"
    table = run("check", *TWO_DAYS_LATER, "--stale-days", "1")
    assert table.exit_code == 3
    assert "cards checked: 3; need a person: 2" in table.stderr


@pytest.mark.usefixtures("stocked")
def test_check_of_one_reason_that_no_card_has_exits_with_0(run: Run) -> None:
    result = run("check", *TWO_DAYS_LATER, "--reason", "no_pickup", "--reason", "stale")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "cards checked: 3; none needs a person\n"


@pytest.mark.usefixtures("stocked")
def test_check_tells_which_answers_hang_on_the_zone(run: Run) -> None:
    found = run("check", "--also-zone", "America/New_York", "--reason", "zone_decides",
                "--format", "ndjson")  # fmt: skip
    assert found.exit_code == 3
    details = {r["card_id"]: r["detail"] for r in map(json.loads, found.stdout.splitlines())}
    assert list(details) == ["CRD1", "CRD2"]
    assert details["CRD1"].startswith("delivery_exception if times without a zone")
    assert run("check", "--also-zone", "Asia/Dubai", "--reason", "zone_decides").exit_code == 0


def test_check_lists_a_hundred_in_a_table_and_all_elsewhere(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "delivered.csv", *(row(f"CRD{n:03}") for n in range(130)))
    run("ingest", "delivered.csv")
    table = run("check")
    assert table.stdout.count("no_pickup") == 1 + 100
    assert "and 30 more" in table.stderr
    assert run("check", "--format", "csv").stdout.count("no_pickup") == 130


# stats and files


@pytest.mark.usefixtures("stocked")
def test_stats(run: Run) -> None:
    report = parsed(run("stats", "--format", "json"))
    counts = {"picked_up": 1, "delivered": 1, "returned": 1}
    assert report["cards"] == dict.fromkeys(WORDS, 0) | counts
    assert list(report["cards"]) == list(WORDS)
    assert report["deliveries"] == [{"begins": "2023-11-13", "deliveries": 2}]
    assert report["seconds_to_delivery"] == {"cards": 1, "median": 14_400, "p90": 14_400}
    assert report["attempts"] == [{"attempts": 2, "cards": 1}]
    assert report["failure_reasons"] == [{"comment": "Gate closed", "events": 1}]
    before = parsed(run("stats", "--until", "12-11-2023", "--format", "json"))
    assert (sum(before["cards"].values()), before["deliveries"]) == (0, [])
    page = run("stats", "--by", "month").stdout
    assert "2023-11-01" in page
    assert "half within 4 h 0 min" in page


@pytest.mark.usefixtures("stocked")
def test_files_says_of_which_type_nothing_has_come(run: Run, tmp_path: Path) -> None:
    report = parsed(run("files", "--format", "json"))
    assert [file["source"] for file in report["files"]] == [
        "in/returned.csv", "in/pickup.csv", "in/exceptions.csv", "in/delivered.csv",
    ]  # fmt: skip
    assert report["types"][TYPES.index("returned")]["newest_event"] == "2023-11-13T15:00:00Z"
    run("ingest", "in/pickup.csv", "--db", "one.db")
    types = parsed(run("files", "--db", "one.db", "--format", "json"))["types"]
    assert [kind["type"] for kind in types] == list(TYPES)
    assert [kind["files"] for kind in types] == [1, *[0] * (len(TYPES) - 1)]
    assert types[-1]["last_ingested_at"] is None
    assert "never" in run("files", "--db", "one.db").stdout


# ingest --dry-run


@pytest.mark.usefixtures("stocked")
def test_a_dry_run_says_which_cards_would_change(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path, "more/returned.csv",
        row("CRD3", "2023-11-14T10:00:00Z"),
        row("CRD1", "2023-11-12T10:00:00Z"),  # too early to decide
        row("CRD2", "2023-11-14T10:00:00Z"),  # returned already
        row("CRD4", "2023-11-14T10:00:00Z"),
    )  # fmt: skip
    before = run("export", "--events").stdout
    report = parsed(run("ingest", "more", "--dry-run", "--format", "json"))
    assert report["changes"] == [
        {"card_id": "CRD3", "from": "picked_up", "to": "returned"},
        {"card_id": "CRD4", "from": None, "to": "returned"},
    ]
    table = run("ingest", "more", "--dry-run")
    assert "cards whose status would change: 2" in table.stderr
    assert "CRD3" in table.stdout
    assert run("export", "--events").stdout == before
    assert "changes" not in parsed(run("ingest", "more", "--format", "json"))


def test_a_dry_run_names_twenty_cards_in_its_table(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "pickup.csv", *(row(f"CRD{n:03}") for n in range(25)))
    table = run("ingest", "pickup.csv", "--dry-run").stdout
    assert table.count("CRD0") == 20
    assert "and 5 more" in table
    report = parsed(run("ingest", "pickup.csv", "--dry-run", "--format", "json"))
    assert len(report["changes"]) == 25


# get --input


@pytest.mark.usefixtures("stocked")
def test_a_list_is_answered_in_the_order_asked(run: Run) -> None:
    ids = "CRD3\n\n CRD9 \nCRD1\nCRD9\n"
    result = run("get", "--input", "-", "--format", "json", input=ids)
    assert result.exit_code == 4
    assert [(r["card_id"], r["status"]) for r in parsed(result)] == [
        ("CRD3", "picked_up"), ("CRD9", None), ("CRD1", "delivered"), ("CRD9", None),
    ]  # fmt: skip
    assert result.stderr == "no card matches 'CRD9'\n"
    explained = run("get", "--input", "-", "--explain", "--format", "ndjson", input=ids)
    assert [json.loads(line)["type"] for line in explained.stdout.splitlines()] == [
        "pickup", None, "delivered", None,
    ]  # fmt: skip


@pytest.fixture
def shared(tmp_path: Path, run: Run) -> None:
    """Two cards of one mobile, and a third whose id looks like that mobile."""
    number = "585550101"
    write(
        tmp_path, "pickup.csv", row("CRD1", mobile=number), row("CRD2", mobile=number),
        row(number, mobile="0585550103"),
    )  # fmt: skip
    assert run("ingest", ".").exit_code == 0


@pytest.mark.usefixtures("shared")
def test_a_line_of_a_list_may_be_a_mobile(run: Run) -> None:
    lines = "058 555 0103\nCRD2\n+971585550101\nCRD1\n0585550199\n"
    result = run("get", "--input", "-", "--format", "json", input=lines)
    assert [(r["card_id"], r["status"], r.get("asked")) for r in parsed(result)] == [
        ("585550101", "picked_up", "058 555 0103"),
        ("CRD2", "picked_up", None),
        ("CRD1", "picked_up", "+971585550101"),
        ("CRD2", "picked_up", "+971585550101"),
        ("CRD1", "picked_up", None),
        ("0585550199", None, None),
    ]
    assert result.exit_code == 4
    assert result.stderr == (
        "lines taken as mobiles: 2\nno card matches '…0199', neither as card id nor as mobile\n"
    )


@pytest.mark.usefixtures("shared")
def test_a_line_that_can_be_both_is_asked_as_both(run: Run) -> None:
    result = run("get", "--input", "-", "--format", "json", input="585550101\n")
    assert [(r["card_id"], r.get("asked")) for r in parsed(result)] == [
        ("585550101", None), ("CRD1", "585550101"), ("CRD2", "585550101"),
    ]  # fmt: skip
    assert result.exit_code == 0
    assert result.stderr == "lines taken as mobiles: 1, 1 of them as card ids, too\n"
    asked_both = run("get", "--input", "-", "--card-id", "CRD2", input="585550101\n")
    assert asked_both.stdout.count("CRD2") >= 2


@pytest.mark.usefixtures("shared")
def test_of_a_mobile_in_a_list_only_what_was_known_then_is_answered(run: Run) -> None:
    line = "0585550103\n"
    result = run("get", "--input", "-", "--as-of", "2001-01-01", "--format", "json", input=line)
    assert result.exit_code == 4
    assert [(r["card_id"], r["status"]) for r in parsed(result)] == [("0585550103", None)]


@pytest.mark.usefixtures("stocked")
def test_a_line_that_is_no_card_id_does_not_end_a_list(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(b'\xef\xbb\xbfCRD1\n""\nCaf\xe9\n"CRD3"\n')
    for source in ({"input": (tmp_path / "ids").read_bytes()}, {}):
        result = run("get", "--input", "-" if source else "ids", "--format", "json", **source)
        assert result.exit_code == 4
        assert [record["card_id"] for record in parsed(result)] == ["CRD1", "Caf\\xe9", "CRD3"]
    assert run("get", "--input", "-", input='""\n \n').exit_code == 2


@pytest.mark.usefixtures("stocked")
def test_csv_spells_true_and_false_as_json_does(run: Run) -> None:
    text = run("history", "--card-id", "CRD1", "--format", "csv").stdout
    assert [line["decides"] for line in csv.DictReader(io.StringIO(text))] == [
        "false",
        "false",
        "true",
    ]


@pytest.mark.usefixtures("stocked")
def test_of_many_unknown_cards_ten_are_named(run: Run) -> None:
    ids = "".join(f"X{n}\n" for n in range(50)) + "CRD1\n"
    result = run("get", "--input", "-", "--format", "csv", input=ids)
    assert result.exit_code == 4
    assert len(result.stdout.splitlines()) == 52
    assert len(result.stderr.splitlines()) == 11
    assert "40 more" in result.stderr


def test_a_program_that_asks_card_by_card_is_answered_card_by_card(stocked: Path) -> None:
    command = [sys.executable, "-m", "cardstatus", "get", "--input", "-", "--format", "ndjson"]
    with subprocess.Popen(
        command, cwd=stocked, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for card, status in (("CRD1", "delivered"), ("CRD3", "picked_up")):
            process.stdin.write(f"{card}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["status"] == status
        process.stdin.close()
    assert process.returncode == 0


@pytest.mark.usefixtures("stocked")
def test_export_takes_its_format_from_the_files_name(run: Run, tmp_path: Path) -> None:
    for name, form in (("a.json", "json"), ("b.NDJSON", "ndjson"), ("c.csv", "csv"), ("d", "csv")):
        assert run("export", name).exit_code == 0
        assert (tmp_path / name).read_text() == run("export", "--format", form).stdout
    run("export", "e.json", "--format", "csv")
    assert (tmp_path / "e.json").read_text() == run("export").stdout
