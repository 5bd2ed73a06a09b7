"""The command ``history``."""

from typing import TYPE_CHECKING

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    AsOf,
    CardIds,
    Database,
    KnownAt,
    Mobiles,
    Output,
    Words,
)
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import Format
from cardstatus.errors import UsageError
from cardstatus.questions import inputs, lookup
from cardstatus.questions.history import HistoryEvent, history_records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardstatus.display.tables import TableStyle


def history(
    words: Words = None,
    card_id: CardIds = None,
    mobile: Mobiles = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """Show all events of a card in the order that decides, the deciding one marked.

    Given card ids and mobiles, a card must match both. Exit code 4 says that no card matches.

    \b
    Examples:
      cardstatus history --card-id CRD1037
      cardstatus history --mobile 0585550123 --format json
      cardstatus history --card-id CRD1037 --known-at '12-03-2024 9:00 AM'
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    inputs.refuse_bare_words(words, card_id, mobile)
    if not (card_id or mobile):
        raise UsageError("say which card: --card-id ID or --mobile NUMBER")
    asked = list(map(inputs.read_card_id, card_id or ()))
    with Store.open(db) as store:
        lookup.look_back(store, as_of, known_at)
        mobiles = inputs.read_mobiles(store, mobile or [])
        taken = lookup.take_near(store, asked)
        asked = [taken.get(card_id, card_id) for card_id in asked]
        found = lookup.find_cards(store, asked, mobiles)

        def table(records: "Iterable[HistoryEvent]", style: "TableStyle") -> str:
            from cardstatus.display.pages import history_table

            return history_table(records, store.settings().timezone, style)

        if found or form is not Format.TABLE:
            records = history_records(store, [answer.card_id for answer in found])
            streams.deliver(form, HistoryEvent._fields, records, table)
        for line in lookup.say_taken_near(taken.items()):
            streams.message(line)
        missing = lookup.not_found(asked, found)
        for line in lookup.explain_missing(store, missing, mobiles, any_known=bool(found)):
            streams.message(line)
    if not found:
        raise typer.Exit(Exit.NO_CARD)
