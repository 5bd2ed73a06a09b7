"""The command ``problems``."""

from typing import Annotated

import typer

from . import output
from .answers import Severity, StoredProblem
from .delivery import DEFAULT_DATABASE, Database, Output, Raw, deliver
from .render import Format
from .store import Store


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
    from . import tables

    with Store.open(db) as store:
        found = list(store.problems(severity))
    if form is Format.TABLE and not found:
        output.say("no problems")
        return
    deliver(form, StoredProblem._fields, found, tables.problem_table, raw=raw)
