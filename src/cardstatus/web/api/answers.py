"""The answers of the JSON endpoints: parameters and an open database in, JSON out.

The answers are those of the commands. Knows nothing of the web but the statuses.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cardstatus.database.reading.overview import Overview
from cardstatus.display import serialise
from cardstatus.errors import CardStatusError, UsageError
from cardstatus.model.records import CardStatus
from cardstatus.questions import inputs, lookup
from cardstatus.questions.beside import beside
from cardstatus.questions.check import CheckRun
from cardstatus.questions.find import find as found_cards
from cardstatus.questions.find import read_query
from cardstatus.questions.history import history_records
from cardstatus.questions.inputs import read_time
from cardstatus.questions.stats import StatsOptions, compute, read_window
from cardstatus.rules.findings import CheckTerms
from cardstatus.web.parameters import (
    CardParameters,
    CheckParameters,
    FilesParameters,
    FindParameters,
    NoParameters,
    ProblemsParameters,
    StatsParameters,
)


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


def cards_asked_for(parameters: CardParameters, overview: Overview) -> Sequence[CardStatus]:
    """Return the cards that a request means, by card id; at least one.

    Raises :class:`UsageError` and :class:`NoCardError`.
    """
    card_ids = [inputs.read_card_id(text, "card_id") for text in parameters.card_id]
    mobiles = inputs.read_mobiles(overview, parameters.user_mobile, "user_mobile")
    if not (card_ids or mobiles):
        raise UsageError("say which card: card_id=ID or user_mobile=NUMBER")
    taken = lookup.take_near(overview, card_ids)
    card_ids = [taken.get(card_id, card_id) for card_id in card_ids]
    found = lookup.find_cards(overview, card_ids, mobiles)
    if not found:
        lines = lookup.explain_missing(
            overview, card_ids, mobiles, any_known=False, option="user_mobile"
        )
        raise NoCardError("; ".join(islice(lines, lookup.NAMED)))
    return list(beside(overview, found, {card_id: asked for asked, card_id in taken.items()}))


def _cards_or_none(parameters: CardParameters, overview: Overview) -> Sequence[CardStatus]:
    """Return the cards that a request means, none for a mobile that no card has."""
    try:
        return cards_asked_for(parameters, overview)
    except NoCardError:
        if parameters.card_id:
            raise
        return []


def get_card_status(parameters: CardParameters, overview: Overview) -> Answer:
    """Answer with the records of ``get``.

    Raises :class:`NoCardError` for unknown card ids. For a mobile without cards the answer is an
    empty list.
    """
    return _listed(_cards_or_none(parameters, overview))


def history(parameters: CardParameters, overview: Overview) -> Answer:
    """Answer with the records of ``history``, for the same cards as :func:`get_card_status`."""
    found = _cards_or_none(parameters, overview)
    return _listed(history_records(overview, [card.card_id for card in found]))


def find(parameters: FindParameters, overview: Overview) -> Answer:
    """Answer with the records of ``find``, none if no card matches."""
    search = overview.search()
    words = read_query(search, [parameters.q])
    found = found_cards(search, words, limit=parameters.limit, comments=parameters.comments)
    return _listed(found.cards)


def status_counts(parameters: NoParameters, overview: Overview) -> Answer:
    """Answer with the number of cards by status."""
    return Answer(200, serialise.to_json(overview.status_counts()) + "\n")


def problems(parameters: ProblemsParameters, overview: Overview) -> Answer:
    """Answer with a page of the records of ``problems``."""
    timezone = overview.settings().timezone
    since = parameters.since
    wanted = overview.problems(
        parameters.severity,
        reason=parameters.reason,
        file=parameters.file,
        since=None if since is None else read_time(since, timezone, "since", day_begins=True),
        only_open=parameters.open,
    )
    found, more = page_of(wanted, parameters)
    return _listed(found)._replace(more=more)


def files(parameters: FilesParameters, overview: Overview) -> Answer:
    """Answer with a page of the files of ``files``, and the activity of all types."""
    found, more = page_of(overview.files(newest_first=True), parameters)
    report = serialise.json_report("files", found, lambda: {"types": overview.activity()})
    return Answer(200, "".join(report), more)


def check(parameters: CheckParameters, overview: Overview) -> Answer:
    """Answer with the report of ``check``, and as many findings as the limit allows."""
    run = check_run(parameters, overview)
    listed = first(parameters.limit, run.findings())
    return Answer(200, "".join(serialise.json_report("findings", listed, run.totals)))


def check_run(parameters: CheckParameters, overview: Overview) -> CheckRun:
    """Return the run over all cards that a request means. Raises :class:`UsageError`."""
    now = inputs.read_now(overview, parameters.now, None, "now")
    terms = CheckTerms(now, parameters.max_attempts, parameters.stale_days)
    return CheckRun(overview, terms, parameters.reason)


def stats(parameters: StatsParameters, overview: Overview) -> Answer:
    """Answer with the record of ``stats``."""
    timezone = overview.settings().timezone
    window = read_window(timezone, parameters.since, parameters.until, ("since", "until"))
    counted = compute(overview, StatsOptions(parameters.by, window, parameters.top))
    return Answer(200, serialise.to_json(serialise.plain(counted)) + "\n")


def healthz(parameters: NoParameters, overview: Overview) -> Answer:
    """Answer that the database can be read."""
    overview.settings()
    return Answer(200, serialise.to_json({"status": "ok"}) + "\n")


def http_status(error: CardStatusError) -> int:
    """Return the HTTP status that stands for an error, as exit codes do for the commands."""
    if isinstance(error, UsageError):
        return 400
    return 404 if isinstance(error, NoCardError) else 503


def refusal(status: int, sentence: str) -> Answer:
    """Return an answer with a sentence that says what is wrong."""
    return Answer(status, serialise.to_json({"error": sentence}) + "\n")


def page_of(
    records: Iterator[Any], parameters: FilesParameters | ProblemsParameters
) -> tuple[list[Any], str]:
    """Return a part of the records, and the query string for the next, empty at the end."""
    found = islice(records, parameters.offset, None)
    page = list(islice(found, parameters.limit))
    if next(found, None) is None:
        return page, ""
    asked = parameters.model_dump(mode="json", exclude_defaults=True)
    part = {"limit": parameters.limit, "offset": parameters.offset + parameters.limit}
    return page, urlencode({**asked, **part}).replace("=True", "=true")


def first(limit: int, records: Iterator[Any]) -> Iterator[Any]:
    """Yield the first records, and go through the others so that they are counted."""
    yield from islice(records, limit)
    for _ in records:
        pass


def _listed(records: Iterable[NamedTuple]) -> Answer:
    return Answer(200, "".join(serialise.json_list(records)))
