"""How long `cardstatus serve` lets people wait while a large ingest runs.

Requests leave at a steady rate whether or not the ones before them were answered, and each is
timed from the moment at which it was to leave: a server that stalls cannot hide it by being asked
less. Loopback only; ends after the seconds asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from . import shapes
from .lab import say

STOCK_ROWS = 200_000
WARM_UP_SECONDS = 5.0
MAX_RATE, MAX_SECONDS = 1_000, 600
PROGRAM = (sys.executable, "-m", "cardstatus")


@dataclass
class Waits:
    """Seconds that requests took, by whether an ingest was running when they were to leave."""

    beside: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Client:
    """Asks over connections that stay open, as many as are needed at once."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._host, self._port = str(where.hostname), int(where.port or 80)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, path: str) -> tuple[int, bytes]:
        if self._idle:
            with suppress(OSError, asyncio.IncompleteReadError):  # closed in the meantime
                return await self._ask(path, *self._idle.pop())
        return await self._ask(path, *await asyncio.open_connection(self._host, self._port))

    async def _ask(
        self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, bytes]:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = await reader.readexactly(length)
        self._idle.append((reader, writer))
        return int(head.split(" ", 2)[1]), body


async def load(
    client: Client, questions: Sequence[tuple[str, str]], rate: int, ingest: Ingest, seconds: float
) -> Waits:
    """Ask at a steady rate; `questions` are paths and the card that must be in the answer."""
    waits = Waits()

    async def one(due: float, path: str, card: str, waited: list[float]) -> None:
        try:
            status, body = await client.ask(path)
            waited.append(time.perf_counter() - due)
            if status != 200 or card not in {one["card_id"] for one in json.loads(body)}:
                waits.failed.append(f"{path}: {status} {body[:200]!r}")
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            waits.failed.append(f"{path}: {error!r}")

    begin = time.perf_counter()
    tasks = set()
    for at in range(int(rate * seconds)):
        due = begin + at / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if not ingest.begun and due - begin >= WARM_UP_SECONDS:
            ingest.begin()
        waited = waits.beside if ingest.is_running() else waits.alone
        task = asyncio.create_task(one(due, *questions[at % len(questions)], waited))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return waits


class Ingest:
    """The ingest beside which is asked."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._command = (
            *PROGRAM, "ingest", str(folder), "--db", str(database), "--dates", "day-first",
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self.seconds = 0.0

    @property
    def begun(self) -> bool:
        return self._process is not None

    def begin(self) -> None:
        self._began = time.perf_counter()
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet)

    def is_running(self) -> bool:
        running = self._process is not None and self._process.poll() is None
        if self.begun and not running and not self.seconds:
            self.seconds = time.perf_counter() - self._began
        return running

    def finish(self) -> int:
        assert self._process is not None
        code = self._process.wait(timeout=MAX_SECONDS)
        self.is_running()
        return code


def make_questions(expected: Path, count: int) -> list[tuple[str, str]]:
    """Return questions about cards that are known from the start, half of them by mobile."""
    lines = expected.read_text(encoding="utf-8").splitlines()[1:]
    questions = []
    for at, line in enumerate(random.Random(1).sample(lines, min(count, len(lines)))):
        card, _, _, mobile = line.split(",")
        by_mobile = f"user_mobile=0{mobile.removeprefix('+971')}" if mobile and at % 2 else ""
        question = by_mobile or f"card_id={card}"
        questions.append((f"/load/get_card_status.json?{question}", card))
    return questions


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def told(name: str, waited: Sequence[float]) -> str:
    if not waited:
        return f"{name}: no requests"
    shares = {"median": 0.5, "99th percentile": 0.99, "longest": 1.0}
    figures = ", ".join(
        f"{what} {percentile(waited, share) * 1000:.1f} ms" for what, share in shares.items()
    )
    return f"{name}: {len(waited):,} requests, {figures}"


def run(folder: Path, rows: int, rate: int, seconds: float) -> int:
    database = folder / "load.db"
    shapes.main(["four", str(folder / "stock"), "--rows", str(STOCK_ROWS), "--seed", "2"])
    shapes.main(["four", str(folder / "more"), "--rows", str(rows)])
    stocking = Ingest(folder / "stock/files", database)
    stocking.begin()
    stocking.finish()
    ingest = Ingest(folder / "more/files", database)
    serve = (*PROGRAM, "serve", "--db", str(database), "--port", "0")
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            questions = make_questions(folder / "stock/expected.csv", 10_000)
            waits = asyncio.run(load(Client(url), questions, rate, ingest, seconds))
            code = ingest.finish()
            wal = database.with_name(database.name + "-wal")
            left = wal.stat().st_size if wal.exists() else 0
        finally:
            server.terminate()
    say(f"{rate} requests a second for {seconds:.0f} s; load average {os.getloadavg()[0]:.1f}")
    say(f"ingest of {rows:,} rows beside it: {ingest.seconds:.0f} s, exit code {code}")
    say(told("while it ran", waits.beside))
    say(told("before and after", waits.alone))
    say(f"left in the WAL: {left / 1e6:.0f} MB")
    say("\n  ".join([f"failed: {len(waits.failed)}", *waits.failed[:5]]))
    return 1 if waits.failed else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.web_load", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args(arguments)
    if not (0 < options.rate <= MAX_RATE and 0 < options.seconds <= MAX_SECONDS):
        parser.error(f"at most {MAX_RATE} requests a second, for {MAX_SECONDS} seconds")
    with tempfile.TemporaryDirectory(prefix="cardstatus-load-") as folder:
        return run(Path(folder), options.rows, options.rate, options.seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
