"""Clients that hold connections open, send slowly, read slowly, or send what is no HTTP."""

import http.client
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.builders import row, take, write
from support.serving import Server, serving

pytestmark = pytest.mark.web

QUIET = 0.5
"""Seconds in place of ten."""
SHORTER = f"""
from cardstatus.web import connections
connections._QUIET_SECONDS = {QUIET}
"""
FEW_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
"""
# A pass that SQLite could go on with for ever; "begun" tells that it does.
ENDLESS = """
import os
from cardstatus.web.api import answers

def check(parameters, overview):
    os.close(os.open({begun!r}, os.O_CREAT))
    overview._connection.execute('''
        WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number)
        SELECT max(n) FROM number
    ''').fetchall()

answers.check = check
"""
# A look-up that nothing can interrupt.
STUCK = """
import os, time
from cardstatus.web.api import answers

def get_card_status(parameters, overview):
    os.close(os.open({begun!r}, os.O_CREAT))
    time.sleep(600)

answers.get_card_status = get_card_status
"""


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    take(database, write(tmp_path, "pickup.csv", row("CRD1")))
    return database


@contextmanager
def changed(database: Path, code: str) -> Iterator[Server]:
    """Serve a database by a program with something else in it."""
    packages = database.parent / "packages"
    packages.mkdir()
    (packages / "sitecustomize.py").write_text(code)
    with serving(database, path=packages) as server:
        yield server


def connect(server: Server) -> socket.socket:
    where = urlsplit(server.url)
    return socket.create_connection((where.hostname, where.port), timeout=30)


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    found = b""
    try:
        while some := connection.recv(65_536):
            found += some
    except ConnectionResetError:
        pass
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to that")


def wait_for(path: Path) -> None:
    wait_until(path.exists)


def sockets(server: Server) -> int:
    """Return how many sockets the server has, the one that listens included."""
    port = f":{urlsplit(server.url).port:04X}"
    lines = Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    # Of those with an owner: the others are closed, and known to the system alone.
    return sum(field[1].endswith(port) and field[9] != "0" for field in fields)


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_idle_connections_keep_nobody_out(stocked: Path) -> None:
    with changed(stocked, FEW_FILES) as server, ExitStack() as held:
        for _ in range(300):
            held.enter_context(connect(server))
        for _ in range(3):
            assert server.ask("/cards/get_card_status.json?card_id=CRD1").status == 200
        assert open_files(server) < 64
        _, talk = server.stop()
    assert talk == ""


def test_a_connection_in_use_is_not_closed_for_an_idle_one(stocked: Path) -> None:
    with changed(stocked, FEW_FILES) as server, ExitStack() as held:
        used = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
        for _ in range(5):
            used.request("GET", "/healthz")
            reply = used.getresponse()
            assert (reply.status, reply.will_close) == (200, False)
            reply.read()
            for _ in range(10):
                held.enter_context(connect(server))
        used.close()
        server.stop()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
    ids=["nothing", "a part of a line", "a part of the headers"],
)
def test_a_request_that_does_not_come_is_not_waited_for(stocked: Path, sent: bytes) -> None:
    with changed(stocked, SHORTER) as server, connect(server) as connection:
        connection.sendall(sent)
        # A byte now and then does not keep the connection.
        connection.settimeout(QUIET / 4)
        begun = time.monotonic()
        while time.monotonic() - begun < 30:
            try:
                assert connection.recv(1) == b""
                break
            except TimeoutError:
                if sent:
                    connection.sendall(b"x")
            except ConnectionError:
                break
        assert time.monotonic() - begun < 30
        server.stop()


def test_a_body_that_does_not_come_is_not_waited_for(stocked: Path) -> None:
    with changed(stocked, SHORTER) as server, connect(server) as connection:
        connection.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"
        )
        assert read_all(connection).startswith(b"HTTP/1.1 200")
        server.stop()


def test_a_client_that_does_not_read_is_not_waited_for(stocked: Path) -> None:
    with changed(stocked, SHORTER) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(30)
        where = urlsplit(server.url)
        connection.connect((where.hostname, where.port))
        asked = b"GET /-/swagger-ui/swagger_bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(asked * 20)
        wait_until(lambda: sockets(server) == 2)
        wait_until(lambda: sockets(server) == 1)
        assert len(read_all(connection)) < 20 * 1_500_000
        assert server.ask("/healthz").status == 200
        _, talk = server.stop()
    assert talk == ""


def test_a_client_that_reads_slowly_gets_it_all(stocked: Path) -> None:
    with changed(stocked, SHORTER) as server, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.settimeout(30)
        where = urlsplit(server.url)
        connection.connect((where.hostname, where.port))
        connection.sendall(
            b"GET /-/swagger-ui/swagger_bundle.js HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: close\r\n\r\n"
        )
        found = b""
        while some := connection.recv(200_000):
            found += some
            time.sleep(QUIET / 10)
        head, _, body = found.partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}" in head.decode().lower()
        server.stop()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /healthz?" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["TLS", "short", "header", "long header", "long query", "version", "chunk", "length"],
)
def test_what_is_no_http_is_refused(stocked: Path, sent: bytes) -> None:
    with changed(stocked, SHORTER) as server:
        for _ in range(3):
            with connect(server) as connection:
                try:
                    connection.sendall(sent)
                except ConnectionError:
                    continue
                found = read_all(connection)
                assert found == b"" or found.startswith((b"HTTP/1.1 400", b"HTTP/1.1 200"))
        assert server.ask("/healthz").status == 200
        _, talk = server.stop()
    assert talk == ""


def test_passes_whose_clients_have_gone_keep_nobody_waiting(stocked: Path) -> None:
    begun = stocked.with_name("begun")
    with changed(stocked, ENDLESS.format(begun=str(begun))) as server:
        for at in range(60):
            with connect(server) as connection:
                question = f"/cards/check.json?stale_days={at}"
                connection.sendall(f"GET {question} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                wait_for(begun)
        asked = time.monotonic()
        while (status := server.ask("/cards/status_counts.json").status) != 200:
            assert status == 503  # until it is known of all that they have gone
            assert time.monotonic() - asked < 20
        assert time.monotonic() - asked < 20
        _, talk = server.stop()
    assert talk == ""


def test_beyond_a_few_passes_others_are_told_to_come_again(stocked: Path) -> None:
    begun = stocked.with_name("begun")
    with changed(stocked, ENDLESS.format(begun=str(begun))) as server, ExitStack() as held:
        statuses = []
        for at in range(12):
            connection = held.enter_context(connect(server))
            question = f"/cards/check.json?stale_days={at}"
            connection.sendall(f"GET {question} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            if at >= 8:
                statuses.append(connection.recv(65_536))
        for status in statuses:
            assert status.startswith(b"HTTP/1.1 503")
            assert b"\r\nretry-after: 5\r\n" in status.lower()
        assert server.ask("/cards/get_card_status.json?card_id=CRD1").status == 200
        server.process.kill()


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("kind", ["a pass", "what cannot be interrupted"])
def test_it_ends_in_the_midst_of_an_answer(stocked: Path, kind: str, how: int, code: int) -> None:
    begun = stocked.with_name("begun")
    code_of, path = {
        "a pass": (ENDLESS, "/cards/check.json"),
        "what cannot be interrupted": (STUCK, "/cards/get_card_status.json?card_id=CRD1"),
    }[kind]
    with (
        changed(stocked, code_of.format(begun=str(begun))) as server,
        connect(server) as connection,
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_for(begun)
        told = time.monotonic()
        ended, talk = server.stop(how)
        assert time.monotonic() - told < 20
        assert read_all(connection).startswith(b"HTTP/1.1 503")
    assert ended == code
    assert talk in ("", "interrupted\n")


def test_the_limit_is_well_below_that_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    from cardstatus.web.connections import most_connections

    found = {}
    for files in (8, 64, 256, 1_024, 1_000_000, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda what, files=files: (files, files))
        found[files] = most_connections()
    assert list(found.values()) == [4, 16, 64, 256, 256, 256]


def test_a_line_is_said_once_a_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    from cardstatus.web import connections

    now = 0.0
    monkeypatch.setattr(connections.time, "monotonic", lambda: now)
    talk = connections.Talk()
    for at in range(300):
        now = at
        talk.say("error: socket.accept() out of system resource")
    assert capsys.readouterr().err.count("\n") == 5
    for at in range(1_000):
        talk.say(f"error: another one, number {'abcdefghij'[at % 10]}{chr(97 + at // 100)}")
    assert capsys.readouterr().err.count("\n") < 110
