"""What a database is begun with. Apart, since a look-up by card id can do without."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What the first ingest fixes for a database, because changing it would change old answers."""

    timezone: str
    country_code: str


DEFAULT_SETTINGS = Settings(timezone="UTC", country_code="971")
