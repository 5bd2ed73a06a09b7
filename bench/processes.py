"""Runs programs as whole processes; measures seconds, and the memory of all their processes."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SAMPLE_SECONDS = 0.05
# Reading a big process's memory map takes milliseconds of one core: never more than 1/20 of it.
SAMPLE_SHARE = 20
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command, or several in a row. `peak_mb` is None where there is no /proc."""

    seconds: float
    peak_mb: float | None
    code: int
    stdout: str
    stderr: str


def fields_of(path: Path) -> dict[str, str]:
    """The `Name: value` lines of a file below /proc; none when the process has just gone."""
    try:
        text = path.read_text()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def kib(fields: dict[str, str], name: str) -> int:
    return int(fields.get(name, "0 kB").split()[0])


def tree_kib(root: int) -> int:
    """Memory of a process and all of its descendants, in KiB.

    PSS where it can be read, for it shares out the pages that forked workers have in common; else
    VmRSS, which counts them once for each.
    """
    # A descendant has a greater pid than its parent (pids wrap too seldom to matter): so one pass
    # in ascending order finds them all, and the rest of a busy machine need not be read.
    pids = sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
    tree: set[int] = set()
    total = 0
    for pid in (pid for pid in pids if pid >= root):
        status = fields_of(PROC / str(pid) / "status")
        if pid == root or int(status.get("PPid", "0")) in tree:
            tree.add(pid)
            shares = fields_of(PROC / str(pid) / "smaps_rollup")
            total += kib(shares, "Pss") or kib(status, "VmRSS")
    return total


class MemorySampler(threading.Thread):
    """Keeps the greatest memory of a process tree, until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self._peak_kib = 0

    def run(self) -> None:
        while True:
            started = time.perf_counter()
            self._peak_kib = max(self._peak_kib, tree_kib(self._pid))
            cost = time.perf_counter() - started
            if self._over.wait(max(SAMPLE_SECONDS, SAMPLE_SHARE * cost)):
                return

    def stop(self) -> float:
        """End the sampling; the peak in MB."""
        self._over.set()
        self.join()
        return self._peak_kib * 1024 / MEGABYTE


def run(
    command: Sequence[str | Path],
    *,
    sample: bool = False,
    folder: Path | None = None,
    output: Path | None = None,
) -> Run:
    """Run one command, in `folder`, its stdout kept or sent to the file `output`."""
    # Colour would be work that a pipe does not ask for.
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    with ExitStack() as stack:
        stdout = stack.enter_context(output.open("wb")) if output else subprocess.PIPE
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
        )
        stack.callback(end, child)
        sampler = MemorySampler(child.pid) if sample and PROC.is_dir() else None
        if sampler:
            sampler.start()
        out, err = child.communicate()
        seconds = time.perf_counter() - started
        peak_mb = sampler.stop() if sampler else None
    text = (out or b"").decode(errors="replace")
    return Run(seconds, peak_mb, child.returncode, text, err.decode(errors="replace"))


def end(child: subprocess.Popen[bytes]) -> None:
    """Leave no child behind when the benchmark is interrupted."""
    if child.poll() is None:
        child.kill()
        child.wait()


def settle(path: Path) -> None:
    """Have a file on disk, and in the page cache: what is measured next neither writes it out nor
    waits for it. (`os.sync` would do, and would wait for whatever else the machine writes.)
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while file.read(MEGABYTE):
            pass


def run_all(commands: Sequence[Sequence[str | Path]], folder: Path) -> Run:
    """Run commands one after the other, as one: until one fails."""
    seconds, peaks, code, stdout, stderr = 0.0, [], 0, "", ""
    for command in commands:
        one = run(command, sample=True, folder=folder)
        seconds += one.seconds
        peaks += [] if one.peak_mb is None else [one.peak_mb]
        code, stdout, stderr = one.code, stdout + one.stdout, stderr + one.stderr
        if code:
            break
    return Run(seconds, max(peaks, default=None), code, stdout, stderr)
