"""Numbers drawn in characters."""

import pytest

from cardstatus.display.charts import share, sparkline


@pytest.mark.parametrize(
    ("count", "total", "text"),
    [(1, 3, "33 %"), (1, 1_000, "<1 %"), (0, 3, "0 %"), (3, 3, "100 %"), (999, 1_000, ">99 %")],
)
def test_a_share_is_in_percent(count: int, total: int, text: str) -> None:
    assert share(count, total) == text


@pytest.mark.parametrize(
    ("counts", "bars"),
    [
        ([], ""), ([0, 0], "▁▁"), ([0, 1, 5, 10], "▁▂▅█"), ([1, 1_000_000], "▂█"), ([7], "█"),
    ],
)  # fmt: skip
def test_small_bars_tell_some_from_none(counts: list[int], bars: str) -> None:
    assert sparkline(counts) == bars
