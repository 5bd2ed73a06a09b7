"""What stands beside answers, as sentences for people."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

from cardstatus.model.records import Status
from cardstatus.rules.spelling import look_alikes

from .serialise import printable
from .wording import WHY_BEATEN, also_said_by, local_time

if TYPE_CHECKING:
    from cardstatus.questions.beside import Answer, MobileFrom, NearId
    from cardstatus.questions.history import Beaten, Explanation, HistoryEvent

    from .tables import Cell


def beside_lines(answers: "Iterable[Answer]", zone: tzinfo) -> Iterator[str]:
    """Yield a line for each near id of an answer, and for a mobile of an earlier event."""
    for answer in answers:
        if answer.mobile_from:
            yield (
                f"the mobile of {answer.card_id} is that of an earlier event: "
                f"{mobile_from(answer.mobile_from, zone)}"
            )
        yield from near_lines(answer.card_id, answer.near_ids, zone)


def near_lines(card_id: str, others: "Iterable[NearId]", zone: tzinfo) -> Iterator[str]:
    """Yield a line for each near id of a card."""
    for near in others:
        yield (
            f"{near['card_id']!r} differs from {card_id!r} in spelling only, and is another card: "
            f"{near_id(near, zone)}"
        )


def near_block(events: "Iterable[HistoryEvent]", zone: tzinfo) -> str:
    """Return the lines on near ids that stand below a history."""
    lines = (
        line
        for event in events
        for line in near_lines(event.card_id, getattr(event, "near_ids", ()), zone)
    )
    return "".join(f" {printable(line)}\n" for line in lines)


def mobile_of(record: "Explanation", zone: tzinfo) -> str:
    """Return the mobile of an answer, and which event gives it if not the deciding one."""
    if not record.mobile_from:
        return record.mobile or "unknown"
    return f"{record.mobile}, of an earlier event: {mobile_from(record.mobile_from, zone)}"


def mobile_from(event: "MobileFrom", zone: tzinfo) -> str:
    """Return the event that a mobile is of."""
    status, time = Status(event["status"]).label, local_time(event["occurred_at"], zone)
    return f"{status}, {time}, {event['source']}:{event['line']}"


def near_id(near: "NearId", zone: tzinfo) -> str:
    """Return the status of a card with a near id, and which of its letters only look Latin."""
    told = f"{Status(near['status']).label}, {local_time(near['occurred_at'], zone)}"
    letters = ", ".join(f"U+{ord(char):04X}" for char in look_alikes(near["card_id"]))
    return f"{told} (letters of another script: {letters})" if letters else told


def beaten_line(beaten: "Beaten", zone: tzinfo) -> str:
    """Return an event that does not decide, and why, as a line."""
    time = local_time(beaten["occurred_at"], zone)
    why = WHY_BEATEN[beaten["by"]]
    said = also_said_by(beaten["also_said_by"])
    also = f", also said by {said}" if said else ""
    return f"{time}  {beaten['type']}  {beaten['source']}:{beaten['line']}{also}  ({why})"


def evidence_rows(record: "Explanation") -> "Iterator[tuple[str, Cell]]":
    """Yield the file and the row that an answer rests on, each with its heading."""
    if evidence := record.evidence:
        now_at = f", now {evidence['archived']}" if evidence["archived"] else ""
        yield "File", f"SHA-256 {evidence['sha256'][:12]}{now_at}"
        yield "Row", evidence["row"] or ("not to be seen: no such file is there any more", "dim")
