"""The command ``find``."""

from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import DEFAULT_DATABASE, AsOf, Database, KnownAt, Output
from cardstatus.database.reading.search import Search
from cardstatus.display import streams
from cardstatus.display.serialise import Format
from cardstatus.questions import find as question
from cardstatus.questions import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardstatus.display.tables import TableStyle


def find(
    text: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT...",
            show_default=False,
            help="Part of a card id, the last four or more digits of a mobile, a reference, or the "
            "beginning of a word in a comment.",
        ),
    ],
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="List so many cards at most.")
    ] = question.SHOWN,
    comments: Annotated[
        bool,
        typer.Option(
            "--comments", help="Look into comments also for what is found elsewhere; slower."
        ),
    ] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """Find cards by what a caller knows, the most likely first, and say why each matched.

    Several words narrow: a card must match each. A word that is found in a card id, a mobile or a
    reference is not looked for in comments. Exit code 4 says that no card matches.

    \b
    Examples:
      cardstatus find 0123
      cardstatus find '058 555 0123'
      cardstatus find 037 'gate closed'
      cardstatus find A982 --format json
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with Search.open(db) as store:
        lookup.look_back(store, as_of, known_at)
        words = question.read_query(store, text)
        found = question.find(store, words, limit=limit, comments=comments)

        def table(records: "Iterable[question.FoundCard]", style: "TableStyle") -> str:
            from cardstatus.display import tables

            return tables.found_table(records, store.settings().timezone, style)

        if found.cards or form is not Format.TABLE:
            streams.deliver(form, question.FoundCard._fields, found.cards, table)
        for line in question.said(words, found):
            streams.message(line)
    if not found.cards:
        raise typer.Exit(Exit.NO_CARD)
