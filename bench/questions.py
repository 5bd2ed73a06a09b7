"""The sections about answers: one card, all cards, and the look-up without the program round it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from . import peers
from .checks import (
    DONE,
    parse_json,
    require,
    require_code,
    require_statuses,
    statuses_in_csv,
)
from .lab import Lab, Line, alternate, median_seconds, say_run
from .peers import Command
from .processes import Run, run

STARTS = 25  # interleaved runs of short processes
LOOK_UPS = 1_000
ALL_CARDS = "SELECT * FROM card_status ORDER BY card_id"


def installed_program() -> Command:
    """`cardstatus` as a user starts it."""
    beside = Path(sys.executable).with_name("cardstatus")
    return [beside] if beside.exists() else peers.cardstatus()


def get(lab: Lab) -> Iterator[Line]:
    """One card, against a program of the same library that does nothing."""
    (card_id, status, *_) = lab.four().sample(3)[1]
    hello: Command = [sys.executable, peers.PROGRAMS / "hello.py", "--name", card_id]
    ask: Command = [*installed_program(), "get", "--card-id", card_id, "--db", lab.base()]

    def checked(command: Command, *wanted: str) -> Run:
        one = run(command)
        require_code(str(command[-1]), one, DONE)
        for word in wanted:
            require(f"{word} in the answer of get", word in one.stdout, True)
        return one

    shown = status.replace("_", " ").capitalize()
    measures = [
        partial(checked, hello, card_id),
        partial(checked, [*ask, "--format", "json"], card_id, status),
        partial(checked, ask, card_id, shown),
    ]
    for measure in measures:
        measure()  # compiles what has never run
    rounds = alternate(STARTS, measures)
    start, as_json, as_table = map(median_seconds, rounds)
    for name, took, reach, least in (
        ("get --format json", as_json, 1.15, 1.3),
        ("get as a table", as_table, 1.5, 2),
    ):
        measured = f"{took * 1000:.0f} ms against {start * 1000:.0f} ms"
        yield Line(f"{name}, against a hello-world of Typer", measured, took / start, reach, least)


def look_up(lab: Lab) -> Iterator[Line]:
    """In one process and through the store: what the tables and indexes are worth."""
    rows = lab.settings.big or lab.settings.rows
    questions = lab.path("questions.json")
    questions.write_text(json.dumps(lab.four(rows).sample(LOOK_UPS)), encoding="ascii")
    program = peers.PROGRAMS / "look_up.py"
    one = run([sys.executable, program, lab.base(rows), questions])
    say_run("look-ups", one)
    require_code("look-ups", one, DONE)
    for name, milliseconds in parse_json("look-ups", one).items():
        usual, slow = milliseconds
        measured = f"{usual:.3f} ms; 99 of 100 within {slow:.3f} ms"
        work = f"look-up by {name} among {rows:,} events, without the program"
        yield Line(work, measured, usual, 0.2, 1, "ms")


def export(lab: Lab) -> Iterator[Line]:
    work = "export of all cards, against sqlite3 -csv of the same view"
    if not shutil.which("sqlite3"):
        yield Line(work, "not here")
        return
    database = lab.base()
    measures = [
        partial(exported, lab, peers.cardstatus("export", "--db", database), header=True),
        partial(exported, lab, ["sqlite3", "-csv", database, ALL_CARDS], header=False),
    ]
    rounds = alternate(lab.settings.repeat, measures)
    own, theirs = map(median_seconds, rounds)
    yield Line(work, f"{own:.2f} s against {theirs:.2f} s", own / theirs, 1.0, 2)


def exported(lab: Lab, command: Command, *, header: bool) -> Run:
    path = lab.path("export.csv")
    one = run(command, output=path)
    what = f"export by {Path(command[0]).name}"
    say_run(what, one)
    require_code(what, one, DONE)
    require_statuses(what, statuses_in_csv(path, header=header), lab.four().statuses())
    path.unlink()
    return one
