"""The tables that near ids are found by: a form for each kind of ids, and aliases of all others.

Ids of the chosen form are written as ``rules.spelling`` writes their key, and need no row. So a
database whose ids all look alike has no alias, and one with a few strays has theirs. Which form is
chosen hangs on what comes first, and no answer hangs on it.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cardstatus.rules.spelling import (
    UNLISTED,
    Form,
    count_forms,
    keys,
    kind_of,
    pattern,
    written,
)

_MOST_KINDS: Final = 1_000
"""Kinds of ids for which a form is chosen. For ids at random, no form saves rows."""
_MOST_PATTERNS: Final = 12
"""Patterns that are matched against each id, 0.1 µs each."""
_AT_ONCE: Final = 50_000


def keep_aliases(db: sqlite3.Connection, counts: Mapping[Form, int], table: str) -> None:
    """Choose forms for new kinds of ids, and give the ids of ``table`` that have another an alias.

    ``counts``: the forms of these ids. The caller has a transaction open.
    """
    chosen = _choose(db, counts)
    others = {form for kind, form in counts if form != chosen.get(kind, kind)}
    if UNLISTED in counts or len(others) > _MOST_PATTERNS:
        patterns = ["*"]
    else:
        patterns = sorted(map(pattern, others))
    if not patterns:
        return
    ids = db.execute(
        f"""
        SELECT DISTINCT card_id FROM {table}
        WHERE {" OR ".join(["card_id GLOB ?"] * len(patterns))} ORDER BY card_id
        """,
        patterns,
    )
    known = set(chosen)
    db.executemany(
        """
        INSERT INTO card_alias (folded, card_id) VALUES (?, ?)
        ON CONFLICT (folded, card_id) DO NOTHING
        """,
        _aliases((card_id for (card_id,) in ids), chosen),
    )
    _store(db, {kind: form for kind, form in chosen.items() if kind not in known})


def make_anew(db: sqlite3.Connection) -> None:
    """Fill both tables from the events, 1 s a million cards."""
    for table in ("card_alias", "card_form"):
        db.execute(f"DELETE FROM {table}")
    rows = db.execute("SELECT DISTINCT card_id FROM event ORDER BY card_id")
    counts: Counter[Form] = Counter()
    while batch := rows.fetchmany(_AT_ONCE):
        counts += count_forms([card_id for (card_id,) in batch])
    keep_aliases(db, counts, "event")


def _choose(db: sqlite3.Connection, counts: Mapping[Form, int]) -> dict[str, str]:
    """Return the chosen forms by kind, the commonest of ``counts`` for kinds that have none."""
    chosen = dict(db.execute("SELECT kind, form FROM card_form ORDER BY kind").fetchall())
    new: dict[str, str] = {}
    for kind, form in sorted(counts.keys() - {UNLISTED}, key=lambda one: (-counts[one], one)):
        if kind not in chosen and _may_choose(kind, len(chosen) + len(new)):
            new.setdefault(kind, form if form.isascii() else kind)
    _store(db, new)
    return chosen | new


def _may_choose(kind: str, already: int) -> bool:
    """Tell whether a form may be chosen for a kind. For one that it may not, it never may later:
    then aliases were written in the form that is the kind itself.
    """
    return already < _MOST_KINDS and kind.isascii()


def _store(db: sqlite3.Connection, forms: Mapping[str, str]) -> None:
    for kind, form in forms.items():
        db.execute(
            "INSERT INTO card_form (kind, form) VALUES (:kind, :form)",
            {"kind": kind, "form": form},
        )


def _aliases(card_ids: Iterable[str], chosen: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the aliases of ids: each of their keys that they do not have in the chosen form.

    A kind without a form gets itself for one, in ``chosen``, as aliases of it are now written so.
    """
    for card_id in card_ids:
        for key in keys(card_id):
            kind = kind_of(key)
            if kind not in chosen and _may_choose(kind, len(chosen)):
                chosen[kind] = kind
            folded = written(key, chosen.get(kind, kind))
            if folded != card_id:
                yield folded, card_id
