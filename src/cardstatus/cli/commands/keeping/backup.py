"""The command ``backup``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cardstatus.cli.options import DEFAULT_DATABASE, Database, ReportOutput
from cardstatus.display import progress, serialise, streams
from cardstatus.display.serialise import ReportFormat
from cardstatus.signals import sigterm_as_exit

if TYPE_CHECKING:
    from cardstatus.database.whole.backup import Backup


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="Where to write the copy.")
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of a file that is there.")
    ] = False,
    db: Database = DEFAULT_DATABASE,
    form: ReportOutput = ReportFormat.TABLE,
) -> None:
    """Copy the database, also while files are taken in and questions answered.

    The copy is checked, and has its name only when it is whole. To restore it, stop whatever has
    the database open, move that and what SQLite keeps beside it away, and copy the backup there.

    \b
    Examples:
      cardstatus backup monday.db
      cardstatus backup /backups/cards-$(date +%F).db --db /srv/courier/cards.db
      cardstatus get --card-id CRD1037 --db monday.db
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with sigterm_as_exit():
        made = _copied(db, file, force=force)
    if form is ReportFormat.JSON:
        streams.write_data([serialise.to_json(serialise.plain(made)), "\n"])
        return
    from cardstatus.display.tables import backup_table

    streams.write_safe([backup_table(made, streams.style())])


def _copied(database: Path, file: Path, *, force: bool) -> "Backup":
    from cardstatus.database.whole.backup import back_up

    with progress.shown("Backing up", in_bytes=True) as bar:
        so_far = 0

        def report(done: int, total: int) -> None:
            nonlocal so_far
            if bar:
                if not so_far:
                    bar.start(total)
                bar.advance(done - so_far)
                so_far = done

        return back_up(database, file, force=force, progress=report)
