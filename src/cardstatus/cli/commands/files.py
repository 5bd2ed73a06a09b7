"""The command ``files``."""

from cardstatus.cli.options import DEFAULT_DATABASE, Database, Output
from cardstatus.database.overview import StoredFile, Survey
from cardstatus.display import serialise, streams
from cardstatus.display.serialise import Format


def files(db: Database = DEFAULT_DATABASE, form: Output = Format.TABLE) -> None:
    """List the files that were taken in, and per type the last one and the newest event.

    So that a type of which no file has come for days is seen, and not read as "nothing happened".

    \b
    Examples:
      cardstatus files
      cardstatus files --format csv > files.csv
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    with Survey.open(db) as survey:
        if form is Format.JSON:
            streams.emit(
                serialise.json_report("files", survey.files(), lambda: {"types": survey.news()})
            )
        elif form is Format.TABLE:
            from cardstatus.display.pages import files_tables

            timezone = survey.settings().timezone
            streams.show([files_tables(survey.files(), survey.news(), timezone, streams.look())])
        else:
            streams.emit(serialise.stream(form, StoredFile._fields, survey.files()))
