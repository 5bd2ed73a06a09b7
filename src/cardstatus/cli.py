"""The command line: options in, one call to the core, text out, exit code. Owns nothing else.

What a command needs is imported inside it, so that a look-up does not pay for ingest.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import typer

from . import __version__, output, render, tables
from .errors import CardStatusError, UsageError, in_words
from .model import CardStatus, EventType, IngestReport, Outcome, Severity, Status, StoredProblem
from .render import Format, ReportFormat
from .shell import Commands, Exit
from .store import Store
from .tables import Look

_Record = TypeVar("_Record", bound=NamedTuple)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # plain, and without locals: rows hold personal data
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the program."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        output.show([f"cardstatus {__version__}\n"])
        raise typer.Exit


def _event_type(word: str) -> EventType:
    try:
        return EventType[word.upper().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{word!r} is none of {', '.join(_TYPES)}") from None


_TYPES = [kind.word for kind in EventType]
_TYPE_METAVAR = f"[{'|'.join(_TYPES)}]"

Database = Annotated[
    Path,
    typer.Option(
        "--db", envvar="CARDSTATUS_DB", metavar="PATH", readable=False, help="The database file."
    ),
]
Output = Annotated[Format, typer.Option("--format", help="How to print.", case_sensitive=False)]
_DB_FILES = ("", "-wal", "-shm", "-journal")
DEFAULT_DATABASE = Path("cardstatus.db")


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    """Where is this card now, and why do we say so?

    Takes in the CSV files of courier partners, and answers by card or mobile.
    """


@app.command()
def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", readable=False, help="Folders, or single CSV files."),
    ],
    db: Database = DEFAULT_DATABASE,
    kind: Annotated[
        EventType | None,
        typer.Option(
            "--type",
            parser=_event_type,
            metavar=_TYPE_METAVAR,
            help="For files whose name tells no type, or several.",
        ),
    ] = None,
    only: Annotated[
        list[EventType] | None,
        typer.Option(
            "--only",
            parser=_event_type,
            metavar=_TYPE_METAVAR,
            help="Take in just this type; may be repeated.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Say what would be done, store nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="A rejected row fails its whole file.")
    ] = False,
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Zone of times that carry none, such as Asia/Dubai; fixed by the first ingest. "
            "[default: UTC]",
            show_default=False,
        ),
    ] = None,
    country_code: Annotated[
        str | None,
        typer.Option(
            metavar="DIGITS",
            help="Country of mobiles that carry none; fixed by the first ingest. [default: 971]",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[
        str, typer.Option(metavar="NAME", help="Of files without a byte-order mark.")
    ] = "utf-8",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="Processes that read large files. [default: one a core]",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="How to print.", case_sensitive=False)
    ] = ReportFormat.TABLE,
) -> None:
    """Take courier files in: all *.csv and *.csv.gz below a folder.

    A file is taken in whole or not at all, and one that is in already is not read again. Exit code
    3 says that some rows were rejected, 1 that a file failed.

    Example: cardstatus ingest drops/ --timezone Asia/Dubai
    """
    from . import progress
    from .ingest import ingest as run
    from .options import Options
    from .workers import cores

    options = Options(
        type=kind,
        only=frozenset(only or ()),
        dry_run=dry_run,
        strict=strict,
        timezone=timezone,
        country_code=country_code,
        encoding=encoding,
        workers=workers or cores(),
    )
    with progress.shown() as bar:
        report = run(paths, db, options, progress=bar)
    if form is ReportFormat.JSON:
        output.emit([render.ingest_json(report), "\n"])
    else:
        output.show([tables.ingest_table(report, output.look())])
    for notice in render.ingest_notices(report):
        output.say(notice)
    raise typer.Exit(_ingest_exit(report))


def _ingest_exit(report: IngestReport) -> int:
    if report.interrupted:
        return Exit.INTERRUPTED
    if any(file.outcome is Outcome.FAILED for file in report.files):
        return Exit.FAILED
    return Exit.SOME_REJECTED if report.totals.rejected else 0


@app.command()
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
    from . import lookup

    if not (card_id or mobile or input_file):
        raise UsageError("say which card: --card-id ID, --mobile NUMBER or --input FILE")
    card_ids = lookup.read_card_ids([*(card_id or []), *(_lines(input_file) if input_file else [])])
    with Store.open(db) as store:
        mobiles = lookup.read_mobiles(store, mobile or [])
        search = lookup.find_each if input_file else lookup.find
        answers = list(search(store, card_ids, mobiles))
        known = [answer for answer in answers if answer.status]
        if known or form is not Format.TABLE:
            _deliver(form, CardStatus._fields, answers, _status_table(store))
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


@app.command()
def export(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", readable=False, help="Where to write; stdout if not given."
        ),
    ] = None,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, help="The same as FILE."),
    ] = None,
    status: Annotated[
        list[Status] | None, typer.Option(help="Only cards with this status; may be repeated.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="All events, not just each card's latest.")
    ] = False,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="CSV exactly as stored, not guarded against formulas."),
    ] = False,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.CSV,
) -> None:
    """Write the status of every card as CSV, sorted by card id.

    In CSV, text that a spreadsheet would run as a formula gets a ' in front; --raw leaves it out.

    Example: cardstatus export -o cards.csv --status returned
    """
    if file and output_file and file != output_file:
        raise UsageError(f"two files to write to, {file} and {output_file}; give one")
    target = file or output_file
    if target and target.resolve() in {db.resolve().with_name(db.name + end) for end in _DB_FILES}:
        raise UsageError(f"{target} is the database itself; write to another file")
    with Store.open(db) as store:
        records = (store.events if events else store.statuses)(status or ())
        _deliver(form, CardStatus._fields, records, _status_table(store), target=target, raw=raw)


@app.command()
def problems(
    severity: Annotated[
        Severity | None, typer.Option(help="Only rejected rows, or only warnings.")
    ] = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """List rejected rows and unreadable cells, each with its source.

    Example: cardstatus problems --format csv > for-the-partner.csv
    """
    with Store.open(db) as store:
        found = list(store.problems(severity))
    if form is Format.TABLE and not found:
        output.say("no problems")
        return
    _deliver(form, StoredProblem._fields, found, tables.problem_table)


def _status_table(store: Store) -> Callable[[Iterable[CardStatus], Look], str]:
    timezone = store.settings().timezone
    return lambda records, look: tables.status_table(records, timezone, look)


def _deliver(
    form: Format,
    fields: Sequence[str],
    records: Iterable[_Record],
    table: Callable[[Iterable[_Record], Look], str],
    *,
    target: Path | None = None,
    raw: bool = False,
) -> None:
    """Print records in the format asked for, to stdout or into a file."""
    to_file = target is not None and str(target) != "-"
    if form is Format.TABLE:
        chunks: Iterable[str] = [
            table(records, Look(None, color=False) if to_file else output.look())
        ]
    else:
        chunks = render.stream(form, fields, records, raw=raw)
    if target is not None and to_file:
        output.save(target, chunks)
    elif form is Format.TABLE:
        output.show(chunks)
    else:
        output.emit(chunks)
