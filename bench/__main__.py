"""The benchmark's command line: which sections, how many rows, where the result goes.

A wrong answer of any contestant ends it with exit code 1; a slow one never does.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from . import questions, sections
from .checks import BenchError
from .lab import Lab, Line, Loads, Settings, say
from .report import report

RESULTS = Path(__file__).with_name("RESULTS.md")
MIN_ROWS = 10_000  # a tenth of it is the least that the generator can share out
BIG_ROWS = 10_000_000
SECTIONS: dict[str, Callable[[Lab], Iterator[Line]]] = {
    "load": sections.load,
    "memory": sections.memory,
    "disk": sections.disk,
    "day": sections.day,
    "again": sections.again,
    "resent": sections.resent,
    "get": questions.get,
    "lookup": questions.look_up,
    "export": questions.export,
    "shapes": sections.shapes,
}


def section_names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(SECTIONS):
        raise argparse.ArgumentTypeError(f"no section {', '.join(sorted(unknown))}")
    return [name for name in SECTIONS if name in names]


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure cardstatus beside others on the same work, checking every answer.",
    )
    parser.add_argument("--rows", type=count, default=2_500_000, help="default: 2,500,000")
    parser.add_argument("--repeat", type=count, default=3, help="rounds; default: 3")
    parser.add_argument(
        "--only",
        type=section_names,
        default=list(SECTIONS),
        metavar="SECTION,...",
        help=f"of {', '.join(SECTIONS)}",
    )
    parser.add_argument(
        "--big",
        type=count,
        nargs="?",
        const=BIG_ROWS,
        metavar="ROWS",
        help="also memory and look-ups at a big size; 10,000,000 rows if you do not say",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep generated files, re-use them"
    )
    parser.add_argument("--write", action="store_true", help=f"write the result to {RESULTS.name}")
    options = parser.parse_args(arguments)
    if options.rows < MIN_ROWS:
        parser.error(f"--rows must be {MIN_ROWS} at least")
    return options


def measure(lab: Lab) -> tuple[list[Line], dict[str, Loads]]:
    lines = []
    for name in lab.settings.sections:
        say(f"section {name}")
        lines += list(SECTIONS[name](lab))
    return lines, lab.loads() if "load" in lab.settings.sections else {}


def main(arguments: Sequence[str]) -> None:
    options = parse_arguments(arguments)
    settings = Settings(options.rows, options.repeat, options.only, options.big)
    # Else it would leave its temporary folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        folder = tempfile.TemporaryDirectory(prefix="cardstatus-bench-")
        scratch = Path(stack.enter_context(folder))
        data = options.keep.absolute() if options.keep else scratch
        data.mkdir(parents=True, exist_ok=True)
        try:
            lines, loads = measure(Lab(settings, data, scratch))
        except (BenchError, subprocess.CalledProcessError) as error:
            sys.exit(f"bench failed: {error}")
    text = report(lines, loads, settings, datetime.now(tz=UTC).date())
    sys.stdout.write(text)
    if options.write:
        RESULTS.write_text(f"# What `make bench` last printed\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
