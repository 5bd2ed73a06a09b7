"""The same load with pandas: `python pandas_load.py FOLDER DATABASE`, into a SQLite file."""

import sqlite3
import sys
from pathlib import Path

import pandas as pd

# File, stage, form of its times, and where the nine digits of the national number begin and end.
FILES: tuple[tuple[str, int, str, int, int], ...] = (
    ("Pickup.csv", 1, "%d-%m-%Y %I:%M %p", 0, 9),
    ("Delivery exceptions.csv", 2, "%d-%m-%Y %H:%M", 2, 11),
    ("Delivered.csv", 3, "%Y-%m-%dT%H:%M:%SZ", 2, 11),
    ("Returned.csv", 4, "%d-%m-%Y %I:%M%p", 3, 12),
)
VIEW = """
CREATE VIEW card_status AS
SELECT
    card_id,
    CASE type
        WHEN 1 THEN 'picked_up'
        WHEN 2 THEN 'delivery_exception'
        WHEN 3 THEN 'delivered'
        ELSE 'returned'
    END AS status,
    strftime('%Y-%m-%dT%H:%M:%SZ', occurred_at, 'unixepoch') AS occurred_at,
    mobile
FROM event
WHERE NOT EXISTS (
    SELECT 1 FROM event AS greater
    WHERE greater.card_id = event.card_id
    AND (greater.occurred_at, greater.type, greater.reference, greater.mobile, greater.comment)
        > (event.occurred_at, event.type, event.reference, event.mobile, event.comment)
)
"""


def read(path: Path, stage: int, time_form: str, begin: int, end: int) -> pd.DataFrame:
    """The good rows of one file: with a card id and a time that can be read."""
    # na_filter off: cells stay text, and those that a short row lacks are empty.
    raw = pd.read_csv(path, dtype=str, na_filter=False, on_bad_lines="skip")
    raw.columns = ["reference", "card_id", "mobile", "time", "comment"][: len(raw.columns)]
    times = pd.to_datetime(raw["time"], format=time_form, errors="coerce", utc=True)
    events = pd.DataFrame(
        {
            "card_id": raw["card_id"].str.strip(),
            "occurred_at": times,
            "type": stage,
            "reference": raw["reference"],
            "mobile": e164(raw["mobile"], begin, end),
            "comment": raw.get("comment", ""),
        }
    )
    return events[times.notna() & (events["card_id"] != "")]


def e164(mobiles: pd.Series, begin: int, end: int) -> pd.Series:
    """+971 and the national number, '' where there is none."""
    national = mobiles.str[begin:end]
    is_number = pd.to_numeric(national, errors="coerce").between(500_000_000, 599_999_999)
    return ("+971" + national).where(is_number, "")


def main(folder: Path, database: Path) -> None:
    events = pd.concat([read(folder / form[0], *form[1:]) for form in FILES], ignore_index=True)
    events["occurred_at"] = events["occurred_at"].dt.as_unit("s").astype("int64")
    # Not sorted: SQLite sorts for its indexes anyway, and in less time.
    events = events.drop_duplicates()
    pairs = events.loc[events["mobile"] != "", ["mobile", "card_id"]].drop_duplicates()
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        events.to_sql("event", connection, index=False)
        pairs.to_sql("card_mobile", connection, index=False)
        connection.execute("CREATE INDEX event_key ON event (card_id, occurred_at, type)")
        connection.execute("CREATE INDEX card_mobile_mobile ON card_mobile (mobile)")
        connection.execute(VIEW)
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
