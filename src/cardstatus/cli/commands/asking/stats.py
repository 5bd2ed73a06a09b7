"""The command ``stats``."""

from typing import Annotated

import typer

from cardstatus.cli.options import DEFAULT_DATABASE, Database, ReportOutput, recent_times
from cardstatus.database.reading.overview import Overview
from cardstatus.display import progress, serialise, streams
from cardstatus.display.serialise import ReportFormat
from cardstatus.questions.stats import Period, StatsOptions, compute, read_window


def stats(
    by: Annotated[Period, typer.Option("--by", help="Count deliveries by this.")] = Period.DAY,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", autocompletion=recent_times, help="Only events from then on."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", autocompletion=recent_times, help="Only events up to then."),
    ] = None,
    top: Annotated[
        int,
        typer.Option(
            min=1, max=1_000_000, metavar="N", help="How many reasons of failures to list."
        ),
    ] = 10,
    db: Database = DEFAULT_DATABASE,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Count cards by status, deliveries, attempts and failures, and say how long delivery takes.

    With --since or --until, cards whose deciding event lies outside are not counted.

    \b
    Examples:
      cardstatus stats --by week
      cardstatus stats --since 7d
      cardstatus stats --since 2024-03-01 --until 2024-03-31 --format json
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with Overview.open(db) as overview:
        options = StatsOptions(by, read_window(overview.settings().timezone, since, until), top)
        with progress.shown("Counting") as bar:
            if bar:
                bar.start(overview.count_events())
            answer = compute(overview, options, bar.advance if bar else None)
    if form is ReportFormat.JSON:
        streams.write_data([serialise.to_json(serialise.plain(answer)), "\n"])
        return
    from cardstatus.display.pages import stats_page

    streams.write_safe([stats_page(answer, streams.style())])
