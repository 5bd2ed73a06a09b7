"""``serve`` as its users meet it: a process, asked by a plain HTTP client."""

import base64
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from support.builders import row, take, write
from support.serving import TOKEN, Reply, Server, serve_command, serving, write_token
from typer.testing import CliRunner

from cardstatus.cli.app import app

OPENER = """
import sys
from datasette import hookimpl

@hookimpl(trylast=True)
def permission_allowed():
    return True

@hookimpl
def startup():
    print("the opener is at work", file=sys.stderr)
"""
BUG = """
from cardstatus.questions import lookup

def find_cards(store, card_ids, mobiles):
    raise RuntimeError(f"no table of contents for {mobiles}")

lookup.find_cards = find_cards
"""
# Whatever is loaded later may lie where nobody else may read.
NOBODY = """
import os
import zoneinfo
from cardstatus.courier.cells import mobiles
from cardstatus.database.reading import problems
from cardstatus.rules import attempts
from cardstatus.web import server
from cardstatus.web.pages import routes

for name in routes._environment().list_templates():
    routes._environment().get_template(name)
listen = server._listen

def _listen(address):
    listening = listen(address)
    os.setgroups([])
    os.setgid(65_534)
    os.setuid(65_534)
    return listening

server._listen = _listen
"""
PAGES = ["/", "/-/cards", "/-/attention", "/-/problems", "/-/files"]
MARKUP = "<script>document.title='owned'</script>"


def described(server: Server) -> str:
    """Return the description of a server that asks for the token."""
    return server.ask("/openapi.json", {"Authorization": f"Bearer {TOKEN}"}).body


def stock(folder: Path, database: Path) -> None:
    """Take in some rows of every kind."""
    pickups = [
        row("CRD1"),
        row("CRD2", mobile="585550102", comment=MARKUP),
        row("CRD/3?#%", mobile="585550102", comment="=HYPERLINK(1)"),
        row("CRD4", "tomorrow", comment=MARKUP),
        row("CRD5", mobile="12"),
    ]
    take(database, write(folder, "pickup.csv", *pickups))
    take(database, write(folder, "delivered.csv", row("CRD2", "2023-11-14T09:00:00Z")))


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    stock(tmp_path, database)
    return database


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("fastapi", reason="the extra `web` is not installed")
    folder = tmp_path_factory.mktemp("served")
    stock(folder, folder / "cards.db")
    with serving(folder / "cards.db") as running:
        yield running


def test_without_the_extra_it_says_how_to_get_it(stocked: Path) -> None:
    for package in ("fastapi", "uvicorn", "jinja2", "offapi", "prometheus_client"):
        hidden = f"import sys; sys.modules[{package!r}] = None; sys.argv[0] = 'cardstatus'; "
        program = hidden + "from cardstatus.__main__ import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program, "serve", "--db", str(stocked), "--port", "0"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert "pip install '.[web]'" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "cards.example.com"])
def test_another_host_needs_a_token(stocked: Path, host: str) -> None:
    result = CliRunner().invoke(app, ["serve", "--db", str(stocked), "--host", host])
    assert result.exit_code == 2
    assert "--token-file" in result.stderr


