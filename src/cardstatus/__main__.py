"""The program: ``cardstatus``, and ``python -m cardstatus``."""

import gc
import sys


def main() -> None:
    """Run the program."""
    # What is loaded stays: walks of the garbage collector over it are a sixth of a look-up's time,
    # those while it loads and those before the process ends.
    gc.disable()
    from .cli import app

    gc.freeze()
    gc.enable()
    try:
        app()
    except Exception:
        _say_bug()
        sys.exit(1)
    finally:
        gc.freeze()


def _say_bug() -> None:
    """Print the traceback of a bug of ours, the end of which may repeat what a row says."""
    import traceback

    from .evidence import redact
    from .output import say

    for line in redact(traceback.format_exc()).splitlines():
        say(line)


if __name__ == "__main__":
    main()
