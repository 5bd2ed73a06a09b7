"""The command ``get``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import lookup, output
from .answers import CardStatus
from .delivery import DEFAULT_DATABASE, Database, Output, deliver, status_table
from .errors import CardStatusError, UsageError, in_words
from .render import Format
from .shell import Exit
from .store import Store


def get(
    card_id: Annotated[
        list[str] | None,
        typer.Option("--card-id", metavar="ID", help="A card; may be repeated."),
    ] = None,
    mobile: Annotated[
        list[str] | None,
        typer.Option("--mobile", metavar="NUMBER", help="A user's number; may be repeated."),
    ] = None,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            readable=False,
            allow_dash=True,
            help="Card ids, one a line; - for stdin.",
        ),
    ] = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """Say where a card is now, by card id or by mobile.

    Given both, a card must match both. A mobile finds every card that it was ever given for, in
    any form of the number. Exit code 4 says that no card matches.

    Example: cardstatus get --mobile 0585550123
    """
    if not (card_id or mobile or input_file):
        raise UsageError("say which card: --card-id ID, --mobile NUMBER or --input FILE")
    card_ids = lookup.read_card_ids([*(card_id or []), *(_lines(input_file) if input_file else [])])
    with Store.open(db) as store:
        mobiles = lookup.read_mobiles(store, mobile or [])
        search = lookup.find_each if input_file else lookup.find
        answers = list(search(store, card_ids, mobiles))
        known = [answer for answer in answers if answer.status]
        if known or form is not Format.TABLE:
            deliver(form, CardStatus._fields, answers, status_table(store))
        for line in lookup.explain_missing(store, card_ids, mobiles, known):
            output.say(line)
    if not known or len(known) < len(answers):
        raise typer.Exit(Exit.NO_CARD)


def _lines(path: Path) -> list[str]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CardStatusError(f"--input: {path} cannot be read: {in_words(error)}") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UsageError(f"--input: there is no card id in {path}; give one a line")
    return lines
