"""The command ``problems``."""

from typing import Annotated

import typer

from cardstatus.cli.options import DEFAULT_DATABASE, Database, Output, Raw
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import Format
from cardstatus.model.problems import Severity, StoredProblem


def problems(
    severity: Annotated[
        Severity | None, typer.Option(help="Only rejected rows, or only warnings.")
    ] = None,
    raw: Raw = False,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """List rejected rows and unreadable cells, each with its source.

    \b
    Examples:
      cardstatus problems --severity rejected
      cardstatus problems --format csv > for-the-partner.csv
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    from cardstatus.display import tables

    with Store.open(db) as store:
        found = list(store.problems(severity))
    if form is Format.TABLE and not found:
        streams.message("no problems")
        return
    streams.deliver(form, StoredProblem._fields, found, tables.problem_table, raw=raw)
