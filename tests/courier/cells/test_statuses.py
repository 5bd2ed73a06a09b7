"""Statuses: which contradict the type of their file, which fit, and which are not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells import statuses
from cardstatus.courier.cells.statuses import StatusReader, Verdict, judge
from cardstatus.model.problems import Reason, UnknownWords
from cardstatus.model.records import EventType

P, E = EventType.PICKUP, EventType.DELIVERY_EXCEPTIONS
D, R = EventType.DELIVERED, EventType.RETURNED

# The types of files in which a row is refused, and statuses of such rows.
CONTRADICTED: list[tuple[set[EventType], str]] = [
    # What happened, and to whom.
    ({P, E, R}, "Delivered|DELIVERED TO USER|Shipment delivered|Delivered?|POD|Proof of delivery"),
    ({P, E, R}, "Delivery completed|delivery_successful|Delivery Confirmed|Successfully delivered"),
    (
        {P, E, R},
        "Delivered to neighbour|Handed over to customer|Received by consignee|Card delivered",
    ),
    (
        {P, E, R},
        "Delivered on 2nd attempt|\uff24elivered|Delivered at door",
    ),
    ({P, E, R}, "Delivered, signed by Ahmed"),
    ({E, D, R}, "Picked up|PICKED_UP|PICKEDUP|Picked up from shipper|Shipment picked|Pick-up done"),
    (
        {P, E, D},
        "Returned|Returned to origin|RTO Delivered|RTS received|Delivered to sender|Sent back",
    ),
    (
        {P, E, D},
        "Delivered back to shipper|Received by sender|Return completed|Handed back to issuer",
    ),
    # What did not happen.
    (
        {P, D},
        "NOT DELIVERED|NOTDELIVERED|NotDelivered|not-yet-delivered|Undelivered|UNDELIVERED|NDR",
    ),
    (
        {P, D},
        "Could not be delivered|Couldn't deliver|Unable to deliver|Delivery failed|Failed|RTO",
    ),
    ({P, D}, "Delivery not completed|2nd attempt failed|Attempted|Delivery attempted|Refused|RTS"),
    ({P, D}, "Delivery exception|Customer refused|Rejected|Cancelled|Return to origin|Uncollected"),
    ({P, D}, "Return To Sender|Not picked up|Pickup failed|Pickup scheduled|Out for pickup"),
    ({P, D}, "Customer not available|Nobody at home|No answer|Wrong address|Door locked"),
    ({P, D}, "Address not found|Consignee unavailable|User declined to accept package"),
    ({R}, "Not returned|Return refused|RTO failed"),
    # What is under way, or to come.
    ({D, R}, "In transit|INTRANSIT|In-Transit|Out for delivery|OUTFORDELIVERY|OFD|Dispatched"),
    ({D, R}, "With courier|Arrived at hub|Handed over to driver|Pending|Delivery scheduled"),
    ({D, R}, "Ready for delivery|To be delivered|Lost in transit|Delivery in progress|Rescheduled"),
    ({P, D, R}, "RTO initiated|RTO In Transit|Return requested|To be returned|Returning"),
    ({P, D, R}, "Being returned|Return in transit|Ready for return"),
    # What may be meant in one way or another, in some of the files.
    ({E}, "Collected|Handed over|Reverse pickup"),
    ({P, E}, "Collected by customer|Picked up by the recipient"),
    ({D}, "Return|Returned to depot|On hold|Damaged"),
]


@pytest.mark.parametrize(
    ("status", "kinds"),
    [(status, kinds) for kinds, listed in CONTRADICTED for status in listed.split("|")],
)
def test_status_contradicts_the_types_that_it_stands_against(
    status: str, kinds: set[EventType]
) -> None:
    assert {kind for kind in EventType if judge(status, kind) is Verdict.CONTRADICTS} == kinds
    assert {kind for kind in EventType if judge(status, kind) is Verdict.FITS} == {
        *EventType
    } - kinds


SILENT = ["", "-", "N/A", "OK", "ok.", "Success", "Completed", "1", "0", "42", "Y", "Yes", "TRUE"]
SILENT += [
    "Delivered to branch",
    "Collected from branch",
    "Handed over to the hub",
    "Not failed",
    "Status: closed",
]


@pytest.mark.parametrize("status", SILENT)
@pytest.mark.parametrize("kind", EventType)
def test_status_that_says_yes_or_nothing_fits_every_type(status: str, kind: EventType) -> None:
    assert judge(status, kind) is Verdict.FITS


UNKNOWN = [
    "Blocked",
    "DL",
    "UD",
    "N",
    "No",
    "Gate 7",
    "Entregado",
    "Misrouted",
    "Pickup",
    "Attempt 1",
]
UNKNOWN += [
    "Accepted",
    "Created",
    "Booked",
    "Received",
    "\u062a\u0645 \u0627\u0644\u062a\u0633\u0644\u064a\u0645",
]
# What the one word says the other may turn.
UNKNOWN += ["Partially delivered", "Wrongly delivered", "Delivered: no", "Delivered - no signature"]


@pytest.mark.parametrize("status", UNKNOWN)
@pytest.mark.parametrize("kind", EventType)
def test_status_of_which_too_little_is_known_is_unknown(status: str, kind: EventType) -> None:
    assert judge(status, kind) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Delivered to wrong address", D),
        ("Delivered not confirmed", D),
        ("Undelivered - returned", E),
        ("Delivered/Returned", R),
    ],
)
def test_status_that_fits_in_part_is_unknown(status: str, kind: EventType) -> None:
    assert judge(status, kind) is Verdict.UNKNOWN


WORDS = st.sampled_from(
    ["not", "delivered", "delivery", "returned", "rto", "to", "sender", "picked up", "failed", "7"]
)


@given(st.lists(WORDS, max_size=6), st.sampled_from(EventType))
def test_status_is_the_same_in_any_spelling(words: list[str], kind: EventType) -> None:
    expected = judge(" ".join(words), kind)
    for text in ("_".join(words).upper(), " - ".join(words).title(), "  ".join(words) + "."):
        assert judge(text, kind) is expected


@given(st.text(max_size=300), st.sampled_from(EventType))
def test_any_text_has_a_verdict(text: str, kind: EventType) -> None:
    assert judge(text, kind) in Verdict


def test_long_text_takes_no_time() -> None:
    assert judge("delivered" * 50_000, D) is Verdict.UNKNOWN


def test_what_a_files_name_says_is_said_by_a_status() -> None:
    for kind in EventType:
        for phrase in kind.names.split("|"):
            assert judge(phrase, kind) is Verdict.FITS
            assert Verdict.CONTRADICTS in {judge(phrase, other) for other in EventType}


def test_reader_tells_what_contradicts_and_counts_what_is_unknown() -> None:
    reader = StatusReader(D, [1])
    rows = [["", cell] for cell in ("Delivered", "zz", " RTO ", "", "zz", "yy")]
    assert reader.read_columns(rows, range(2, 8), strange={5}) == {2}
    reader.note(["RTO", '="xx"'], 9)
    reader.note(["zz", "Delivered"], 10)
    assert reader.take_unknown() == UnknownWords(3, ((3, "zz"), (9, "xx")))
    assert reader.take_unknown() == UnknownWords()


def test_each_status_of_a_row_has_its_say() -> None:
    reader = StatusReader(D, [0, 1])
    rows = [["OK", "RTO"], ["zz", "RTO"], ["zz", "yy"], ["Delivered", "xx"], ["", ""]]
    assert reader.read_columns(rows, range(2, 7), strange=()) == {0, 1}
    assert reader.take_unknown() == UnknownWords(2, ((4, "zz"), (5, "xx")))
    assert [reader.fault(row) is not None for row in rows] == [True, True, False, False, False]
    for line, row in enumerate(rows[2:], 4):
        reader.note(row, line)
    assert reader.take_unknown() == UnknownWords(2, ((4, "zz"), (5, "xx")))


def test_file_without_statuses_has_nothing_against_a_row() -> None:
    reader = StatusReader(D, [])
    assert reader.read_columns([["RTO"]], [2], strange=()) == set()
    assert reader.fault(["RTO"]) is None


def test_fault_shows_the_status_without_a_mobile() -> None:
    fault = StatusReader(D, [0]).fault([" RTO 0585550123 "])
    assert fault is not None
    assert fault.reason is Reason.CONTRADICTING_STATUS
    assert fault.detail == (
        "the status 'RTO \u20260123' says otherwise than a file of type delivered; ask which "
        "of the two is right"
    )
    assert StatusReader(R, [0]).fault(["RTO"]) is None
    assert StatusReader(R, [0]).fault(["zz"]) is None


def test_unknown_words_that_are_remembered_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statuses, "_REMEMBERED", 2)
    reader = StatusReader(D, [0])
    assert reader.read_columns([["k"], ["l"], ["m"], ["k"]], range(4), strange=()) == set()
    assert reader.take_unknown() == UnknownWords(4, ((0, "k"), (1, "l")))


FOUND = st.lists(st.tuples(st.integers(2, 40), st.sampled_from("abcdefgh")), max_size=20)


@given(FOUND, FOUND)
def test_unknown_words_of_two_pieces_are_those_of_the_whole(
    upper: list[tuple[int, str]], lower: list[tuple[int, str]]
) -> None:
    def words(found: list[tuple[int, str]]) -> UnknownWords:
        return sum((UnknownWords(1, (one,)) for one in found), UnknownWords())

    assert words(upper) + words(lower) == words(lower) + words(upper) == words(upper + lower)
    lines = dict(sorted(((word, line) for line, word in upper), reverse=True))
    assert UnknownWords.of(len(upper), lines) == words(upper)
    assert len(words(upper).words) == min(5, len({word for _, word in upper}))
