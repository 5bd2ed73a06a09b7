"""The command ``erase``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.cli.confirm import confirmed
from cardstatus.cli.exits import Exit
from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    CardIds,
    Database,
    Mobiles,
    ReportOutput,
    Words,
)
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import ReportFormat
from cardstatus.errors import UsageError
from cardstatus.questions import inputs

if TYPE_CHECKING:
    from cardstatus.database.writing.erasing import Eraser, Targets


def erase(
    words: Words = None,
    card_id: CardIds = None,
    mobile: Mobiles = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be erased, change nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: Database = DEFAULT_DATABASE,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Erase a person: all that is kept of a card, or of the cards of a mobile, for good.

    It is overwritten in the database, and a file that is sent again does not bring it back. What
    it cannot reach: backups, archives, the couriers' files. Erases each of several. The command
    asks first, unless --yes is given. Exit code 4 says that there is nothing of them.

    \b
    Examples:
      cardstatus erase --mobile 0585550123 --dry-run
      cardstatus erase --mobile 0585550123
      cardstatus erase --card-id CRD1037 --yes
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.database.writing.erasing import Eraser
    from cardstatus.display.reports import undoing

    inputs.refuse_bare_words(words, card_id, mobile)
    if not (card_id or mobile):
        raise UsageError("say whom: --card-id ID or --mobile NUMBER")
    asked = list(map(inputs.read_card_id, card_id or ()))
    with Store.open(db) as store:
        mobiles = inputs.read_mobiles(store, mobile or [])
    with Eraser.open(db, lambda: streams.message(f"waiting for another process to end: {db}")) as e:
        targets = _targets(e, asked, mobiles)
        erased = e.count(targets)
        if not any(erased):
            _finish(e)
            raise typer.Exit(Exit.NO_CARD)
        if not dry_run:
            if not confirmed(undoing.erase_question(erased, e.known(targets.card_ids)), yes=yes):
                streams.message("nothing was erased")
                raise typer.Exit(Exit.FAILED)
            erased = e.erase(targets)
            e.overwrite()
    if form is ReportFormat.JSON:
        streams.write_data([undoing.erase_json(str(db), erased, dry_run=dry_run)])
    else:
        streams.write_safe([undoing.erase_sentence(erased, dry_run=dry_run)])


def _targets(eraser: "Eraser", asked: Sequence[str], mobiles: Sequence[str]) -> "Targets":
    """Return what of that which was asked for there is something of; say so of the rest."""
    from cardstatus.database.writing.erasing import Targets

    card_ids = eraser.cards_of(mobiles)
    for card_id in dict.fromkeys(asked):
        if any(eraser.count(Targets([card_id], []))):
            card_ids.append(card_id)
        else:
            streams.message(f"there is nothing of {inputs.redact(card_id)!r}")
    kept = []
    for number in dict.fromkeys(mobiles):
        if any(eraser.count(Targets(eraser.cards_of([number]), [number]))):
            kept.append(number)
        else:
            streams.message(f"there is nothing of the mobile {inputs.redact(number)}")
    return Targets(sorted(set(card_ids)), kept)


def _finish(eraser: "Eraser") -> None:
    """Overwrite what an earlier run has erased, and could not overwrite."""
    if eraser.is_unfinished():
        eraser.overwrite()
        streams.message("what was erased before is overwritten now")
