"""The command ``files``."""

from cardstatus.cli.options import DEFAULT_DATABASE, Database, Output
from cardstatus.database.reading.overview import Overview, StoredFile
from cardstatus.display import serialise, streams
from cardstatus.display.serialise import Format


def files(db: Database = DEFAULT_DATABASE, form: Output = Format.TABLE) -> None:
    """List the files that were taken in, and per type the last one and the newest event.

    A type of which no file has come for days stands out, and does not look as if nothing happened.

    \b
    Examples:
      cardstatus files
      cardstatus files --format csv > files.csv
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with Overview.open(db) as overview:
        if form is Format.JSON:
            streams.write_data(
                serialise.json_report(
                    "files", overview.files(), lambda: {"types": overview.activity()}
                )
            )
        elif form is Format.TABLE:
            from cardstatus.display.pages import files_tables

            timezone = overview.settings().timezone
            streams.write_safe(
                [files_tables(overview.files(), overview.activity(), timezone, streams.style())]
            )
        else:
            streams.write_data(serialise.stream(form, StoredFile._fields, overview.files()))