def test_a_token_file_that_others_may_read_is_refused(stocked: Path, tmp_path: Path) -> None:
    token = write_token(tmp_path)
    token.chmod(0o644)
    command = ["serve", "--db", str(stocked), "--host", "0.0.0.0", "--token-file", str(token)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert "chmod 600" in result.stderr


def test_no_database(database: Path) -> None:
    result = CliRunner().invoke(app, ["serve", "--db", str(database), "--port", "0"])
    assert result.exit_code == 1
    assert "there is no database" in result.stderr


@pytest.mark.web
class TestServed:
    """Answers of a running server."""

    def test_the_address_is_printed(self, server: Server) -> None:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.url)

    def test_the_home_page_leads_to_the_answer(self, server: Server) -> None:
        home = server.ask("/").body
        assert 'name="q"' in home
        (action,) = set(re.findall(r'action="([^"]*)"', home))
        page = server.ask(f"{action}?q=CRD2")
        assert page.status == 200
        assert "Delivered" in page.body
        assert "delivered.csv:2" in page.body
        assert "pickup.csv:3" in page.body

    @pytest.mark.parametrize(
        "number",
        ["585550102", "0585550102", "058 555 0102", "+971 58 555 0102", "00971585550102"],
    )
    def test_a_mobile_in_any_form(self, server: Server, number: str) -> None:
        cards = server.ask(f"/cards/get_card_status.json?user_mobile={quote(number)}").data
        assert [card["card_id"] for card in cards] == ["CRD/3?#%", "CRD2"]

        answer = server.ask(f"/?q={quote(number)}")
        assert (answer.status, answer.body.count("<article")) == (200, 2)

    @pytest.mark.parametrize(
        ("query", "status", "part"),
        [
            ("CRD1", 200, "<article"),
            ("crd2", 200, "Taken as"),
            ("0102", 200, "card_id=CRD2"),
            ("CRD", 200, "cards match"),
            ("CRD1x", 404, "Was one of these meant?"),
            ("zzzz", 404, "No card has"),
            ("4111111111111111", 400, "a payment card number"),
            ("4111-1111-1111-1111", 400, "a payment card number"),
            ("%00", 404, "No card has"),
            ("x" * 100, 400, "99 characters"),
            ("0" * 99, 404, "No card has"),
            ("%25" * 99, 404, "No card has"),
        ],
    )
    def test_the_one_box(self, server: Server, query: str, status: int, part: str) -> None:
        reply = server.ask(f"/?q={query}")
        assert reply.status == status
        assert part.casefold() in reply.body.casefold()
        assert "4111" not in reply.body and "Bad Request" not in reply.body

    def test_what_cannot_be_read_stays_in_the_box(self, server: Server) -> None:
        reply = server.ask("/cards/get_card_status?user_mobile=12")
        assert reply.status == 400
        assert 'value="12"' in reply.body
        assert "write it in full" in reply.body

    def test_find(self, server: Server) -> None:
        found = server.ask("/cards/find.json?q=CRD2").data
        assert found[0]["card_id"] == "CRD2"
        assert found[0]["matched"] == [{"text": "CRD2", "field": "card_id", "value": "CRD2"}]
        assert len(server.ask("/cards/find.json?q=CRD&limit=1").data) == 1
        assert server.ask("/cards/find.json?q=zzzz").data == []
        assert server.ask("/cards/find.json").status == 400

    def test_a_plus_that_is_no_blank(self, server: Server) -> None:
        assert server.ask("/cards/get_card_status.json?user_mobile=+971585550102").status == 200

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("card_id=CRD1", 200),
            (f"card_id={quote('CRD/3?#%', safe='')}", 200),
            ("", 400),
            ("card_id=", 400),
            ("user_mobile=nobody", 400),
            ("card=CRD1", 400),
            ("card_id=%FF", 400),
            ("card_id=CRD9", 404),
            ("card_id=CRD1&user_mobile=585550199", 404),
        ],
    )
    @pytest.mark.parametrize("kind", ["", ".json"], ids=["page", "json"])
    def test_statuses(self, server: Server, query: str, status: int, kind: str) -> None:
        reply = server.ask(f"/cards/get_card_status{kind}?{query}")
        assert reply.status == status
        if kind and status != 200:
            assert list(reply.data) == ["error"]
        elif not kind:
            assert "<h1>" in reply.body

    def test_a_mobile_that_no_card_has(self, server: Server) -> None:
        reply = server.ask("/cards/get_card_status.json?user_mobile=585550199")
        assert (reply.status, reply.data) == (200, [])
        assert server.ask("/cards/get_card_status?user_mobile=585550199").status == 404

    def test_what_is_refused_is_not_repeated(self, server: Server) -> None:
        number = "4111111111111111"
        for path in ("get_card_status", "get_card_status.json"):
            for query in (f"card_id={number}", f"user_mobile={number}", f"card_id=1&{number}"):
                reply = server.ask(f"/cards/{path}?{query}")
                assert reply.status == 400
                assert number not in reply.body

    def test_every_endpoint_answers_with_what_is_described(self, server: Server) -> None:
        described = server.ask("/openapi.json").data
        schemas = described["components"]["schemas"]
        for path, methods in described["paths"].items():
            parameters = {each["name"] for each in methods["get"].get("parameters", ())}
            query = "?card_id=CRD1" if "card_id" in parameters else ""
            query = "?q=CRD1" if "q" in parameters else query
            reply = server.ask(path + query)
            assert (reply.status, reply.headers["content-type"].split(";")[0]) == (
                200,
                "application/json",
            )
            content = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            record = reply.data[0] if isinstance(reply.data, list) else reply.data
            name = content.get("items", content)["$ref"].rpartition("/")[2]
            schema = schemas[name]
            assert list(record) == [field for field in schema["properties"] if field in record]
            assert list(record) == schema["required"]

    def test_pages_of_problems_are_linked(self, server: Server) -> None:
        found, path = [], "/cards/problems.json?limit=1"
        while path:
            reply = server.ask(path)
            found += reply.data
            link = re.fullmatch(r'<(.*)>; rel="next"', reply.headers.get("link", ""))
            path = link[1] if link else ""
        assert [problem["severity"] for problem in found] == ["rejected", "warning"]

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/cards.db", 404),
            ("/cards?sql=select+1", 404),
            ("/cards.json?sql=select+1", 404),
            ("/cards/card_status?_where=1=1", 404),
            ("/cards/event", 404),
            ("/cards/EVENT", 404),
            ("/cards/source.json", 404),
            ("/cards/setting", 404),
            ("/cards/sqlite_master", 404),
            ("/_internal", 404),
            ("/_internal/databases.json", 404),
            ("/_memory?sql=select+1", 404),
            ("/cards/card_status.csv", 404),
            ("/cards/problem/1.csv", 404),
            ("/cards/card_status.csv?_stream=1", 404),
            ("/-/databases.json", 404),
            ("/-/metadata", 404),
            ("/-/plugins.json", 404),
            ("/-/settings", 404),
            ("/-/threads", 404),
            ("/docs", 404),
            ("/redoc", 404),
            ("/-/swagger-ui/__init__.py", 404),
            ("/-/swagger-ui/redoc.js", 404),
            ("/-/cardstatus/", 404),
            ("/cards", 404),
            ("/cards/card_status", 404),
            ("/-/versions.json", 404),
            ("/-/auth-token?token=x", 404),
            ("/-/permissions", 404),
            ("/-/allow-debug", 404),
            ("/-/cardstatus/../../../application.py", 404),
            ("/-/swagger-ui/../guard.py", 404),
            ("/-/cardstatus/..%2f..%2fguard.py", 404),
            ("/nothing", 404),
            ("/cards/nothing.json", 404),
            ("/cards/problem/99.json", 404),
        ],
    )
    def test_what_is_closed(self, server: Server, path: str, status: int) -> None:
        reply = server.ask(path)
        assert reply.status == status
        for word in ("Traceback", "site-packages", "CREATE TABLE", str(Path.home())):
            assert word not in reply.body

    @pytest.mark.parametrize("path", PAGES)
    def test_pages(self, server: Server, path: str) -> None:
        reply = server.ask(path)
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert MARKUP not in reply.body
        assert reply.body.count('aria-current="page"') == 1

    def test_a_list_leads_to_its_cards(self, server: Server) -> None:
        for path in ("/-/cards", "/-/attention"):
            links = re.findall(r'class="card" href="([^"]*)"', server.ask(path).body)
            assert len(set(links)) == 4
            assert {server.ask(unescape(link)).status for link in links} == {200}

    def test_no_script_stands_in_a_page(self, server: Server) -> None:
        for path in (*PAGES, "/-/api", "/cards/get_card_status?card_id=CRD2", "/nothing"):
            body = server.ask(path).body
            assert [text for text in re.findall(r"<script[^>]*>(.*?)</script>", body) if text] == []
            assert re.findall(r"<style|style=| on\w+=|javascript:", body) == []

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_nothing_is_written(self, server: Server, method: str) -> None:
        assert server.ask("/-/problems", method=method).status == 405

    def test_markup_stays_text(self, server: Server) -> None:
        page = server.ask("/cards/get_card_status?user_mobile=585550102").body
        assert MARKUP not in page
        assert "&lt;script&gt;" in page

    @pytest.mark.parametrize(
        "path", ["/", "/-/problems", "/cards/get_card_status.json", "/nothing", "/healthz"]
    )
    def test_headers(self, server: Server, path: str) -> None:
        headers = {name.lower(): value for name, value in server.ask(path).headers.items()}
        assert headers["cache-control"] == "no-store"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "set-cookie" not in headers

    def test_nothing_comes_from_elsewhere(self, server: Server) -> None:
        for path in (*PAGES, "/-/api", "/cards/get_card_status?card_id=CRD1"):
            page = server.ask(path).body
            places = re.findall(r'(?:src|href|action)="([^"]*)"', page)
            assert places
            assert [place for place in places if not place.startswith(("/", "#"))] == []
            for place in map(unescape, places):
                if place.startswith("/-/"):
                    assert server.ask(place).status == 200

    def test_another_name_of_the_machine_is_refused(self, server: Server) -> None:
        assert server.ask("/", {"Host": "rebound.example.com"}).status == 403


