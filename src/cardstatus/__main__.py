"""The program: ``cardstatus``, and ``python -m cardstatus``."""

import gc


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
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
