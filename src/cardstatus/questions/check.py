"""The run over all cards that finds those that need a person.

The findings about one card are in ``rules.findings``.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Any, NamedTuple

from cardstatus.database.reading.overview import Overview
from cardstatus.instants import one_iso, zone_clock
from cardstatus.model.records import EventType
from cardstatus.rules.findings import CheckTerms, Finding, FindingReason, findings


class CardFinding(NamedTuple):
    """The record of ``check``: one thing about one card that needs a person."""

    card_id: str
    reason: str
    """A :class:`FindingReason`."""
    detail: str
    status: str
    occurred_at: str
    """ISO 8601 in UTC, ending in ``Z``: of the event that decides, as are the next two."""
    source: str
    line: int


class CheckRun:
    """One run over all cards, which counts as it goes."""

    def __init__(
        self,
        overview: Overview,
        terms: CheckTerms,
        only: Collection[FindingReason] = (),
        advance: Callable[[int], None] | None = None,
    ) -> None:
        self.cards = 0
        """Cards looked at so far."""
        self.attention = 0
        """Those of them that need a person."""
        self.counts: Counter[str] = Counter()
        """Findings so far, by reason."""
        self._overview = overview
        clock = zone_clock(overview.settings().timezone)
        self._terms = terms._replace(clock=terms.clock or clock)
        self._only = frozenset(only)
        self._advance = advance

    def findings(self) -> Iterator[CardFinding]:
        """Yield the findings by card id: all, or those with a reason in ``only``."""
        near = self._near_ids()
        status_of = {int(kind): kind.status.value for kind in EventType}
        name_of = self._overview.source_names()
        for history in self._overview.histories(self._advance):
            self.cards += 1
            found = 0
            found_here = findings(history, self._terms)
            if near and history[0][0] in near:
                found_here = chain(found_here, [self._near_id(near[history[0][0]])])
            for reason, detail in found_here:
                if self._only and reason not in self._only:
                    continue
                found = 1
                self.counts[reason.value] += 1
                card_id, occurred_at, kind, *_, source, line = history[-1]
                yield CardFinding(
                    card_id, reason.value, detail, status_of[kind], one_iso(occurred_at),
                    name_of[source], line,
                )  # fmt: skip
            self.attention += found

    def _near_ids(self) -> dict[str, list[str]]:
        """Return the near ids of each card that has some."""
        near: dict[str, list[str]] = {}
        if self._looked_for(FindingReason.NEAR_IDS) and self._overview.has_near_ids():
            for one, other in self._overview.near_pairs():
                near.setdefault(one, []).append(other)
                near.setdefault(other, []).append(one)
        return near

    def _near_id(self, near: list[str]) -> Finding:
        cards = map(self._overview.card, sorted(near))
        told = ", ".join(f"{card.card_id} ({card.status})" for card in cards if card)
        return Finding(FindingReason.NEAR_IDS, f"cards whose ids differ in spelling only: {told}")

    def totals(self) -> dict[str, Any]:
        """Return the counts so far, for JSON, with a count for every reason that was looked for."""
        reasons = [reason.value for reason in FindingReason if self._looked_for(reason)]
        return {
            "now": one_iso(self._terms.now),
            "cards": self.cards,
            "need_attention": self.attention,
            "counts": {reason: self.counts[reason] for reason in reasons},
        }

    def _looked_for(self, reason: FindingReason) -> bool:
        if reason is FindingReason.ZONE_DECIDES and self._terms.reread is None:
            return False
        return reason in self._only or not self._only
