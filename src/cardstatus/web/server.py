"""The start and the end of the web server: Datasette over one database, on one address."""

import base64
import hashlib
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import uvicorn
from datasette.app import Datasette
from datasette.plugins import DEFAULT_PLUGINS, pm

from cardstatus.display import streams
from cardstatus.errors import CardStatusError, in_words

from . import plugin
from .guard import Application, Guard, guarded, is_loopback


def _folder_of(package: str) -> Path:
    """Return the folder of a package, without loading it. Raises :class:`ModuleNotFoundError`."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(spec.origin).parent


_SWAGGER_UI: Final = _folder_of("offapi")
"""The files of Swagger UI. The package is not loaded, since it would read 9 MB of renderers."""
_FILES: Final = Path(__file__).parent
_SETTINGS: Final = {
    "default_allow_sql": False,
    "allow_download": False,
    "allow_facet": False,
    "suggest_facets": False,
    "allow_csv_stream": False,
}
# The one script that Datasette writes into its pages of tables.
_INLINE_SCRIPT: Final = b"DATASETTE_ALLOW_FACET = false;"
_CONNECTIONS: Final = 256
_FAREWELL_SECONDS: Final = 5


class Address(NamedTuple):
    """The address on which the server listens."""

    host: str
    port: int
    """0 for any free port."""


def site_over(database: Path) -> Any:
    """Return Datasette over a database, with the plugin. Raises :class:`CardStatusError`."""
    if set(str(database.absolute())) & set("?#%"):
        raise CardStatusError(
            f"{database} cannot be served: Datasette opens no path with ?, # or % in it; rename it"
        )
    _only_our_plugin()
    return Datasette(
        [str(database.absolute())],
        settings=_SETTINGS,
        template_dir=str(_FILES / "templates"),
        static_mounts=[
            (plugin.STATIC, str(_FILES / "static")),
            (plugin.RENDERER, str(_SWAGGER_UI)),
        ],
    )


def _guard(address: Address, token: bytes | None) -> Guard:
    script = base64.b64encode(hashlib.sha256(_INLINE_SCRIPT).digest()).decode()
    return Guard(token, is_loopback(address.host), (script,))


def _only_our_plugin() -> None:
    """Leave Datasette with its own plugins and the one of cardstatus.

    Others that happen to be installed could open what is closed here.
    """
    for name, other in pm.list_name_plugin():
        if other is not None and name not in DEFAULT_PLUGINS:
            pm.unregister(other)
    pm.register(plugin, "cardstatus")


def serve(database: Path, address: Address, token: bytes | None = None) -> None:
    """Answer requests until a signal ends it. Raises :class:`CardStatusError`."""
    site = site_over(database)
    application: Application = site.app()
    listening = _listen(address)
    server = uvicorn.Server(
        uvicorn.Config(
            guarded(application, _guard(address, token)),
            log_level="warning",
            access_log=False,  # requests name mobiles
            ws="none",
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_FAREWELL_SECONDS,
        )
    )
    host = f"[{address.host}]" if ":" in address.host else address.host
    # The socket listens, so a program that reads this line can connect at once.
    streams.write_safe([f"http://{host}:{listening.getsockname()[1]}/\n"])
    try:
        server.run(sockets=[listening])
    finally:
        plugin.shut_down()
        for opened in site.databases.values():
            opened.close()


def _listen(address: Address) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.create_server(where[:2], family=family, backlog=_CONNECTIONS)
    except OSError as error:
        at = f"{address.host}:{address.port}"
        raise CardStatusError(
            f"nothing can be served on {at}: {in_words(error)}; choose with --port (0 for any "
            "that is free)"
        ) from error
    # Connections inherit it. Without it the second half of an answer waits 40 ms for the client's
    # system to acknowledge the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
