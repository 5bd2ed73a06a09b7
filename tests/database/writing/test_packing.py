"""Events and problems come out of their packing unchanged, in order and counted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import unpacked

from cardstatus.database.writing.packing import PackedEvents, pack
from cardstatus.model.events import Event
from cardstatus.model.problems import Problem, Reason, Severity
from cardstatus.model.records import EventType
from cardstatus.rules.spelling import kind_of, spellings

PICKUP = int(EventType.PICKUP)


def event(
    card_id: str = "CRD1",
    line: int = 2,
    *,
    occurred_at: int = 1_699_884_000_000_000_000,
    reference: str = "A1",
    mobile: str = "+971585550101",
    comment: str = "note",
    zoned: int = 0,
) -> Event:
    return Event(card_id, occurred_at, PICKUP, reference, mobile, comment, zoned, line)


def rejected(line: int = 2, reason: Reason = Reason.BAD_TIME, raw: str = "raw") -> Problem:
    return Problem(Severity.REJECTED, line, "occurred_at", reason, "no time", raw)


def warning(line: int = 2) -> Problem:
    return Problem(Severity.WARNING, line, "mobile", Reason.BAD_MOBILE, "no mobile", "raw")


@pytest.mark.parametrize("count", [0, 1, 2, 49, 50, 51, 99, 100, 101, 1_000])
def test_events_come_back_by_card(count: int) -> None:
    events = [event(f"CRD{at * 37 % 101:03}", at + 2, occurred_at=at) for at in range(count)]
    packed = pack(events, [], 1)
    assert packed.tally.events == count
    assert unpacked(packed) == (sorted(events, key=lambda e: e.card_id), [])


EXACT = {
    "nothing but a card": event(reference="", mobile="", comment=""),
    "Arabic": event("بطاقة", comment="لا أحد في المنزل"),
    "beyond the basic plane": event("💳1", comment="🚚"),
    "the same letter in two ways": event("e\u0301", comment="\u00e9"),
    "line breaks": event(comment="two\nlines\r\nthree"),
    "quotes and delimiters": event(comment="\"it's\", he said; '"),
    "null character": event(comment="a\x00b"),
    "byte-order mark": event(comment="\ufeffx"),
    "digits stay text": event("0012", reference="007", comment="1e3"),
    "what SQL would run": event(comment="'); DROP TABLE incoming; --"),
    "zone written": event(zoned=1),
    "first instant": event(occurred_at=0),
    "last instant": event(occurred_at=2**63 - 1),
    "far down": event(line=2_147_483_648),
    "long": event("X" * 100, comment="y" * 131_072),
}


@pytest.mark.parametrize("given_event", EXACT.values(), ids=EXACT.keys())
def test_an_event_comes_back_as_it_was(given_event: Event) -> None:
    ((found,), _) = unpacked(pack([given_event], [], 1))
    assert found == given_event
    assert list(map(type, found)) == list(map(type, given_event))


# Decoded text holds no lone surrogates when it is packed.
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
EVENTS = st.builds(
    Event,
    card_id=TEXT,
    occurred_at=st.integers(0, 2**63 - 1),
    type=st.integers(1, 4),
    reference=TEXT,
    mobile=TEXT,
    comment=TEXT,
    zoned=st.integers(0, 1),
    line=st.integers(1, 2**40),
)
PROBLEMS = st.builds(
    Problem,
    severity=st.sampled_from(Severity),
    line=st.integers(1, 2**40),
    field=st.none() | TEXT,
    reason=st.sampled_from(Reason),
    detail=TEXT,
    raw=TEXT,
)


@settings(max_examples=50)
@given(st.lists(EVENTS, max_size=60), st.lists(PROBLEMS, max_size=10))
def test_all_comes_back(events: list[Event], problems: list[Problem]) -> None:
    packed = pack(events, problems, 1)
    assert unpacked(packed) == (sorted(events, key=lambda e: e.card_id), problems)
    bad = [problem for problem in problems if problem.severity is Severity.REJECTED]
    assert (packed.tally.events, packed.tally.rejected, packed.tally.warnings) == (
        len(events),
        len(bad),
        len(problems) - len(bad),
    )
    assert packed.tally.zoneless == [e.zoned for e in events].count(0)
    assert packed.tally.first_rejected == min(bad, key=lambda p: p.line, default=None)


def test_problems_come_back_in_their_order_and_as_they_were() -> None:
    problems = [
        rejected(9, raw="1,CRD1,\\xe9,لا"),
        warning(3),
        Problem(Severity.REJECTED, 2, None, Reason.EMPTY_ROW, "every cell is empty", ""),
        Problem(Severity.WARNING, 3, "reference", Reason.EXCEL_ROUNDED_NUMBER, "x", '"a\nb"'),
    ]
    assert unpacked(pack([], problems, 1)) == ([], problems)


NONE = {"events": 0, "zoneless": 0, "rejected": 0, "warnings": 0, "month_first": 0}
COUNTED = {
    "nothing": ([], [], {}),
    "events without a zone": ([event(), event()], [], {"events": 2, "zoneless": 2}),
    "events with a zone": ([event(zoned=1)] * 3, [], {"events": 3}),
    "events of both kinds": (
        [event(zoned=1), event(), event(zoned=1)],
        [],
        {"events": 3, "zoneless": 1},
    ),
    "rejected rows": ([], [rejected(), rejected()], {"rejected": 2}),
    "warnings": ([event()], [warning()] * 2, {"events": 1, "zoneless": 1, "warnings": 2}),
    "months first": (
        [],
        [rejected(reason=Reason.MONTH_FIRST), rejected(), rejected(reason=Reason.MONTH_FIRST)],
        {"rejected": 3, "month_first": 2},
    ),
}


@pytest.mark.parametrize(("events", "problems", "counts"), COUNTED.values(), ids=COUNTED.keys())
def test_what_is_packed_is_counted(
    events: list[Event], problems: list[Problem], counts: dict[str, int]
) -> None:
    tally = pack(events, problems, 1).tally
    assert {name: getattr(tally, name) for name in NONE} == NONE | counts


FIRST = {
    "none": ([], None),
    "warnings only": ([warning(2)], None),
    "one": ([rejected(7)], 7),
    "in order": ([rejected(7), rejected(8)], 7),
    "out of order": ([rejected(8), rejected(7), rejected(9)], 7),
    "below a warning": ([warning(2), rejected(7)], 7),
}


@pytest.mark.parametrize(("problems", "line"), FIRST.values(), ids=FIRST.keys())
def test_the_first_rejected_row_is_the_uppermost(problems: list[Problem], line: int | None) -> None:
    first = pack([], problems, 1).tally.first_rejected
    assert (first.line if first else None) == line


FORMS = {
    "no card": ([], {}),
    "capitals and digits": (["CRD1", "A12"], {"AAA9": 1, "A99": 1}),
    "of one form": (["CRD1", "CRD2", "XYZ0"], {"AAA9": 3}),
    "small letter": (["CRD1", "CRd1"], {"AAA9": 1, "AAa9": 1}),
    "blank": (["CRD 1"], {"AAA 9": 1}),
    "blank in the last one": (["CRD1", "CRD2", "CRD 3"], {"AAA9": 2, "AAA 9": 1}),
    "zeros": (["CRD001", "CRD010", "CRD100"], {"AAA009": 1, "AAA099": 1, "AAA999": 1}),
    "letters without case": (["بطاقة1"], {"بطاقة9": 1}),
}


@pytest.mark.parametrize(("card_ids", "expected"), FORMS.values(), ids=FORMS.keys())
def test_a_run_knows_the_forms_of_card_ids(card_ids: list[str], expected: dict[str, int]) -> None:
    tally = pack([event(card_id) for card_id in card_ids], [], 1).tally
    assert {form: count for (_, form), count in tally.forms.items()} == expected
    assert (tally + tally).forms == {form: 2 * count for form, count in tally.forms.items()}


@given(st.lists(st.text(alphabet="aZ10 -ßıéǆ💳\u0301\u0421", min_size=1, max_size=4), max_size=4))
def test_no_card_id_of_another_form_is_missed(card_ids: list[str]) -> None:
    forms = pack([event(card_id) for card_id in card_ids], [], 1).tally.forms
    assert set(forms) == {
        (kind_of(spelling.key), spelling.form)
        for card_id in card_ids
        for spelling in spellings(card_id)
    }


def test_size_and_rest_are_taken_along() -> None:
    packed = pack([event()], [], 4_711, ['1,"a\n', "b\r\n"])
    assert (packed.size, packed.rest) == (4_711, ('1,"a\n', "b\r\n"))
    assert pack([], [], 0).rest == ()


def test_the_same_events_are_packed_the_same() -> None:
    packed: list[PackedEvents] = [pack([event("B"), event("A")], [rejected()], 1) for _ in range(2)]
    assert packed[0] == packed[1]
