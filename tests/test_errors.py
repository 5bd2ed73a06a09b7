"""Commands that messages advise."""

from pathlib import Path

import pytest

from cardstatus.errors import command


@pytest.mark.parametrize(
    ("database", "advised"),
    [
        ("cardstatus.db", "cardstatus problems"),
        ("other.db", "cardstatus problems --db other.db"),
        (Path("/srv/cards.db"), "cardstatus problems --db /srv/cards.db"),
        ("my cards.db", "cardstatus problems --db 'my cards.db'"),
        ("$HOME.db", "cardstatus problems --db '$HOME.db'"),
    ],
)
def test_a_command_names_its_database(
    monkeypatch: pytest.MonkeyPatch, database: str | Path, advised: str
) -> None:
    monkeypatch.delenv("CARDSTATUS_DB", raising=False)
    assert command("problems", database) == advised


def test_the_database_of_the_environment_goes_without_saying(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARDSTATUS_DB", "/srv/cards.db")
    assert command("files", "/srv/cards.db") == "cardstatus files"
    assert command("files", "cardstatus.db") == "cardstatus files --db cardstatus.db"
