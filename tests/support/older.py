"""A database as the first version wrote it, and the files it was made of; shared by the tests."""

import sqlite3
from contextlib import closing
from pathlib import Path

from support.builders import write

FIRST_SCHEMA = Path(__file__).with_name("schema_1.sql")
FILES = {
    "pickup.csv": [
        ("A1", "CRD1", "585550101", "13-11-2023 09:00", ""),
        ("A2", "CRD2", "585550102", "13-11-2023 09:00", ""),
        ("A3", "CRD3", "585550103", "13-11-2023 09:00", ""),
        ("A4", "crd 4", "585550104", "13-11-2023 09:00", ""),
    ],
    "exceptions.csv": [
        ("B2", "CRD2", "585550102", "2023-11-14T10:00:00Z", "Nobody at home"),
        ("B3", "CRD3", "585550103", "2023-11-14T10:00:00Z", "Nobody at home"),
        ("B5", "", "", "2023-11-14T10:00:00Z", "no card"),
    ],
    # At the same instant as an attempt, and without the mobile that Excel has rounded.
    "delivered.csv": [("C3", "CRD3", "9.71E+11", "2023-11-14T10:00:00Z", "")],
    "returned.csv": [("D4", "crd 4", "585550104", "15-11-2023 09:00", "")],
}
STATUSES = {
    "CRD1": "picked_up",
    "CRD2": "delivery_exception",
    "CRD3": "delivered",
    "crd 4": "returned",
}


def write_first_files(folder: Path) -> None:
    """Write the files that the database was made of, byte for byte."""
    for name, rows in FILES.items():
        write(folder, name, *rows)


def make_first_database(path: Path) -> None:
    """Make the database as the first version left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_SCHEMA.read_text("utf-8"))
