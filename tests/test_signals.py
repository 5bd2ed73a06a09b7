"""Signals held back for a block, and SIGTERM turned into an interrupt or an exit."""

import os
import signal
import threading

import pytest

from cardstatus.signals import held_back, sigterm_as_exit, sigterm_as_interrupt


def test_sigterm_interrupts_the_block_and_tells_its_exit_code() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with sigterm_as_interrupt() as code:
        assert code() == 130
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        assert code() == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_sigterm_exits_from_the_block() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, sigterm_as_exit():
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_held_back_comes_with_the_end_of_the_block(number: int) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with sigterm_as_interrupt():
        inherited = mask_of_a_thread_begun_after(number)
    signal.signal(signal.SIGINT, before)
    assert {signal.SIGINT, signal.SIGTERM} <= inherited
    assert number not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def mask_of_a_thread_begun_after(number: int) -> set[int]:
    """Return what a thread holds back that begins where a signal has been held back."""
    mask: set[int] = set()
    came = False
    try:
        with held_back():
            os.kill(os.getpid(), number)
            ask = lambda: mask.update(signal.pthread_sigmask(signal.SIG_BLOCK, ()))  # noqa: E731
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
    except KeyboardInterrupt:
        came = True
    assert came
    return mask
