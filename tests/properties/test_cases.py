"""Case folders: ``cases/NAME/`` holds courier files and what must come of them.

``expected.json`` has the cards, the problems and the counts; ``options.json``, where there is one,
the options. To add a case, make the folder with its files, run with ``CARDSTATUS_NEW_CASES=1``, and
read the ``expected.json`` that is written as you would review code.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from support.builders import load_json, take

from cardstatus.database.reading.store import Store
from cardstatus.ingestion.options import Options
from cardstatus.model.problems import Severity

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


def result_of(case: Path, database: Path) -> dict[str, Any]:
    given = case / "options.json"
    report = take(database, case, options=Options(**(load_json(given) if given.exists() else {})))
    with Store.open(database) as store:
        cards = [card._asdict() for card in store.statuses()]
        problems = [p._asdict() for p in store.problems() if p.severity != Severity.FAILED]
    for record in (*cards, *problems):
        record["source"] = Path(record["source"]).name
        for name in ("detail", "ingested_at", "state"):
            record.pop(name, None)
    files = {
        Path(file.source).name: [
            file.outcome.value, file.counts.new, file.counts.duplicates, file.counts.rejected,
            file.counts.warnings,
        ]
        for file in report.files
    }  # fmt: skip
    return {"files": files, "cards": cards, "problems": problems}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, database: Path) -> None:
    expected = case / "expected.json"
    result = result_of(case, database)
    if os.environ.get("CARDSTATUS_NEW_CASES") and not expected.exists():
        expected.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert result == load_json(expected)
