"""The events that tell of one attempt: in every count they are one.

Two events of a card and type are the same attempt if their instant is the same. With the same
reference they are also if one of them gives its time only to the minute, and they are no more than
that minute apart: the row was sent again with its seconds cut off or rounded, or corrected by one
minute. A card is not carried to a door twice in a minute. A time whose seconds are zero is taken
for one that was given to the minute.

Of such events the one with the finest time counts, else the latest.
"""

from collections.abc import Sequence

from cardstatus.instants import MINUTE
from cardstatus.model.events import CardEvent, History


def told_once(history: History) -> History:
    """Return the events, in their order, without those that tell of an attempt once more."""
    before = history[0][1] if history else 0
    for event in history[1:]:  # nearly always far apart
        if event[1] - before <= MINUTE:
            break
        before = event[1]
    else:
        return history
    again = same_as(history)
    return [event for at, event in enumerate(history) if at not in again]


def same_as(history: Sequence[CardEvent]) -> dict[int, int]:
    """Return the positions of events that tell of an attempt once more, each with the position of
    the event that counts.

    ``history``: events in rule order, all of a card or only those of some types.
    """
    at_once = _of_one_instant(history)
    nearer = at_once | _within_a_minute(history)
    found: dict[int, int] = {}
    for at in sorted(nearer, reverse=True):
        other = nearer[at]
        # What lies behind has been followed to its end. What lies before has a finer time, and
        # gives way to events of its instant only.
        found[at] = found[other] if other in found else at_once.get(other, other)
    return found


def _of_one_instant(history: Sequence[CardEvent]) -> dict[int, int]:
    found: dict[int, int] = {}
    for at in range(len(history) - 2, -1, -1):
        if history[at][1:3] == history[at + 1][1:3]:
            found[at] = found.get(at + 1, at + 1)
    return found


def _within_a_minute(history: Sequence[CardEvent]) -> dict[int, int]:
    """Return the positions of events that give way to another of their type and reference."""
    later: dict[int, int] = {}
    newest: dict[tuple[int, str], list[int]] = {}
    """The positions of the newest instant that gives its time to the minute."""
    finest: dict[tuple[int, str], int] = {}
    for at, event in enumerate(history):
        instant, kind = event[1], event[2:4]
        held = newest.get(kind, ())
        if held and history[held[0]][1] < instant <= history[held[0]][1] + MINUTE:
            later |= dict.fromkeys(held, at)
        if instant % MINUTE:
            finest[kind] = at
            newest.pop(kind, None)
            continue
        if kind in finest and instant - history[finest[kind]][1] < MINUTE:
            later[at] = finest[kind]
        newest[kind] = [*held, at] if held and history[held[0]][1] == instant else [at]
    return later
