"""The web server as its users start it, and a plain client to ask it, shared by the tests."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TOKEN = "correct-horse-battery"


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Reply:
        """Ask with the standard library's client, which follows no links and stores nothing."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            reply = connection.getresponse()
            return Reply(reply.status, dict(reply.getheaders()), reply.read().decode())
        finally:
            connection.close()

    def stop(self, how: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop the server; return its exit code and its lines on stderr."""
        self.process.send_signal(how)
        _, talk = self.process.communicate(timeout=30)
        return self.process.returncode, talk


def serve_command(database: Path, *options: str | Path) -> list[str]:
    """Return the command line of a server."""
    program = [sys.executable, "-m", "cardstatus", "serve"]
    return [*program, "--db", str(database), "--port", "0", *map(str, options)]


@contextmanager
def serving(database: Path, *options: str | Path, path: Path | None = None) -> Iterator[Server]:
    """Serve a database for the length of the block. ``path``: a folder of further packages."""
    # In front of what is there, so that the program is the one of these tests.
    paths = [text for text in (path and str(path), os.environ.get("PYTHONPATH")) if text]
    process = subprocess.Popen(
        serve_command(database, *options),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise AssertionError(process.communicate()[1])
        yield Server(url, process)
    finally:
        process.kill()
        process.communicate()


def write_token(folder: Path) -> Path:
    """Write a file with TOKEN in it, readable by its owner only."""
    path = folder / "token.txt"
    path.write_text(TOKEN + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path
