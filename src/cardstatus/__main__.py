"""``python -m cardstatus``."""

from .cli import main

main()
