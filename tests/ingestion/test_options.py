"""Options that mean nothing are refused, and so are others than the database was begun with."""

from pathlib import Path

import pytest
from support.builders import row, take, write

from cardstatus.errors import DatabaseError, UsageError
from cardstatus.ingestion.options import Options, reconcile, validate
from cardstatus.model.records import Settings


@pytest.mark.parametrize(
    "options",
    [
        Options(timezone="Mars/Olympus"),
        Options(timezone="../etc/passwd"),
        Options(timezone=""),
        Options(country_code="0971"),
        Options(country_code="+971"),
        Options(encoding="utf-9"),
        Options(encoding="hex"),
    ],
    ids=str,
)
def test_options_that_mean_nothing_are_wrong_usage(
    tmp_path: Path, database: Path, options: Options
) -> None:
    with pytest.raises(UsageError):
        take(database, write(tmp_path, "pickup.csv", row()), options=options)
    assert not database.exists()


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(timezone="Asia/Dubai"),
        Options(country_code="1"),
        Options(country_code="971"),
        Options(encoding="cp1252"),
        Options(encoding="UTF-16-LE"),
    ],
    ids=str,
)
def test_options_that_mean_something_pass(options: Options) -> None:
    validate(options)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Options(country_code="+971585550101"), "country-code: '…0101'"),
        (Options(encoding="585550101"), "encoding: '…0101'"),
    ],
)
def test_a_refusal_holds_no_full_mobile(value: Options, shown: str) -> None:
    with pytest.raises(UsageError) as refused:
        validate(value)
    assert shown in str(refused.value)


DUBAI = Settings("Asia/Dubai", "971")
AGREE = {
    "nothing stored, nothing asked": (None, Options(), Settings("UTC", "971")),
    "nothing stored": (None, Options(timezone="Asia/Dubai"), DUBAI),
    "nothing asked": (DUBAI, Options(), DUBAI),
    "the same asked": (DUBAI, Options(timezone="Asia/Dubai", country_code="971"), DUBAI),
}


@pytest.mark.parametrize(("stored", "options", "settings"), AGREE.values(), ids=AGREE.keys())
def test_the_settings_are_those_stored_else_those_asked_for(
    stored: Settings | None, options: Options, settings: Settings
) -> None:
    assert reconcile(stored, options) == settings


@pytest.mark.parametrize(
    "options", [Options(timezone="UTC"), Options(country_code="44")], ids=["zone", "country code"]
)
def test_other_settings_than_those_stored_are_refused(options: Options) -> None:
    with pytest.raises(DatabaseError, match="begun with --timezone Asia/Dubai --country-code 971"):
        reconcile(DUBAI, options)
