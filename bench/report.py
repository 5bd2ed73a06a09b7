"""Writes the result: the machine, the table of targets, the table of contestants."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from . import peers
from .lab import Line, Loads, Settings
from .processes import PROC, SAMPLE_SECONDS, fields_of, run

HEADINGS = ["work", "measured", "ratio", "reach", "at the very least", "met?"]
CONTESTANTS = ["contestant", "seconds", "least–most", "rows/s", "peak MB", "disk MB"]
CONTESTANTS += ["ratio"]
PACKAGES = ("typer", "rich", "sqlite-utils", "duckdb", "pandas")
FOOT = f"""
Medians of the repeats, in rounds A B A B (more for short processes); whole processes, files in the
page cache. Ratios are cardstatus to the other; smaller is better. Peak: the greatest sum of PSS
(VmRSS where that cannot be read) over a program's processes, sampled every
{SAMPLE_SECONDS * 1000:.0f} ms. MB: 10^6 bytes.

Every contestant's status, instant and mobile of every card was right; of a raw insert the rows were
counted. The peers keep no rejected rows and no source and line, and a power cut in mid-load may
cost them their database; cardstatus does all of this in its time.
"""


def table(rows: Iterable[Sequence[str]], headings: Sequence[str], right: str) -> str:
    """A Markdown table; `right` has an r for each column that is set to the right."""
    rule = ["---:" if side == "r" else "---" for side in right]
    lines = [headings, rule, *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def met(line: Line) -> str:
    if line.value is None or line.reach is None or line.least is None:
        return ""
    if line.value <= line.reach:
        return "reached"
    return "least" if line.value <= line.least else "**no**"


def target(number: float | None, unit: str) -> str:
    return "" if number is None else f"{number:g} {unit}".rstrip()


def cells(line: Line) -> list[str]:
    is_ratio = line.value is not None and not line.unit
    return [
        line.work,
        line.measured,
        f"{line.value:.2f}" if is_ratio else "",
        target(line.reach, line.unit),
        target(line.least, line.unit),
        met(line),
    ]


def contestant_cells(loads: Loads, own: float) -> list[str]:
    seconds = [run.seconds for run in loads.runs]
    return [
        loads.peer.name,
        f"{loads.seconds:.2f}",
        f"{min(seconds):.2f}–{max(seconds):.2f}",
        f"{loads.rows / loads.seconds:,.0f}",
        "n/a" if loads.peak_mb is None else f"{loads.peak_mb:.0f}",
        f"{loads.disk_mb:.1f}",
        f"{own / loads.seconds:.2f}",
    ]


def contestants(loads: dict[str, Loads]) -> str:
    own = loads[peers.CARDSTATUS.name].seconds
    rows = [contestant_cells(theirs, own) for theirs in loads.values()]
    rows += [[peer.name, "not here", *[""] * 5] for peer in peers.PEERS if peer.name not in loads]
    return table(rows, CONTESTANTS, "lrrrrrr")


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not here"


def processor() -> str:
    return fields_of(PROC / "cpuinfo").get("model name") or platform.processor() or "unknown"


def sqlite3_program() -> str:
    if not shutil.which("sqlite3"):
        return "not here"
    return run(["sqlite3", "--version"]).stdout.partition(" ")[0]


def machine(settings: Settings, today: date) -> str:
    versions = [f"{name} {installed(name)}" for name in PACKAGES]
    return (
        f"{today}, {settings.rows:,} rows, repeats: {settings.repeat}. "
        f"{os.cpu_count()} cores, {processor()}, {platform.system()} {platform.machine()}. "
        f"cardstatus {installed('cardstatus')}{commit()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, sqlite3 program {sqlite3_program()}, "
        f"{', '.join(versions)}.\n"
    )


def commit() -> str:
    if not shutil.which("git"):
        return ""
    found = run(["git", "describe", "--always", "--dirty"], folder=Path(__file__).parent)
    return "" if found.code else f" ({found.stdout.strip()})"


def report(lines: Sequence[Line], loads: dict[str, Loads], settings: Settings, today: date) -> str:
    parts = [machine(settings, today), "\n", table(map(cells, lines), HEADINGS, "llrrrl")]
    if len(loads) > 1:
        parts += ["\n", contestants(loads)]
    return "".join(parts) + FOOT
