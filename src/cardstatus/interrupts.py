"""Ctrl-C, held back where it would do harm. Owns the signal mask of threads and processes."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C back for the block, and for good from threads and processes that begin in it.

    A thread that takes note of it would do so in place of the main one, which then has it even
    where it holds it back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