@pytest.mark.web
class TestRuns:
    """Start, run and end of a server."""

    @pytest.fixture(autouse=True)
    def _extra(self) -> None:
        pytest.importorskip("fastapi", reason="the extra `web` is not installed")

    def test_what_is_ingested_meanwhile_is_answered(self, stocked: Path, tmp_path: Path) -> None:
        with serving(stocked) as server:
            for at in range(3):
                path = f"/cards/get_card_status.json?card_id=NEW{at}"
                assert server.ask(path).status == 404
                assert len(re.findall('class="card"', server.ask("/-/cards").body)) == 4 + at
                take(stocked, write(tmp_path, f"{at}/pickup.csv", row(f"NEW{at}")))
                assert server.ask(path).status == 200
                assert len(re.findall('class="card"', server.ask("/-/cards").body)) == 5 + at

    def test_it_answers_while_somebody_writes(self, stocked: Path) -> None:
        with serving(stocked) as server, closing(sqlite3.connect(stocked)) as writer:
            writer.isolation_level = None
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("DELETE FROM problem")
            assert server.ask("/cards/get_card_status.json?card_id=CRD1").status == 200
            assert len(server.ask("/cards/problems.json").data) == 2
            writer.execute("ROLLBACK")

    def test_the_token_guards_everything(self, stocked: Path, tmp_path: Path) -> None:
        token = write_token(tmp_path)
        with serving(stocked, "--token-file", token, "--host", "0.0.0.0") as server:
            paths = [*PAGES, "/-/api", "/metrics", "/-/cardstatus/style.css", "/favicon.ico", "/no"]
            paths += ["/openapi.json", *json.loads(described(server))["paths"]]
            basic = base64.b64encode(f"me:{TOKEN}".encode()).decode()
            right = [{"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"Basic {basic}"}]
            for path in paths:
                refused = server.ask(path)
                assert refused.status == 401
                assert refused.headers["www-authenticate"].startswith("Basic ")
                assert server.ask(path, {"Authorization": "Bearer no"}).status == 401
                assert {server.ask(path, headers).status for headers in right} <= {200, 400, 404}
            _, talk = server.stop()
            assert "unencrypted" in talk
            assert TOKEN not in talk

    @pytest.mark.parametrize("kept", [True, False], ids=["kept", "taken off"])
    @pytest.mark.parametrize(
        ("base_url", "host"),
        [("/desk/", "localhost"), ("https://cards.example.com/desk", "cards.example.com")],
    )
    def test_behind_a_proxy(self, stocked: Path, base_url: str, host: str, kept: bool) -> None:
        def ask(path: str) -> Reply:
            """Ask as a proxy does that keeps the beginning of the path, or takes it off."""
            assert path.startswith("/desk/")
            return server.ask(path if kept else path.removeprefix("/desk"), {"Host": host})

        with serving(stocked, "--base-url", base_url) as server:
            for page in (*PAGES, "/-/api", "/cards/get_card_status?card_id=CRD2", "/nothing"):
                body = ask(f"/desk{page}").body
                for place in re.findall(r'(?:src|href|action|data-description)="([^#"]*)"', body):
                    if "get_card_status" in place and "card_id" not in place:
                        continue  # of a form, which adds what is asked for
                    assert ask(unescape(place)).status == 200, place
            for path in ask("/desk/openapi.json").data["paths"]:
                described = ask(f"/desk{path}?limit=1" if "problems" in path else f"/desk{path}")
                assert described.status == (
                    400 if path.endswith(("card_status.json", "find.json")) else 200
                ) or ("history" in path)
            link = ask("/desk/cards/problems.json?limit=1").headers["link"]
            assert link.startswith("</desk/cards/problems.json?limit=1&offset=1>")
            assert server.ask("/desk/", {"Host": "example.com"}).status == 403

    def test_the_head_of_an_answer(self, stocked: Path) -> None:
        with serving(stocked) as server:
            for path in (*PAGES, "/healthz", "/cards/check.json", "/openapi.json", "/nothing"):
                whole, head = server.ask(path), server.ask(path, method="HEAD")
                assert (head.status, head.body) == (whole.status, "")
                assert head.headers["content-type"] == whole.headers["content-type"]

    def test_the_health_is_that_of_the_database(self, stocked: Path, tmp_path: Path) -> None:
        with serving(stocked) as server:
            assert server.ask("/healthz").data == {"status": "ok"}
            stocked.rename(tmp_path / "elsewhere.db")
            ill = server.ask("/healthz")
            assert (ill.status, list(ill.data)) == (503, ["error"])
            assert ill.headers["retry-after"] == "5"

    def test_a_database_in_the_place_of_another(self, stocked: Path, tmp_path: Path) -> None:
        new = tmp_path / "new.db"
        pickups = [row(f"NEW{at:04}") for at in range(1_000)]
        take(new, write(tmp_path, "new/pickup.csv", *pickups))
        with serving(stocked) as server:
            assert "CRD1" in server.ask("/-/cards").body
            new.rename(stocked)
            page = server.ask("/-/cards").body
            assert "NEW0001" in page
            assert "CRD1" not in page
            assert server.ask("/cards/get_card_status.json?card_id=NEW0999").status == 200
            take(stocked, write(tmp_path, "delivered.csv", row("NEW0001", "2023-11-15 09:00")))
            assert server.ask("/cards/status_counts.json").data["delivered"] == 1
            server.stop()
        with closing(sqlite3.connect(stocked)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
    def test_a_user_who_may_not_write_in_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text(NOBODY)
        # Not below a folder of pytest, which nobody else may enter.
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            stock(folder, folder / "cards.db")
            (folder / "cards.db").chmod(0o644)
            folder.chmod(0o755)
            before = sorted(folder.rglob("*"))
            with serving(folder / "cards.db", path=tmp_path) as server:
                for path in (*PAGES, "/healthz", "/cards/get_card_status.json?card_id=CRD1"):
                    assert server.ask(path).status == 200
                for answer in ("check", "stats", "files", "problems", "status_counts"):
                    assert server.ask(f"/cards/{answer}.json").status == 200
                _, talk = server.stop()
            assert talk == ""
            assert sorted(folder.rglob("*")) == before

    def test_plugins_that_happen_to_be_installed_open_nothing(
        self, stocked: Path, tmp_path: Path
    ) -> None:
        packages = tmp_path / "packages"
        about = packages / "opener-1.0.dist-info"
        about.mkdir(parents=True)
        (packages / "opener.py").write_text(OPENER)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: opener\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("[datasette]\nopener = opener\n")
        with serving(stocked, path=packages) as server:
            assert server.ask("/cards/event").status == 404
            assert server.ask("/cards?sql=select+1").status == 404
            _, talk = server.stop()
        assert talk == ""

    def test_answers_are_not_held_back(self) -> None:
        from cardstatus.web.server import Address, _listen

        with _listen(Address("127.0.0.1", 0)) as listening:
            with socket.create_connection(listening.getsockname()):
                accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    def test_a_port_that_is_taken(self, stocked: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = str(taken.getsockname()[1])
            done = subprocess.run(
                [*serve_command(stocked), "--port", port],
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert f"127.0.0.1:{port}" in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_it_ends_when_told_to(self, stocked: Path, how: int, code: int) -> None:
        with serving(stocked) as server:
            assert server.ask("/").status == 200
            assert server.ask("/-/problems").status == 200
            assert server.ask("/cards/get_card_status.json?user_mobile=585550102").status == 200
            assert server.ask("/cards/nothing").status == 404
            ended, talk = server.stop(how)
        assert ended == code
        assert not stocked.with_name("cards.db-wal").exists()
        # Neither questions nor answers are logged.
        assert talk in ("", "interrupted\n")

    def test_a_database_that_goes_away(self, stocked: Path, tmp_path: Path) -> None:
        with serving(stocked) as server:
            stocked.rename(tmp_path / "elsewhere.db")
            for kind in ("", ".json"):
                reply = server.ask(f"/cards/get_card_status{kind}?card_id=CRD1")
                assert reply.status == 503
                assert str(tmp_path) not in reply.body
            (tmp_path / "elsewhere.db").rename(stocked)
            assert server.ask("/cards/get_card_status.json?card_id=CRD1").status == 200
            _, talk = server.stop()
        assert "there is no database" in talk

    def test_a_bug_tells_the_client_nothing(self, stocked: Path, tmp_path: Path) -> None:
        packages = tmp_path / "packages"
        packages.mkdir()
        (packages / "sitecustomize.py").write_text(BUG)
        with serving(stocked, path=packages) as server:
            for kind in ("", ".json"):
                reply = server.ask(f"/cards/get_card_status{kind}?user_mobile=585550102")
                assert reply.status == 500
                assert "table of contents" not in reply.body
                assert "Traceback" not in reply.body
            _, talk = server.stop()
        # The place of the bug is told, and the number is not.
        assert "no table of contents" in talk
        assert "585550102" not in talk

    @pytest.mark.parametrize(
        ("name", "base"),
        [
            (b"two words.db", "/two+words"),
            ("dötted.v2.db".encode(), "/d~C3~B6tted~2Ev2"),
            (b"-.db", "/-"),
            (b"openapi.db", "/openapi"),
            (b"a?b.db", "/a~3Fb"),
            (b"a#b.db", "/a~23b"),
            (b"a%41b.db", "/a~2541b"),
            (b"caf\xe9.db", "/caf~E9"),
            (b"a\nb.db", "/a~0Ab"),
        ],
    )  # fmt: skip
    def test_odd_names(self, stocked: Path, name: bytes, base: str) -> None:
        renamed = stocked.rename(stocked.with_name(os.fsdecode(name)))
        with serving(renamed) as server:
            described = json.dumps(server.ask("/openapi.json").data["paths"])
            (path,) = re.findall(r'"([^"]*/get_card_status\.json)"', described)
            assert path == f"{base}/get_card_status.json"
            assert server.ask(f"{path}?card_id=CRD1").status == 200
            (action,) = set(re.findall(r'action="([^"]*)"', server.ask("/").body))
            assert server.ask(f"{action}?q=CRD1").status == 200
