"""The same reading and the same rule on Spark, for events that outgrow one machine.

``CardStatusSource`` reads courier files into a DataFrame of events; ``latest``, ``history``,
``accounts`` and ``check`` answer from it. Needs the extra ``spark`` and a Java runtime. See
docs/scale.md.
"""

from .checks import check
from .rule import accounts, distinct, history, latest, latest_events
from .source import CardStatusSource

__all__ = [
    "CardStatusSource",
    "accounts",
    "check",
    "distinct",
    "history",
    "latest",
    "latest_events",
]
