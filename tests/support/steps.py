"""Code that is stopped at any of its system calls, to have something happen just then."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

MODULES = ("posix", "fcntl", "io", "_io", "_posixsubprocess")
"""The modules of Python whose functions make system calls on files."""
FUNCTIONS = ("_renameat2",)
"""Functions of the program that make one without these."""


@contextmanager
def at_call(
    acts: Mapping[int, Callable[[], object]] | None = None,
) -> Iterator[Callable[[], int]]:
    """Do each act at the step of its number in the block. A step is the moment before a system
    call, or the one after it. Yields how many there were.
    """
    done = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal done
        if not _is_call(frame, event, argument):
            return
        done += 1
        if acts and done in acts:
            acts[done]()

    sys.setprofile(profile)
    try:
        yield lambda: done
    finally:
        sys.setprofile(None)


def _is_call(frame: FrameType, event: str, argument: Any) -> bool:
    if event in ("call", "return"):
        return frame.f_code.co_name in FUNCTIONS
    owner = getattr(argument, "__self__", None)
    module = getattr(argument, "__module__", None) or type(owner).__module__
    return module in MODULES
