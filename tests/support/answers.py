"""Records, reports and texts that the tests of the display share."""

import unicodedata

from hypothesis import strategies as st

from cardstatus.display.tables import TableStyle
from cardstatus.model.problems import StoredProblem
from cardstatus.model.records import CardStatus, EventType
from cardstatus.model.reports import Counts, FileReport, IngestReport, Outcome

PIPE = TableStyle(width=None, color=False)
# An escape, CSI as one character, a bidi override, a zero-width space and a byte-order mark.
NASTY = "a\x1b[31mb\x9b1m\u202ec\u200b\ufeff"
UNSAFE = (
    "\x00\t\n\r\x1b\x7f\x85\x9b\u061c\u200e\u2028\u202e\u2066\u2069\ufeff"
    "\u115f\u180e\u2800\ufe0f\U000e0041"
)
NASTY_TEXT = st.text(UNSAFE + "=+-@'\",;[]\\xé😀", max_size=8)


def card(
    card_id: str = "CRD1001",
    status: str | None = "delivered",
    occurred_at: str | None = "2023-11-13T09:34:56Z",
    mobile: str | None = "+971585550123",
    comment: str | None = "left at the door",
) -> CardStatus:
    return CardStatus(
        card_id, status, occurred_at, mobile, comment, "A982", "drop/Delivered.csv", 7
    )


def unknown_card(card_id: str = "CRD1009") -> CardStatus:
    return CardStatus(card_id, None, None, None, None, None, None, None)


def problem(detail: str = "the minutes are missing", raw: str = "1,C1,2,3") -> StoredProblem:
    return StoredProblem(
        "rejected", "Pickup.csv", 3, "occurred_at", "bad_time", detail, raw,
        "2023-11-13T12:00:00Z", "open",
    )  # fmt: skip


def report(
    *files: FileReport, dry_run: bool = False, left_out: int = 0, interrupted: bool = False
) -> IngestReport:
    return IngestReport("cards.db", "Asia/Dubai", "971", files, dry_run, left_out, interrupted)


INGESTED = FileReport(
    "Pickup.csv", EventType.PICKUP, Outcome.INGESTED, Counts(1_010, 1_000, 7, 3, 2), zoneless=1_007
)
CLEAN = FileReport("a.csv", EventType.DELIVERED, Outcome.INGESTED, Counts(2, 2, 0, 0, 0))
FAILED = FileReport("cards.csv", None, Outcome.FAILED, error="the name tells no type")


def unsafe_characters(text: str) -> set[str]:
    """Return the characters of a text that no output may have: controls but for line feeds, marks
    that turn the direction of text, and some that are invisible.
    """
    turns = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    return {
        char
        for char in text
        if (unicodedata.category(char) == "Cc" and char != "\n")
        or unicodedata.bidirectional(char) in turns
        or char in "\u061c\u200e\u200f\u2028\u2029\u115f\u180e\u2800\ufe0f\U000e0041"
    }
