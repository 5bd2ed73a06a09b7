"""Explanations of answers: what an event beats, what was assumed, other answers."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from support.builders import HOUR, MONDAY, row, statuses, take, write

from cardstatus.database.reading.store import Store
from cardstatus.ingestion.options import Options
from cardstatus.instants import SECOND
from cardstatus.model.records import CardStatus, EventType
from cardstatus.questions.history import Explanation, explain
from cardstatus.rules import ordering

NOW = MONDAY + 48 * HOUR


def explained(database: Path, card_id: str = "CRD1", now: int = NOW) -> Explanation:
    with Store.open(database) as store:
        card = store.card(card_id)
        assert card is not None
        (explanation,) = explain(store, [card], now)
    return explanation


def test_the_record_begins_with_that_of_get() -> None:
    assert Explanation._fields[:8] == CardStatus._fields


# By part of the rule: the file and row that win, and those that lose by that part.
PARTS = {
    "occurred_at": (("pickup", row(time="13-11-2023 14:01")), ("returned", row())),
    "type": (("returned", row(reference="A1")), ("delivered", row(reference="A2"))),
    "reference": (
        ("pickup", row(reference="B", mobile="585550101")),
        ("pickup", row(reference="A", mobile="585550102")),
    ),
    "mobile": (
        ("pickup", row(mobile="585550102", comment="a")),
        ("pickup", row(mobile="585550101", comment="b")),
    ),
    "comment": (("pickup", row(comment="b")), ("pickup", row(comment=""))),
}


def test_every_part_of_the_rule_can_decide() -> None:
    assert tuple(PARTS) == ordering.KEY


@pytest.mark.parametrize(("part", "rows"), PARTS.items(), ids=PARTS)
@pytest.mark.parametrize("order", [1, -1], ids=["winner first", "winner last"])
def test_it_is_said_what_an_event_is_beaten_by(
    tmp_path: Path,
    database: Path,
    part: str,
    rows: Sequence[tuple[str, Sequence[str]]],
    order: int,
) -> None:
    for number, (kind, told) in enumerate(rows[::order]):
        take(database, write(tmp_path, f"{number}_{kind}.csv", told))
    explanation = explained(database)
    winner, loser = rows
    assert explanation.type == winner[0]
    (beaten,) = explanation.beats
    assert (beaten["by"], beaten["type"]) == (part, loser[0])
    assert explanation.source == f"{tmp_path}/{0 if order == 1 else 1}_{winner[0]}.csv"


def test_it_is_said_where_what_is_beaten_stands(tmp_path: Path, database: Path) -> None:
    pickup = row(time="13-11-2023 08:00", mobile="", comment="")
    take(database, write(tmp_path, "pickup.csv", row("CRD2"), pickup), now=MONDAY)
    take(database, write(tmp_path, "delivered.csv", row()), now=MONDAY + HOUR)
    explanation = explained(database)
    assert explanation.ingested_at == "2023-11-13T01:00:00Z"
    assert explanation.beats == [
        {
            "by": "occurred_at", "status": "picked_up", "occurred_at": "2023-11-13T08:00:00Z",
            "mobile": None, "comment": None, "reference": "A1",
            "source": f"{tmp_path}/pickup.csv", "line": 3, "type": "pickup",
            "ingested_at": "2023-11-13T00:00:00Z", "also_said_by": [],
        }
    ]  # fmt: skip


def test_what_is_beaten_comes_greatest_first(tmp_path: Path, database: Path) -> None:
    rows = [row(time=f"13-11-2023 0{hour}:00") for hour in (3, 1, 4, 2)]
    take(database, write(tmp_path, "exceptions.csv", *rows))
    explanation = explained(database)
    assert explanation.line == 4
    assert [beaten["line"] for beaten in explanation.beats] == [2, 5, 3]
    assert explanation.failed_attempts == 4


def test_the_age_of_the_last_news(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row(time="2023-11-13T12:00:00Z")))
    noon = MONDAY + 12 * HOUR
    assert explained(database, now=noon + 90 * SECOND).age_seconds == 90
    assert explained(database, now=noon + 90 * SECOND).now == "2023-11-13T12:01:30Z"
    ahead = explained(database, now=noon - 90 * SECOND)
    assert ahead.age_seconds == -90
    assert [doubt["reason"] for doubt in ahead.contradictions] == ["in_the_future"]


def test_contradictions_are_told(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "delivered.csv", row()))
    take(database, write(tmp_path, "returned.csv", row(mobile="585550102")))
    reasons = [doubt["reason"] for doubt in explained(database).contradictions]
    assert reasons == ["delivered_and_returned", "no_pickup", "two_mobiles", "same_instant"]


ASSUMED = {
    "zone and country": (row(), ("Asia/Dubai", 1, "971")),
    "country": (row(time="2023-11-13T14:00:00Z"), (None, 0, "971")),
    "zone": (row(mobile=""), ("Asia/Dubai", 1, None)),
    "zone, another country": (row(mobile="+4915112345678"), ("Asia/Dubai", 1, None)),
    "nothing": (row(time="2023-11-13T14:00:00Z", mobile=""), (None, 0, None)),
}


@pytest.mark.parametrize(("told", "wanted"), ASSUMED.values(), ids=ASSUMED)
def test_what_was_assumed(
    tmp_path: Path, database: Path, told: Sequence[str], wanted: tuple[str | None, int, str | None]
) -> None:
    options = Options(timezone="Asia/Dubai")
    take(database, write(tmp_path, "pickup.csv", told), options=options)
    assumed = explained(database).assumed
    assert assumed is not None
    assert tuple(assumed.values()) == wanted


def test_nothing_is_said_of_a_card_that_is_not_known(tmp_path: Path, database: Path) -> None:
    take(database, write(tmp_path, "pickup.csv", row()))
    unknown = CardStatus("CRD9", *[None] * 7)
    with Store.open(database) as store:
        assert list(explain(store, [unknown], NOW)) == [Explanation(*unknown)]


def test_a_file_that_comes_in_meanwhile_is_in_none_of_the_answer(
    tmp_path: Path, database: Path
) -> None:
    take(database, write(tmp_path, "pickup.csv", row()))
    with Store.open(database) as store:
        asked = store.card("CRD1")
        assert asked is not None
        take(database, write(tmp_path, "delivered.csv", row(time="14-11-2023 10:00")))
        (explanation,) = explain(store, [asked], NOW)
    assert (explanation.status, explanation.type) == ("picked_up", "pickup")
    assert explanation.occurred_at == "2023-11-13T14:00:00Z"


def offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class Scan(NamedTuple):
    kind: str
    card_id: str
    time: str
    zoned: bool
    reference: str


def drop(folder: Path, scans: Iterable[Scan], written: str) -> Path:
    """Write scans, with ``written`` behind the times that have no zone."""
    for kind in EventType:
        rows = [
            row(
                scan.card_id, scan.time + ("Z" if scan.zoned else written), reference=scan.reference
            )
            for scan in scans
            if scan.kind == kind.word
        ]
        write(folder, f"{kind.word}.csv", *rows)
    return folder


@pytest.mark.parametrize("zone", ["Asia/Dubai", "America/New_York"])
def test_other_answers_are_those_of_databases_with_the_offset_written(
    tmp_path: Path, database: Path, zone: str
) -> None:
    """The same rows go into fresh databases, with an offset written behind zoneless times: those at
    both edges of the ranges told for some cards.
    """
    chance = random.Random(5)
    scans = [
        Scan(
            chance.choice(list(EventType)).word,
            f"CRD{card}",
            # Around the night in which New York's clocks went back.
            f"2023-11-05T{chance.randrange(0, 24, 4):02}:00:00",
            chance.random() < 0.5,
            f"A{number}",
        )
        for card in range(30)
        for number in range(4)
    ]
    take(database, drop(tmp_path / "zoneless", scans, ""), options=Options(timezone=zone))
    told = {}
    with Store.open(database) as store:
        for answer in explain(store, list(store.statuses()), NOW):
            told[answer.card_id] = answer
    others = [answer.other_answer for answer in told.values() if answer.other_answer]
    assert len(others) > 8
    edges = {
        reads(text) + step
        for other in others
        for text, step in ((other["from_offset"], -1), (other["to_offset"], 1))
    } | {-720, 0, 840}
    inside = {edge + 1 for edge in edges} | {edge - 1 for edge in edges}
    for minutes in sorted(edge for edge in edges | inside if -720 <= edge <= 840):
        fresh = tmp_path / f"{minutes}.db"
        take(fresh, drop(tmp_path / f"{minutes}", scans, offset(minutes)))
        for card in statuses(fresh):
            answer = told[card.card_id]
            other = answer.other_answer
            holds = other and reads(other["from_offset"]) <= minutes <= reads(other["to_offset"])
            assert card.status == (other["status"] if other and holds else answer.status)


def reads(text: str) -> int:
    minutes = int(text[1:3]) * 60 + int(text[4:])
    return -minutes if text[0] == "-" else minutes
