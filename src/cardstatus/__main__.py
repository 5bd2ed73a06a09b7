"""The program: ``cardstatus``, and ``python -m cardstatus``."""

import gc
import sys


def main() -> None:
    """Run the program."""
    # What is loaded stays. The garbage collector's walks over it, while it loads and before the
    # process ends, take a sixth of a look-up's time.
    gc.disable()
    try:
        from cardstatus.cli.app import app

        gc.freeze()
        gc.enable()
        app()
    except KeyboardInterrupt:
        # It came while the program loaded; later the commands see to it.
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except Exception:
        _say_bug()
        sys.exit(1)
    finally:
        _let_ctrl_c_end_it()
        gc.freeze()


def _let_ctrl_c_end_it() -> None:
    """Let Ctrl-C end the program without a traceback, now that all is done and said."""
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _say_bug() -> None:
    """Print the traceback of a bug, without full numbers: its end may repeat a row."""
    import traceback

    from cardstatus.display.streams import message

    from .privacy import redact

    for line in redact(traceback.format_exc()).splitlines():
        message(line)


if __name__ == "__main__":
    main()
