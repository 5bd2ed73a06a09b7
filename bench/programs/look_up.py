"""Times look-ups through the store: `python look_up.py DATABASE QUESTIONS`, which is JSON:
`[[card_id, status, instant, mobile], ...]`. Prints median and 99th percentile in milliseconds.
"""

import json
import sys
import time
from pathlib import Path
from statistics import quantiles

from cardstatus.database.reading.store import Store


def main(database: Path, questions: list[list[str]]) -> dict[str, tuple[float, float]]:
    by_card, by_mobile = [], []
    with Store.open(database) as store:
        for card_id, status, _, mobile in questions:
            started = time.perf_counter()
            answer = store.card(card_id)
            by_card.append(time.perf_counter() - started)
            if answer is None or answer.status != status:
                sys.exit(f"{card_id} is {status}, and the answer was {answer}")
            started = time.perf_counter()
            cards = store.cards_of_mobile(mobile)
            by_mobile.append(time.perf_counter() - started)
            if card_id not in cards:
                sys.exit(f"{card_id} is not among the cards of its mobile")
    return {"card id": usual_and_slow(by_card), "mobile": usual_and_slow(by_mobile)}


def usual_and_slow(seconds: list[float]) -> tuple[float, float]:
    percentiles = quantiles(seconds, n=100)
    return percentiles[49] * 1000, percentiles[98] * 1000


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[2]).read_text(encoding="ascii"))
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), asked)))
