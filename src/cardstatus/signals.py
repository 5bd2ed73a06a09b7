"""Ctrl-C and SIGTERM: held back where they would do harm, or turned into an orderly end. Owns the
signal mask and the handlers of the process.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
"""The signals that end a run in good order: ``watch`` takes the second as the first."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back for the block, and for good from threads and processes that
    begin in it.

    The mask is inherited by threads begun in the block, so a signal always goes to the main
    thread, which may hold it back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def sigterm_as_interrupt() -> Iterator[Callable[[], int]]:
    """Have SIGTERM raise KeyboardInterrupt in the block, as Ctrl-C does.

    Yields a function that returns the exit code of the program: 143 after a SIGTERM, else 130.
    """
    caught = [int(signal.SIGINT)]

    def interrupt(number: int, frame: object) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    with _on_sigterm(interrupt):
        yield lambda: _exit_code(caught[-1])


@contextmanager
def sigterm_as_exit() -> Iterator[None]:
    """Have SIGTERM raise SystemExit in the block, in place of ending the process on the spot."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(_exit_code(number))

    with _on_sigterm(leave):
        yield


def _exit_code(number: int) -> int:
    """Return the exit code by which shells tell that a signal has ended a program."""
    return 128 + number


@contextmanager
def _on_sigterm(handler: Callable[[int, object], None]) -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
