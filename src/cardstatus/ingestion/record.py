"""What a run has to put on record of the files that failed, and of those that did not."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cardstatus.courier.files.search import FoundFile, printable_path
from cardstatus.database.writing.writer import Writer
from cardstatus.errors import DatabaseError
from cardstatus.model.reports import FailedFile, FileReport, Outcome

from .plan import sha256_of


@dataclass(slots=True)
class Record:
    """The files of a run, by what became of each."""

    now: Callable[[], int]
    _failed: list[FailedFile] = field(default_factory=list)
    _read: list[tuple[str, str]] = field(default_factory=list)
    """The paths of files that were read, and the hashes of those that went in."""

    def add(self, found: FoundFile, report: FileReport) -> None:
        """Take note of a file that failed as a whole, or was in already."""
        path = printable_path(found.path.absolute())
        if report.outcome is not Outcome.FAILED:
            self._read.append((path, ""))
            return
        self._failed.append(
            FailedFile(
                found.name, path, sha256_of(found.path), found.size, report.type, self.now(),
                report.error or "",
            )
        )  # fmt: skip

    def add_read(self, path: str, sha256: str, *, is_in: bool) -> None:
        """Take note of a file all of whose rows were read."""
        self._read.append((path, sha256 if is_in else ""))

    def store(self, writer: Writer) -> str | None:
        """Put it all into the database if there is one; return why that could not be."""
        try:
            writer.record_failures(self._failed, self._read)
        except DatabaseError as error:
            return str(error)
        return None
