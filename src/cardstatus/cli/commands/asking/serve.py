"""The command ``serve``."""

from pathlib import Path
from typing import Annotated

import typer

from cardstatus.cli.options import DEFAULT_DATABASE, Database
from cardstatus.database.reading.served import ServedDatabase
from cardstatus.display import streams
from cardstatus.errors import CardStatusError, UsageError
from cardstatus.signals import sigterm_as_exit
from cardstatus.web.guard import BaseUrl, is_loopback, read_base_url, read_token


def serve(
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65_535, metavar="N", help="Port to answer at; 0 for any that is free."
        ),
    ] = 8001,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Address to answer at; any but this machine's own needs --token-file.",
        ),
    ] = "127.0.0.1",
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            readable=False,
            help="Answer only those who give the token in this file.",
        ),
    ] = None,
    base_url: Annotated[
        str,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="Address by which a proxy in front is called, such as "
            "https://cards.example.com/desk/, or its path alone.",
        ),
    ] = "/",
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Answer in the browser and as JSON, until Ctrl-C or SIGTERM.

    Prints its address. A page to ask from is there, and a description of the JSON. Files may be
    taken in meanwhile; over the web nothing can be written.

    \b
    Examples:
      cardstatus serve
      cardstatus serve --port 0
      cardstatus serve --host 0.0.0.0 --token-file token.txt
      cardstatus serve --base-url https://cards.example.com/desk/
    """  # noqa: D301 - Typer keeps the lines below \b as they are
    if token_file is None and not is_loopback(host):
        raise UsageError(
            f"--host: {host} is not this machine alone, and the answers hold phone numbers; give "
            "--token-file FILE as well, or leave --host out"
        )
    called = read_base_url(base_url)
    token = None if token_file is None else read_token(token_file)
    if not is_loopback(host):
        streams.message("note: the token and the answers travel unencrypted; put TLS in front")
    served = ServedDatabase(db)
    served.ask(lambda overview: overview.settings())
    with sigterm_as_exit():
        _serve(served, host, port, called, token)


def _serve(
    served: ServedDatabase, host: str, port: int, base_url: BaseUrl, token: bytes | None
) -> None:
    try:
        from cardstatus.web.server import Address
        from cardstatus.web.server import serve as serve_at
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cardstatus"):
            raise
        raise CardStatusError(
            f"serve needs {error.name}, which is not installed; get it, in the clone of "
            "cardstatus, with: pip install '.[web]'"
        ) from error
    serve_at(served, Address(host, port, base_url), token)
