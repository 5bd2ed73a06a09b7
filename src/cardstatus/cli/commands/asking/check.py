"""The command ``check``."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Annotated

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import DEFAULT_DATABASE, Database, Now, Output, zone_names
from cardstatus.database.reading.overview import Overview
from cardstatus.display import progress, serialise, streams
from cardstatus.display.serialise import Format
from cardstatus.errors import UsageError
from cardstatus.model.records import EventType
from cardstatus.questions import inputs
from cardstatus.questions.arrivals import LateType, late_types, read_expectation
from cardstatus.questions.check import CardFinding, CheckRun
from cardstatus.rules.findings import MAX_ATTEMPTS, STALE_DAYS, CheckTerms, FindingReason

_LISTED = 100
"""Findings that a table lists; the other formats have all."""


def check(
    reason: Annotated[
        list[FindingReason] | None,
        typer.Option(metavar="REASON", help="Only this reason; may be repeated."),
    ] = None,
    max_attempts: Annotated[
        int, typer.Option(min=0, metavar="N", help="Failed attempts that a card may have.")
    ] = MAX_ATTEMPTS,
    stale_days: Annotated[
        int, typer.Option(min=0, metavar="N", help="Days an open card may go without news.")
    ] = STALE_DAYS,
    also_zone: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=zone_names,
            help="Also read zoneless times in this zone, and compare.",
        ),
    ] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TYPE=TIME",
            autocompletion=lambda: [f"{kind.word}=1d" for kind in EventType],
            help="Say if no file of the type came for so long; may be repeated.",
        ),
    ] = None,
    now: Now = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """List the cards that need a person, and say why.

    Exit code 3 says that there are some, or that a file is late. The reasons:

    \b
      delivered_and_returned  both, and no new pickup in between
      after_the_end           more after the end, with no new pickup before it
      pickup_after_delivery   delivered, then picked up with no return in between
      before_the_pickup       more before the first pickup
      no_pickup               no file says that it was picked up
      too_many_attempts       failed since the last pickup, and not returned
      two_mobiles             two users for one card
      same_instant            events of several types at the same time
      in_the_future           events that are yet to come
      stale                   picked up or failed, and no news since
      near_ids                ids of several cards differ in spelling only
      zone_decides            another status with --also-zone

    \b
    Examples:
      cardstatus check --stale-days 3
      cardstatus check --expect delivered=1d --expect returned=7d
      cardstatus check --reason no_pickup --format csv > ask-the-courier.csv
      cardstatus check --also-zone Asia/Dubai --reason zone_decides
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if FindingReason.ZONE_DECIDES in (reason or ()) and not also_zone:
        raise UsageError("--reason zone_decides: say in which zone, with --also-zone NAME")
    expected = list(map(read_expectation, expect or ()))
    with Overview.open(db) as overview:
        terms = CheckTerms(inputs.read_now(overview, now, None), max_attempts, stale_days)
        if also_zone:
            terms = terms._replace(reread=_reread(overview, also_zone), also_zone=also_zone)
        late = late_types(overview, expected, terms.now)
        if form is Format.TABLE:
            run = _print_table(overview, terms, reason or ())
        else:
            run = _print_records(overview, terms, reason or (), form, late if expect else None)
    streams.message(_summary(run))
    for each in late:
        streams.message(each.sentence())
    if run.attention or late:
        raise typer.Exit(Exit.NEEDS_ATTENTION)


def _reread(overview: Overview, name: str) -> Callable[[int], int]:
    """Return a function from an instant, read in the database's zone, to the same clock time in
    another zone.
    """
    from cardstatus.instants import read_again, read_zone, zone_clock

    return read_again(zone_clock(overview.settings().timezone), read_zone(name, "--also-zone"))


@contextmanager
def _run(
    overview: Overview, terms: CheckTerms, only: Collection[FindingReason], *, beside_data: bool
) -> Iterator[CheckRun]:
    """Yield a run over all cards, its progress shown by a bar."""
    with progress.shown("Checking", beside_data=beside_data) as bar:
        if bar:
            bar.start(overview.count_events())
        yield CheckRun(overview, terms, only, bar.advance if bar else None)


def _print_table(
    overview: Overview, terms: CheckTerms, only: Collection[FindingReason]
) -> CheckRun:
    """Print the counts and the first findings, once all cards have been checked."""
    with _run(overview, terms, only, beside_data=False) as run:
        findings = run.findings()
        listed = list(islice(findings, _LISTED))
        left_out = sum(1 for _ in findings)
    if run.counts:
        from cardstatus.display.pages import check_tables

        timezone = overview.settings().timezone
        streams.write_safe([check_tables(listed, run.counts, timezone, streams.style())])
    if left_out:
        streams.message(f"and {left_out:,} more; see all with --format csv, or some by --reason")
    return run


def _print_records(
    overview: Overview,
    terms: CheckTerms,
    only: Collection[FindingReason],
    form: Format,
    late: Sequence[LateType] | None,
) -> CheckRun:
    """Print every finding as it is found."""
    with _run(overview, terms, only, beside_data=True) as run:
        if form is Format.JSON:
            more = {} if late is None else {"late": late}
            chunks = serialise.json_report(
                "findings", run.findings(), lambda: {**run.totals(), **more}
            )
        else:
            chunks = serialise.stream(form, CardFinding._fields, run.findings())
        streams.write_data(chunks)
    return run


def _summary(run: CheckRun) -> str:
    if not run.cards:
        return "there is no card in the database yet"
    if not run.attention:
        return f"cards checked: {run.cards:,}; none needs a person"
    return f"cards checked: {run.cards:,}; need a person: {run.attention:,}"
