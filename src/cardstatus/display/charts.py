"""Numbers drawn in the characters of a terminal: bars to compare, and a line of small ones."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .tables import FOLDED, Cell, Column, TableStyle, draw

_BAR: Final = 40
"""Characters of the longest bar in a wide terminal."""
_LEAST_BAR: Final = 8
"""The same in the narrowest terminal."""
_GAPS: Final = 8
"""Blanks between the columns of a table with bars."""
_SHARE: Final = "Share"
_ALIGNED: Final = 24
"""Characters of the longest label beside which the bars of other charts are moved."""
_ROOMY: Final = 80
"""Columns of the narrowest terminal in which all bars begin below each other."""
_HEIGHTS: Final = "▁▂▃▄▅▆▇█"


class Bars(NamedTuple):
    """A bar chart: a line a row, with its label, its number and its bar."""

    column: Column
    """Of the labels."""
    counted: str
    """What the numbers count."""
    rows: Sequence[tuple[str, int]]
    has_shares: bool = False
    """Whether each number is shown as a share of them all, too: for rows that are all there are."""


def bar_charts(charts: Sequence[Bars], style: TableStyle) -> list[str]:
    """Draw charts; an empty text for one without rows.

    In each the longest bar is that of the greatest number. Where there is room, the bars of all
    begin below each other.
    """
    if style.width is not None and style.width < _ROOMY:
        return [_draw(chart, 0, 0, style) if chart.rows else "" for chart in charts]
    shown = [chart for chart in charts if chart.rows]
    labels = max((w for chart in shown if (w := _label_width(chart)) <= _ALIGNED), default=0)
    numbers = max(map(_number_width, shown), default=0)
    return [_draw(chart, labels, numbers, style) if chart.rows else "" for chart in charts]


def _draw(chart: Bars, labels: int, numbers: int, style: TableStyle) -> str:
    greatest = max(count for _, count in chart.rows) or 1
    total = sum(count for _, count in chart.rows) or 1
    numbers = max(numbers, _number_width(chart))
    longest = _room_for_bar(max(labels, _label_width(chart)), chart.column.folds, numbers, style)
    lines: Iterable[Sequence[Cell]] = (
        (
            text,
            f"{count:,}",
            share(count, total) if chart.has_shares else "",
            ("█" * round(longest * count / greatest), "cyan"),
        )
        for text, count in chart.rows
    )
    columns = (
        chart.column._replace(name=chart.column.name.ljust(labels)),
        Column(chart.counted.rjust(numbers), number=True),
        Column(_SHARE if chart.has_shares else " " * len(_SHARE) * bool(labels), number=True),
        "",
    )
    return draw(columns, lines, style)


def _label_width(chart: Bars) -> int:
    return max(map(len, (chart.column.name, *(text for text, _ in chart.rows))))


def _number_width(chart: Bars) -> int:
    return max(map(len, (chart.counted, *(f"{count:,}" for _, count in chart.rows))))


def _room_for_bar(labels: int, folds: bool, numbers: int, style: TableStyle) -> int:
    """Return the characters of the longest bar with which the table fits the terminal.

    They are never too few to compare bars: a table that does not fit with those is drawn as
    blocks.
    """
    if style.width is None:
        return _BAR
    beside = min(labels, FOLDED) if folds else labels
    return min(_BAR, max(_LEAST_BAR, style.width - beside - numbers - len(_SHARE) - _GAPS))


def share(count: int, total: int) -> str:
    """Return a part of a total in percent, without decimals.

    >>> share(1, 3), share(1, 1000), share(0, 3)
    ('33 %', '<1 %', '0 %')
    """
    percent = round(100 * count / total)
    if count and not percent:
        return "<1 %"
    return ">99 %" if percent == 100 and count < total else f"{percent} %"


def sparkline(counts: Sequence[int]) -> str:
    """Return a bar of eight heights for each number; the lowest is that of nought alone.

    >>> sparkline([0, 1, 5, 10])
    '▁▂▅█'
    """
    greatest = max(counts, default=0) or 1
    heights = len(_HEIGHTS) - 1
    return "".join(
        _HEIGHTS[max(round(count * heights / greatest), 1) if count else 0] for count in counts
    )
