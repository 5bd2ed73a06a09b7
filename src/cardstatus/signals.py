"""Ctrl-C and SIGTERM, held back where they would do harm. Owns the signal mask of threads and
processes.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What ends a run in good order: ``watch`` takes the second as the first."""


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back for the block, and for good from threads and processes that
    begin in it.

    A thread that takes note of it would do so in place of the main one, which then has it even
    where it holds it back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
