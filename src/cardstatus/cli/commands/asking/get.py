"""The command ``get``."""

import sys
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader, RawIOBase, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, cast

import typer

from cardstatus.cli.exits import Exit
from cardstatus.cli.options import (
    DEFAULT_DATABASE,
    AsOf,
    CardIds,
    Database,
    KnownAt,
    Mobiles,
    Now,
    Output,
)
from cardstatus.database.reading.store import Store
from cardstatus.display import streams
from cardstatus.display.serialise import Format
from cardstatus.errors import CardStatusError, UsageError, in_words
from cardstatus.model.records import CardStatus
from cardstatus.questions import inputs, lookup
from cardstatus.questions.beside import Answer, beside

if TYPE_CHECKING:
    from datetime import tzinfo

    from cardstatus.display.tables import TableStyle
    from cardstatus.questions.listed import ListReader


def get(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]...",
            show_default=False,
            help="A card id or a user's number, whichever it can be; both if it can be both.",
        ),
    ] = None,
    card_id: CardIds = None,
    mobile: Mobiles = None,
    input_file: Annotated[
        Path | None,
        typer.Option(
            "--input",
            metavar="FILE",
            readable=False,
            allow_dash=True,
            help="Card ids or users' numbers, one a line; - for stdin.",
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why: what decides, what it beats.")
    ] = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    now: Now = None,
    db: Database = DEFAULT_DATABASE,
    form: Output = Format.TABLE,
) -> None:
    """Say where a card is now, by card id or by mobile.

    Given both options, a card must match both. A mobile finds every card that it was ever given
    for, in any form of the number. Exit code 4 says that no card matches.

    \b
    Examples:
      cardstatus get CRD1037
      cardstatus get --card-id CRD1037
      cardstatus get --mobile 0585550123 --explain
      cardstatus get --card-id CRD1037 --as-of 2024-03-10
      cardstatus get --card-id CRD1037 --as-of yesterday
      cardstatus get --input ids-and-mobiles.txt --format csv
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if words and (card_id or mobile or input_file):
        inputs.refuse_bare_words(words, card_id, mobile)
    if not (words or card_id or mobile or input_file):
        raise UsageError("say which card: --card-id ID, --mobile NUMBER or --input FILE")
    if explain and form is Format.CSV:
        raise UsageError("--explain cannot be put into CSV; use --format json, ndjson or table")
    if now and not explain:
        raise UsageError("--now is for --explain; to look back, use --as-of or --known-at")
    asked = list(map(inputs.read_card_id, card_id or ()))
    with Store.open(db) as store:
        moment = lookup.look_back(store, as_of, known_at)
        judge_at = inputs.read_now(store, now, moment) if explain else None
        mobiles = inputs.read_mobiles(store, mobile or [])
        if input_file:
            from cardstatus.questions.listed import ListReader

            reader = ListReader(store)
            listed = chain(asked, _listed(reader, input_file))
            known = _answer_list(store, listed, mobiles, form, judge_at, reader)
        elif words:
            known = _answer_words(store, words, form, judge_at)
        else:
            known = _answer_cards(store, asked, mobiles, form, judge_at)
    if not known:
        raise typer.Exit(Exit.NO_CARD)


def _answer_cards(
    store: Store, asked: Sequence[str], mobiles: Sequence[str], form: Format, judge_at: int | None
) -> bool:
    """Print the cards that are known, by card id, and name the others; tell whether there are any
    known ones.
    """
    taken = lookup.take_near(store, asked)
    wanted = [taken.get(card_id, card_id) for card_id in asked]
    found = lookup.find_cards(store, wanted, mobiles)
    _print(store, found, form, judge_at, {card_id: one for one, card_id in taken.items()})
    for line in lookup.say_taken_near(taken.items()):
        streams.message(line)
    missing = lookup.not_found(wanted, found)
    for line in lookup.explain_missing(store, missing, mobiles, any_known=bool(found)):
        streams.message(line)
    return bool(found)


def _answer_words(store: Store, words: Sequence[str], form: Format, judge_at: int | None) -> bool:
    """Print the cards that bare words mean, and what each was taken for; tell whether any card is
    known.
    """
    from cardstatus.questions.words import find_words, read_words, say_taken

    readings = read_words(store, words)
    found = find_words(store, readings)
    _print(store, found, form, judge_at)
    for line in say_taken(store, readings):
        streams.message(line)
    return bool(found)


def _answer_list(
    store: Store,
    asked: Iterable[str],
    mobiles: Sequence[str],
    form: Format,
    judge_at: int | None,
    reader: "ListReader",
) -> bool:
    """Print an answer for each card of a list, in the order asked, and name the first unknown ones;
    tell whether all are known.
    """
    tally = lookup.AnswerTally()
    asked_as: dict[str, str] = {}
    wanted = lookup.each_taken_near(store, asked, asked_as)
    answers = tally.counted(lookup.find_each(store, wanted, mobiles))
    _print_each(store, answers, form, judge_at, ChainMap(reader.asked_as, asked_as))
    for line in reader.said():
        streams.message(line)
    pairs = ((one, card_id) for card_id, one in asked_as.items())
    for line in lookup.say_taken_near(islice(pairs, lookup.NAMED)):
        streams.message(line)
    if (more := len(asked_as) - lookup.NAMED) > 0:
        streams.message(f"and {more:,} more of the card ids were taken so")
    missing = tally.first_unknown
    for line in lookup.explain_missing(
        store, missing, mobiles, any_known=tally.known > 0, option=None
    ):
        streams.message(line)
    if more := tally.unknown - len(missing):
        streams.message(f"and no card matches {more:,} more of the lines")
    return not tally.unknown


def _print_each(
    store: Store,
    answers: Iterable[CardStatus],
    form: Format,
    judge_at: int | None,
    asked_as: Mapping[str, str],
) -> None:
    """Print the answers of a list; with NDJSON each at once, for a program that waits for it."""
    if form is Format.NDJSON:
        for answer in answers:
            _print(store, [answer], form, judge_at, asked_as)
    else:
        _print(store, answers, form, judge_at, asked_as)


def _print(
    store: Store,
    answers: Iterable[CardStatus],
    form: Format,
    judge_at: int | None,
    asked_as: Mapping[str, str] | None = None,
) -> None:
    """Print the answers; explain them as of ``judge_at`` if it is given.

    ``asked_as``: the ids that were taken for others, each with the one asked for.
    """
    if form is Format.TABLE:
        answers = list(answers)
        if not any(answer.status for answer in answers):
            return
    if judge_at is None:
        records = beside(store, answers, asked_as)
        if form is Format.CSV:
            records = _said(store, records)
        streams.deliver(form, CardStatus._fields, records, _draw_with_journeys(store))
        return
    from cardstatus.questions.history import Explanation, explain

    def table(records: "Iterable[Explanation]", style: "TableStyle") -> str:
        from cardstatus.display.pages import explanations

        return explanations(records, store.settings().timezone, style, str(store.path))

    streams.deliver(
        form, Explanation._fields, explain(store, answers, judge_at, reads_files=True), table
    )


def _said(store: Store, answers: Iterable[Answer]) -> Iterator[Answer]:
    """Yield the answers, and say what stands beside them, for which CSV has no columns."""
    for answer in answers:
        yield answer
        if answer.near_ids or answer.mobile_from:
            from cardstatus.display.beside import beside_lines
            from cardstatus.display.wording import zone_of

            for line in beside_lines([answer], zone_of(store.settings().timezone)):
                streams.message(line)


def _beside(answers: Sequence[Answer], zone: "tzinfo") -> str:
    """Return lines on what stands beside answers."""
    if not any(answer.near_ids or answer.mobile_from for answer in answers):
        return ""
    from cardstatus.display.beside import beside_lines
    from cardstatus.display.serialise import printable

    return "".join(f" {printable(line)}\n" for line in beside_lines(answers, zone))


def _draw_with_journeys(store: Store) -> "Callable[[Iterable[Answer], TableStyle], str]":
    """Return a function that draws answers as a table, and below it the cards' journeys and what
    else stands beside them.
    """

    def table(records: "Iterable[Answer]", style: "TableStyle") -> str:
        from cardstatus.display.journey import JOURNEYS_SHOWN, journey_lines
        from cardstatus.display.wording import zone_of

        answers = list(records)
        drawn = streams.draw_statuses(store)(answers, style)
        zone = zone_of(store.settings().timezone)
        below = ""
        if len(answers) <= JOURNEYS_SHOWN:
            journeys = {answer.card_id: lookup.steps(store, answer.card_id) for answer in answers}
            below = journey_lines(journeys, zone)
        return "\n".join(filter(None, (drawn, below, _beside(answers, zone))))

    return table


def _listed(reader: "ListReader", path: Path) -> Iterator[str]:
    """Yield the card ids that a list means. Raises :class:`CardStatusError`."""
    yield from reader.cards(_lines(path))
    if not reader.read:
        raise UsageError(f"--input: there is no card id or mobile in {path}; give one a line")


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a list as they come in. Raises :class:`CardStatusError`."""
    try:
        with _opened(path) as file:
            yield from file
    except OSError as error:
        raise CardStatusError(f"--input: {path} cannot be read: {in_words(error)}") from error


def _opened(path: Path) -> "AbstractContextManager[TextIO]":
    if str(path) != "-":
        file = path.open("rb")
        return TextIOWrapper(file, _encoding(file.peek(4)), errors="backslashreplace")
    if not isinstance(sys.stdin, TextIOWrapper):
        return nullcontext(sys.stdin)
    raw = cast(RawIOBase, sys.stdin.buffer)  # any stream of bytes serves
    stdin = raw if isinstance(raw, BufferedReader) else BufferedReader(raw)
    return nullcontext(TextIOWrapper(stdin, _encoding(stdin.peek(4)), errors="backslashreplace"))


def _encoding(begin: bytes) -> str:
    """Return the encoding of a list that begins so: UTF-8, or UTF-16 as Windows writes it."""
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in begin[:2]:  # without a mark; the first character is ASCII
        return "utf-16-be" if begin[0] == 0 else "utf-16-le"
    return "utf-8-sig"
