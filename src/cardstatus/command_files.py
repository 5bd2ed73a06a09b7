"""The command ``files``."""

from . import output, render
from .delivery import DEFAULT_DATABASE, Database, Output
from .render import Format
from .survey import StoredFile, Survey


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
            output.emit(
                render.json_report("files", survey.files(), lambda: {"types": survey.news()})
            )
        elif form is Format.TABLE:
            from .pages import files_tables

            timezone = survey.settings().timezone
            output.show([files_tables(survey.files(), survey.news(), timezone, output.look())])
        else:
            output.emit(render.stream(form, StoredFile._fields, survey.files()))
