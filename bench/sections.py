"""The sections about loading: against others, what it takes, files that come again, shapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from . import peers
from .checks import check_ingested, check_unchanged, overlaid, require_code
from .lab import Lab, Line, alternate, median_peak, median_seconds
from .processes import Run, run

# What is aimed at and what is the least: ratios of cardstatus to the peer.
TARGETS = (
    (peers.DUCKDB, 1.0, 1.6),
    (peers.SQLITE3, 0.5, 0.8),
    (peers.RAW, 0.08, 0.2),
    (peers.RAW_TUNED, 0.08, 0.2),
)
WORKERS = (1, 2, 8)
DAY_ROWS = 10_000


def load(lab: Lab) -> Iterator[Line]:
    loads = lab.loads()
    own = loads[peers.CARDSTATUS.name].seconds
    for peer, reach, least in TARGETS:
        work = f"load {lab.settings.rows:,} rows, against {peer.name}"
        theirs = loads.get(peer.name)
        if theirs is None:
            yield Line(work, "not here")
        else:
            measured = f"{own:.2f} s against {theirs.seconds:.2f} s"
            yield Line(work, measured, own / theirs.seconds, reach, least)


def memory(lab: Lab) -> Iterator[Line]:
    own = lab.loads()[peers.CARDSTATUS.name]
    yield memory_line(own.rows, own.peak_mb)
    if lab.settings.big:
        case = lab.four(lab.settings.big)
        one = lab.fresh_load(peers.CARDSTATUS, case, lab.path(f"base-{case.rows}.db"))
        yield memory_line(case.rows, one.peak_mb)


def memory_line(rows: int, peak_mb: float | None) -> Line:
    work = f"peak memory of all processes, load of {rows:,} rows"
    if peak_mb is None:
        return Line(work, "not measured: no /proc")
    return Line(work, f"{peak_mb:.0f} MB", peak_mb, 300, 400, "MB")


def disk(lab: Lab) -> Iterator[Line]:
    csv_mb = lab.four().csv_mb
    own = lab.loads()[peers.CARDSTATUS.name]
    measured = f"{own.disk_mb:.1f} MB against {csv_mb:.1f} MB"
    yield Line("database on disk against the CSV files", measured, own.disk_mb / csv_mb, 1.0, 1.4)


def day(lab: Lab) -> Iterator[Line]:
    """The same day's work into a large and a small database."""
    large, small = lab.settings.rows, lab.settings.rows // 10
    day_rows = min(DAY_ROWS, small // 2)
    measures = [partial(ingest_day, lab, size, day_rows) for size in (large, small)]
    into_large, into_small = map(median_seconds, alternate(lab.settings.repeat, measures))
    yield Line(
        f"a day's file of {day_rows:,} rows into {large:,} events, against into {small:,}",
        f"{into_large:.2f} s against {into_small:.2f} s",
        into_large / into_small,
        1.2,
        2,
    )


def ingest_day(lab: Lab, rows: int, day_rows: int) -> Run:
    case = lab.case("day", rows, "--day-rows", str(day_rows))
    database = lab.copy_of_base(rows)
    what = f"day's file into {rows:,}"
    one = lab.ingest(what, case, database)
    check_ingested(what, one, case)
    peers.check_every_card(what, database, overlaid(lab.four(rows), case))
    return one


def again(lab: Lab) -> Iterator[Line]:
    case, database = lab.four(), lab.base()

    def ingest_again() -> Run:
        one = lab.ingest("the same files again", case, database)
        check_unchanged("the same files again", one, case)
        return one

    # At least five: what is compared is short.
    rounds = alternate(max(5, lab.settings.repeat), [ingest_again, start_up])
    whole, start = map(median_seconds, rounds)
    measured = f"{whole:.2f} s, of which start-up {start:.2f} s"
    yield Line(
        f"the same {case.rows:,} rows again, unchanged, beyond start-up",
        measured,
        whole - start,
        0.5,
        1,
        "s",
    )


def start_up() -> Run:
    one = run(peers.cardstatus("--version"))
    require_code("--version", one, 0)
    return one


def resent(lab: Lab) -> Iterator[Line]:
    first, later = (lab.case("resent", lab.settings.rows, part=part) for part in ("first", "again"))
    database = lab.path("resent.db")
    fresh = partial(lab.fresh_load, peers.CARDSTATUS, first, database)
    resend = partial(lab.load, peers.CARDSTATUS, later, database)
    seconds = [median_seconds(runs) for runs in alternate(lab.settings.repeat, [fresh, resend])]
    new = later.expected["totals"]["new"]
    yield Line(
        f"a file of {later.rows:,} rows sent again with {new:,} new, a row, against fresh",
        f"{seconds[1]:.2f} s against {seconds[0]:.2f} s",
        (seconds[1] / later.rows) / (seconds[0] / first.rows),
        1.0,
        1.5,
    )


def shapes(lab: Lab) -> Iterator[Line]:
    """No targets: what a load of as many rows takes when they come in another shape."""
    rows = lab.settings.rows
    own = peers.CARDSTATUS
    shaped = [
        ("four files, random order", own, lab.four()),
        ("four files, sorted by card", own, lab.case("four", rows, "--order", "sorted")),
        ("one file of one type", own, lab.case("single", rows)),
    ]
    small = lab.case("small", rows)
    shaped.append((f"{len(small.expected['files']):,} small files", own, small))
    shaped += [
        (f"four files, --workers {count}", peers.with_workers(count), lab.four())
        for count in WORKERS
        if peers.takes_workers()
    ]
    database = lab.path("shape.db")
    rounds = alternate(
        lab.settings.repeat,
        [partial(lab.fresh_load, peer, case, database) for _, peer, case in shaped],
    )
    for (name, _, case), runs in zip(shaped, rounds, strict=True):
        yield shape_line(f"load {case.rows:,} rows: {name}", case.rows, runs)


def shape_line(work: str, rows: int, runs: Sequence[Run]) -> Line:
    seconds, peak = median_seconds(runs), median_peak(runs)
    memory = "" if peak is None else f", {peak:.0f} MB"
    return Line(work, f"{seconds:.2f} s, {rows / seconds:,.0f} rows/s{memory}")
