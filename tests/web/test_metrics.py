"""Figures for Prometheus, as it would read them."""

from pathlib import Path

import pytest
from support.builders import row, take, write
from support.serving import TOKEN, serving, write_token

pytestmark = pytest.mark.web


@pytest.fixture
def stocked(tmp_path: Path, database: Path) -> Path:
    pytest.importorskip("prometheus_client", reason="the extra `web` is not installed")
    pickups = [row("CRD1"), row("CRD2", "tomorrow"), row("CRD3", mobile="12")]
    delivered = [row("CRD1", "2023-11-14T09:00:00Z", mobile="585550102")]
    take(database, write(tmp_path, "pickup.csv", *pickups), now=1_700_000_000 * 10**9)
    take(database, write(tmp_path, "delivered.csv", *delivered), now=1_700_000_100 * 10**9)
    return database


def read(text: str) -> dict[tuple[str, ...], float]:
    """Return the figures, by name and labels in the order of their names."""
    from prometheus_client.parser import text_string_to_metric_families

    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_in_the_database_and_what_was_asked(stocked: Path, tmp_path: Path) -> None:
    with serving(stocked) as server:
        for path in ("card_id=CRD1", "card_id=CRD9", "user_mobile=585550102"):
            server.ask(f"/cards/get_card_status.json?{path}")
        server.ask("/4111111111111111")
        server.ask("/-/files")
        server.ask("/")
        reply = server.ask("/metrics")
        assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = read(reply.body)
        take(stocked, write(tmp_path, "returned.csv", row("CRD3", "2023-11-15T09:00:00Z")))
        later = read(server.ask("/metrics").body)
    assert found["cardstatus_cards", "delivered"] == 1
    assert found["cardstatus_cards", "picked_up"] == 1
    assert found["cardstatus_files", "ingested", "pickup"] == 1
    rows = {
        outcome: found["cardstatus_rows", outcome, "pickup"]
        for outcome in ("new", "duplicates", "rejected", "warnings")
    }
    assert rows == {"new": 2, "duplicates": 0, "rejected": 1, "warnings": 1}
    assert found["cardstatus_newest_file_timestamp_seconds", "delivered"] == 1_700_000_100
    assert found["cardstatus_newest_event_timestamp_seconds", "delivered"] == 1_699_952_400
    assert ("cardstatus_newest_file_timestamp_seconds", "returned") not in found
    assert found["cardstatus_requests_total", "get_card_status.json", "200"] == 2
    assert found["cardstatus_requests_total", "get_card_status.json", "404"] == 1
    assert found["cardstatus_requests_total", "none", "404"] == 1
    assert found["cardstatus_requests_total", "files", "200"] == 1
    assert found["cardstatus_requests_total", "home", "200"] == 1
    assert found["cardstatus_request_seconds_count", "get_card_status.json"] == 3
    assert (later["cardstatus_cards", "returned"], later["cardstatus_cards", "picked_up"]) == (1, 0)
    for secret in ("CRD1", "58555", "4111"):
        assert secret not in reply.body


def test_the_token_guards_them(stocked: Path, tmp_path: Path) -> None:
    with serving(stocked, "--token-file", write_token(tmp_path)) as server:
        assert server.ask("/metrics").status == 401
        assert server.ask("/metrics", {"Authorization": f"Bearer {TOKEN}"}).status == 200
        assert server.ask("/metrics?x=1", {"Authorization": f"Bearer {TOKEN}"}).status == 400
