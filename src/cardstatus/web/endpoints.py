"""The JSON endpoints: parameters of a request in, an answer out.

The answers are those of the commands. Of HTTP only the statuses stand here.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from cardstatus.database.reading.overview import Overview
from cardstatus.database.reading.store import Store
from cardstatus.display import serialise
from cardstatus.errors import CardStatusError, UsageError
from cardstatus.model.problems import Severity, StoredProblem
from cardstatus.model.records import CardStatus
from cardstatus.privacy import redact
from cardstatus.questions import inputs, lookup
from cardstatus.questions.check import CheckRun
from cardstatus.rules.findings import MAX_ATTEMPTS, STALE_DAYS, CheckTerms, FindingReason

LISTED: Final = 1_000
"""Records that a list has, unless asked for more or fewer."""
MOST_LISTED: Final = 10_000
REASONS: Final = tuple(r.value for r in FindingReason if r is not FindingReason.ZONE_DECIDES)
"""The reasons that ``check`` looks for; the one left out needs a zone to compare with."""
MOST: Final = 1_000_000_000
"""The greatest number that a parameter may be."""
_MOST_PARAMETERS: Final = 1_000

Parameters = Mapping[str, Sequence[str]]
"""The values of each parameter that a request may have, none where it was not given."""


class NoCardError(CardStatusError):
    """No card matches: for the commands this is exit code 4."""


class Answer(NamedTuple):
    """The body that is sent back, and its status."""

    status: int
    """An HTTP status."""
    body: str
    """JSON."""
    more: str = ""
    """Query string of the request for the next records, empty at the end."""


def read_query(query: str, allowed: Collection[str]) -> Parameters:
    """Return the parameters of a query string. Raises :class:`UsageError`.

    A parameter that the endpoint does not have is refused: with a mistyped one ignored, the answer
    would be to another question.
    """
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise UsageError("the parameters are not text in UTF-8") from None
    except ValueError:
        raise UsageError(f"there are over {_MOST_PARAMETERS:,} parameters") from None
    parameters: dict[str, list[str]] = {name: [] for name in allowed}
    for name, value in pairs:
        if name not in parameters:
            raise UsageError(
                f"there is no parameter {redact(name)!r} here; there is {', '.join(allowed)}"
            )
        parameters[name].append(value)
    return parameters


def cards_asked_for(store: Store, parameters: Parameters) -> list[CardStatus]:
    """Return the cards that a request means, by card id; at least one.

    Raises :class:`UsageError` and :class:`NoCardError`.
    """
    card_ids = [inputs.read_card_id(text, "card_id") for text in parameters["card_id"]]
    mobiles = inputs.read_mobiles(store, parameters["user_mobile"], "user_mobile")
    if not (card_ids or mobiles):
        raise UsageError("say which card: card_id=ID or user_mobile=NUMBER")
    found = lookup.find_cards(store, card_ids, mobiles)
    if not found:
        lines = lookup.explain_missing(
            store, card_ids, mobiles, any_known=False, option="user_mobile"
        )
        raise NoCardError("; ".join(islice(lines, lookup.NAMED)))
    return found


def get_card_status(path: Path, query: str) -> Answer:
    """Answer with the records of ``get``.

    Raises :class:`NoCardError` for unknown card ids. For a mobile without cards the answer is an
    empty list.
    """
    parameters = read_query(query, ("card_id", "user_mobile"))
    with Store.open(path) as store:
        try:
            return _listed(cards_asked_for(store, parameters))
        except NoCardError:
            if parameters["card_id"]:
                raise
            return _listed(())


def status_counts(path: Path, query: str) -> Answer:
    """Answer with the number of cards by status."""
    read_query(query, ())
    with Overview.open(path) as overview:
        return Answer(200, serialise.to_json(overview.status_counts()) + "\n")


def problems(path: Path, query: str) -> Answer:
    """Answer with a page of the records of ``problems``."""
    parameters = read_query(query, ("severity", "limit", "offset"))
    severity = _one_of(parameters, "severity", list(Severity))
    limit = _number(parameters, "limit", LISTED, 1, MOST_LISTED)
    offset = _number(parameters, "offset", 0)
    with Store.open(path) as store:
        found = islice(store.problems(severity), offset, None)
        page: list[StoredProblem] = list(islice(found, limit))
        some_left = next(found, None) is not None
    more = f"limit={limit}&offset={offset + limit}"
    if severity:
        more = f"severity={severity}&{more}"
    return _listed(page)._replace(more=more if some_left else "")


def check(path: Path, query: str) -> Answer:
    """Answer with the report of ``check``, and as many findings as the limit allows."""
    parameters = read_query(query, ("reason", "max_attempts", "stale_days", "now", "limit"))
    for reason in parameters["reason"]:
        _known("reason", reason, REASONS)
    limit = _number(parameters, "limit", LISTED, 0, MOST_LISTED)
    attempts = _number(parameters, "max_attempts", MAX_ATTEMPTS)
    days = _number(parameters, "stale_days", STALE_DAYS)
    now = _single(parameters, "now")
    with Overview.open(path) as overview:
        terms = CheckTerms(inputs.read_now(overview, now, None, "now"), attempts, days)
        run = CheckRun(overview, terms, [FindingReason(text) for text in parameters["reason"]])
        report = "".join(
            serialise.json_report("findings", _first(limit, run.findings()), run.totals)
        )
    return Answer(200, report)


Endpoint = Callable[[Path, str], Answer]
"""Takes the database and the query string. Raises :class:`CardStatusError`."""

ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "get_card_status": get_card_status,
    "status_counts": status_counts,
    "problems": problems,
    "check": check,
}


def http_status(error: CardStatusError) -> int:
    """Return the HTTP status that stands for an error, as exit codes do for the commands."""
    if isinstance(error, UsageError):
        return 400
    return 404 if isinstance(error, NoCardError) else 503


def refusal(status: int, sentence: str) -> Answer:
    """Return an answer with a sentence that says what is wrong."""
    return Answer(status, serialise.to_json({"error": sentence}) + "\n")


def _listed(records: Iterable[NamedTuple]) -> Answer:
    return Answer(200, "".join(serialise.json_list(records)))


def _first(limit: int, records: Iterator[Any]) -> Iterator[Any]:
    """Yield the first records, and go through the others so that they are counted."""
    yield from islice(records, limit)
    for _ in records:
        pass


def _single(parameters: Parameters, name: str) -> str | None:
    values = parameters[name]
    if len(values) > 1:
        raise UsageError(f"{name}: give it once")
    return values[0] if values else None


def _number(
    parameters: Parameters, name: str, default: int, least: int = 0, most: int = MOST
) -> int:
    text = _single(parameters, name)
    if text is None:
        return default
    number = int(text) if re.fullmatch(r"\d{1,10}", text, re.ASCII) else -1
    if not least <= number <= most:
        raise UsageError(f"{name}: give a number from {least:,} to {most:,}")
    return number


def _one_of(parameters: Parameters, name: str, choices: Sequence[Severity]) -> Severity | None:
    text = _single(parameters, name)
    if text is None:
        return None
    _known(name, text, choices)
    return Severity(text)


def _known(name: str, text: str, choices: Collection[str]) -> None:
    if text not in choices:
        raise UsageError(f"{name}: {redact(text)!r} is none of {', '.join(choices)}")
