"""The contents of a card's page, and the number of questions to the database for it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import row, take, write

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.instants import SECOND
from cardstatus.questions.history import history_records

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from support.asking import parameters

from cardstatus.web.api.answers import NoCardError
from cardstatus.web.pages import views
from cardstatus.web.parameters import CardParameters

pytestmark = pytest.mark.web

BOTH = "user_mobile=585550102"


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    """Two cards of one mobile, each with events of two files."""
    pickups = [row("CRD1", mobile="585550102"), row("CRD2", mobile="585550102")]
    delivered = [
        row("CRD1", "2023-11-14T09:00:00Z", mobile="585550102", comment="At the door"),
        row("CRD2", "2023-11-13T09:00:00Z", mobile="585550102"),
    ]
    failed = [row("CRD1", "2023-11-14 09:00", mobile="585550102")]
    take(database, write(tmp_path, "pickup.csv", *pickups))
    take(database, write(tmp_path, "delivery exceptions.csv", *failed))
    take(database, write(tmp_path, "delivered.csv", *delivered))
    return database


@pytest.fixture(autouse=True)
def _a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "time_ns", lambda: 1_700_000_000 * SECOND)


def page(database: Path, query: str) -> dict[str, Any]:
    """Return the contents of an answer's page."""
    asked = parameters(CardParameters, query)
    with Overview.open(database) as overview:
        return views.answer(asked, overview)


def test_the_events_are_those_of_the_history(stocked: Path) -> None:
    cards = page(stocked, BOTH)["cards"]
    assert [card.record.card_id for card in cards] == ["CRD1", "CRD2"]
    for card in cards:
        with Overview.open(stocked) as overview:
            events = list(history_records(overview, [card.record.card_id]))
        assert [shown.decides for shown in card.history] == [event.decides for event in events]
        for shown, event in zip(card.history, events, strict=True):
            # The reasons that a page is made of do not tell which attempts are one.
            same = set(event._fields) - {"card_id", "decides", "same_as"}
            fields = event._asdict()
            assert {name: shown.record[name] for name in same} == {n: fields[n] for n in same}


def test_each_event_says_which_other_rows_say_it(stocked: Path, tmp_path: Path) -> None:
    again = row("CRD1", "2023-11-14T09:00:00Z", mobile="585550102", comment="At the door")
    take(stocked, write(tmp_path, "delivered again.csv", row("CRD9"), again))
    (card,) = page(stocked, "card_id=CRD1")["cards"]
    assert [shown.also.rpartition("/")[2] for shown in card.history] == [
        "", "", "delivered again.csv:3",
    ]  # fmt: skip


def test_each_event_says_why(stocked: Path) -> None:
    (card,) = page(stocked, "card_id=CRD1")["cards"]
    assert [(shown.status, shown.time, shown.why) for shown in card.history] == [
        ("Picked up", "2023-11-13 14:00:00", "earlier"),
        ("Delivery exception", "2023-11-14 09:00:00", "at the same instant, of an earlier stage"),
        ("Delivered", "2023-11-14 09:00:00", "decides"),
    ]
    assert (card.status, card.time, card.left_out) == ("Delivered", "2023-11-14 09:00:00", 0)
    assert card.ingested_at == card.history[-1].ingested_at


@pytest.mark.parametrize(("events", "left_out"), [(1, 2), (2, 1), (3, 0), (4, 0)])
def test_of_many_events_the_last_are_shown(
    stocked: Path, monkeypatch: pytest.MonkeyPatch, events: int, left_out: int
) -> None:
    (whole,) = page(stocked, "card_id=CRD1")["cards"]
    monkeypatch.setattr(views, "EVENTS", events)
    (card,) = page(stocked, "card_id=CRD1")["cards"]
    assert card.left_out == left_out
    assert card.history == whole.history[-events:]


def test_of_many_cards_the_first_are_shown(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "CARDS", 1)
    shown = page(stocked, BOTH)
    assert [card.record.card_id for card in shown["cards"]] == ["CRD1"]
    assert shown["left_out"] == 1


def test_no_card(stocked: Path) -> None:
    with pytest.raises(NoCardError, match="no card matches 'CRD9'"):
        page(stocked, "card_id=CRD9")


def test_a_page_reads_each_history_once(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()

    def counting(name: str) -> Callable[..., Any]:
        answer = getattr(Store, name)

        def counted(*values: Any) -> Any:
            asked[name] += 1
            return answer(*values)

        return counted

    for name in ("card", "history", "source", "settings", "cards_of_mobile"):
        monkeypatch.setattr(Store, name, counting(name))
    page(stocked, BOTH)
    # CRD1 has events of three files, CRD2 of two. The settings are read for the mobile's country,
    # for the explanations and for the page itself. The mobile is asked for its other cards once.
    assert asked == {"card": 2, "history": 2, "source": 5, "settings": 3, "cards_of_mobile": 2}
