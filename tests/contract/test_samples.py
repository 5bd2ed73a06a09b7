"""The files that a newcomer meets first do what their pages say."""

import re
from collections import Counter
from pathlib import Path

from support.builders import statuses, take

from cardstatus.database.reading.store import Store
from cardstatus.model.reports import Counts, Outcome

ROOT = Path(__file__).parents[2]


def test_the_sample_is_clean_and_its_second_day_overlaps_the_first(database: Path) -> None:
    report = take(database, ROOT / "sample_data")
    assert report.totals == Counts(rows=126, new=108, duplicates=18)
    assert {file.outcome for file in report.files} == {Outcome.INGESTED}
    assert Counter(card.status for card in statuses(database)) == {
        "delivered": 25,
        "picked_up": 13,
        "delivery_exception": 6,
        "returned": 4,
    }


def test_the_samples_interesting_cards_are_as_its_page_says(database: Path) -> None:
    take(database, ROOT / "sample_data")
    page = (ROOT / "sample_data" / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `?(CRD\d+)`? \| `?(\w+)`? ", page, re.MULTILINE))
    assert len(told) >= 8
    assert {card.card_id: card.status for card in statuses(database)}.items() >= told.items()


def test_the_messy_set_has_the_problems_that_its_page_lists(database: Path) -> None:
    folder = ROOT / "docs" / "examples" / "messy"
    take(database, folder)
    page = (folder / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `?([^|`]+)`? +\| (\d+) +\|.*\| `?(rejected|warning)`? +\|$", page, re.M)
    with Store.open(database) as store:
        found = [(Path(p.source).name, str(p.line), p.severity) for p in store.problems()]
    assert len(told) >= 20
    failed = re.findall(r"^\| `([^`]+\.csv)` \| [^|]*[^|\d ][^|]* \|$", page, re.MULTILINE)
    assert len(failed) >= 2
    listed = [(name.strip(), line, severity) for name, line, severity in told]
    assert sorted(listed + [(name, "None", "failed") for name in failed]) == sorted(found)
