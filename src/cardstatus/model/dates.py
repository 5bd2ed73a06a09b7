"""The orders of dates that a user may declare."""

from enum import StrEnum


class DateOrder(StrEnum):
    """What stands first in the dates of a run, as the user declares it."""

    DAY_FIRST = "day-first"
    """``13/11/2023``, beside ``2023-11-13``."""
    MONTH_FIRST = "month-first"
    """``11/13/2023``, beside ``2023-11-13``."""
    YEAR_FIRST = "year-first"
    """``2023-11-13`` alone."""
