"""The command ``files``."""

from cardstatus.cli.options import DEFAULT_DATABASE, Database, Limit, Output
from cardstatus.database.reading.overview import Overview, StoredFile
from cardstatus.display import serialise, streams
from cardstatus.display.serialise import Format


def files(
    limit: Limit = None, db: Database = DEFAULT_DATABASE, form: Output = Format.TABLE
) -> None:
    """List the files that were taken in, the newest first, and per type the last one.

    A type of which no file has come for days stands out, and does not look as if nothing happened.
    Files that were taken out again are there as what they had been.

    \b
    Examples:
      cardstatus files --limit 20
      cardstatus files --format csv > files.csv
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with Overview.open(db) as overview:
        listed = overview.files(newest_first=True, limit=limit, undone=True)
        if form is Format.JSON:
            totals = {"types": overview.activity()}
            streams.write_data(serialise.json_report("files", listed, lambda: totals))
        elif form is Format.TABLE:
            from cardstatus.display.pages import files_tables

            timezone = overview.settings().timezone
            streams.write_safe(
                [files_tables(listed, overview.activity(), timezone, streams.style())]
            )
        else:
            streams.write_data(serialise.stream(form, StoredFile._fields, listed))
