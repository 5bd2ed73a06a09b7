"""What a power cut leaves of the files that a program has written, at any moment of its run.

The program runs under ``strace``; its calls are replayed on a model of its disks. The model is as
unkind as journalling file systems are allowed to be: names (created, renamed, removed) reach the
disk in order, none of them for sure before the sync of a folder; bytes reach it in any order, none
of them for sure before the sync of their file, which says nothing about its name.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, TypeAlias

CALLS: Final = (
    "openat,write,pwrite64,sendfile,copy_file_range,ftruncate,fsync,fdatasync,rename,renameat2,"
    "link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir"
)
"""The calls that are replayed; the program makes no others that change what is on disk."""


class Call(NamedTuple):
    """A system call that succeeded."""

    name: str
    arguments: str
    result: int

    def texts(self) -> list[bytes]:
        """Return the strings among the arguments: paths and data."""
        return [_bytes(text) for text in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', self.arguments)]

    def opened(self) -> list[Path]:
        """Return the paths of the open files among the arguments."""
        found = re.findall(r"\d+<((?:\\x[0-9a-f]{2})+)>", self.arguments)
        return [Path(os.fsdecode(_bytes(text))) for text in found]

    def paths(self) -> list[Path]:
        """Return the paths that are named."""
        return [Path(os.fsdecode(text)) for text in self.texts()]

    def numbers(self) -> list[int]:
        """Return the plain numbers among the arguments."""
        return [int(n) for n in re.findall(r"(?:, |\[)(\d+)(?=[,\])]|$)", self.arguments)]


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def strace(log: Path) -> list[str]:
    """Return what stands in front of a command for :func:`calls_of` to read its calls."""
    return [
        "strace", "-f", "-y", "-xx", "-qq", "-s", "100000000", "-o", str(log),
        "-e", f"trace={CALLS}",
    ]  # fmt: skip


def calls_of(log: Path) -> Iterator[Call]:
    """Yield the calls of a log that succeeded, in order."""
    halves: dict[str, str] = {}
    for line in log.read_text(encoding="ascii").splitlines():
        pid, _, text = line.partition(" ")
        text = text.strip()
        if text.endswith("<unfinished ...>"):
            halves[pid] = text.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>", text):
            text = halves.pop(pid) + text[resumed.end() :]
        if found := re.match(r"(\w+)\((.*)\) += (\d+)", text):
            yield Call(found[1], found[2], int(found[3]))


class _File:
    """A file's bytes: on disk for sure, and written since."""

    def __init__(self, content: bytes = b"") -> None:
        self.safe = content
        self.since: list[tuple[int, bytes | None]] = []
        """Offset and bytes of each write; None cuts the file off there."""
        self.at = 0

    def now(self) -> bytes:
        return self.after(self.since)

    def after(self, writes: Sequence[tuple[int, bytes | None]]) -> bytes:
        content = bytearray(self.safe)
        for offset, data in writes:
            content.extend(bytes(max(0, offset - len(content))))
            if data is None:
                del content[offset:]
            else:
                content[offset : offset + len(data)] = data
        return bytes(content)

    def sync(self) -> None:
        self.safe, self.since = self.now(), []


_Node: TypeAlias = _File | None
"""What has a name; None for a folder."""
_Names: TypeAlias = dict[Path, _Node]
_Write: TypeAlias = tuple[int, bytes | None]


class _Disk:
    """The names on a disk: each step of theirs since the last one that is safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[_Names] = [
            {path: None if path.is_dir() else _File(path.read_bytes()) for path in _below(root)}
        ]

    @property
    def names(self) -> _Names:
        return self.steps[-1]

    def change(self, names: _Names) -> None:
        self.steps.append(names)

    def sync(self) -> None:
        self.steps = self.steps[-1:]


def _below(root: Path) -> list[Path]:
    return [root, *(path for path in sorted(root.rglob("*")) if not path.name.endswith("-shm"))]


class Disks:
    """Disks as they are before a program runs, and then after each of its calls."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._disks = [_Disk(root) for root in roots]
        self.said = b""
        """All that the program has written on its stdout."""

    def replay(self, call: Call) -> bool:
        """Do a call again; tell whether it concerned a disk."""
        if call.name == "write" and call.arguments.startswith("1<"):
            self.said += call.texts()[0]
            return False
        if call.name in ("write", "pwrite64", "sendfile", "copy_file_range", "ftruncate"):
            return self._write(call)
        if call.name in ("fsync", "fdatasync"):
            return self._sync(call.opened()[0])
        return self._name(call)

    def _disk(self, path: Path) -> _Disk | None:
        inside = (disk for disk in self._disks if path.is_relative_to(disk.root))
        return None if path.name.endswith("-shm") else next(inside, None)

    def _file(self, path: Path) -> _File | None:
        disk = self._disk(path)
        return disk.names.get(path) if disk else None

    def _write(self, call: Call) -> bool:
        file = self._file(call.opened()[0])
        if not file:
            return False
        if call.name == "ftruncate":
            file.since.append((call.numbers()[-1], None))
        elif call.name == "pwrite64":
            file.since.append((call.numbers()[-1], call.texts()[0][: call.result]))
        else:
            data = call.texts()[0] if call.name == "write" else self._copied(call)
            file.since.append((file.at, data[: call.result]))
            file.at += call.result
        return True

    def _copied(self, call: Call) -> bytes:
        first = call.name == "copy_file_range"
        source = self._file(call.opened()[0 if first else 1])
        assert source
        offset = call.numbers()[0]
        return source.now()[offset : offset + call.result]

    def _sync(self, path: Path) -> bool:
        disk = self._disk(path)
        if not disk or path not in disk.names:
            return False
        if file := disk.names[path]:
            file.sync()
        else:
            disk.sync()
        return True

    def _name(self, call: Call) -> bool:
        path, *others = call.paths()
        disk = self._disk(path)
        if not disk:
            return False
        names = dict(disk.names)
        if call.name == "openat":
            return self._open(call, disk, path)
        if call.name in ("mkdir", "mkdirat"):
            names[path] = None
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            del names[path]
        else:
            names[others[0]] = names[path]
            if call.name in ("rename", "renameat2"):
                del names[path]
                assert not any(inside.is_relative_to(path) for inside in names), "a folder"
        disk.change(names)
        return True

    def _open(self, call: Call, disk: _Disk, path: Path) -> bool:
        if "O_CREAT" in call.arguments and path not in disk.names:
            disk.change({**disk.names, path: _File()})
        file = disk.names.get(path)
        if not file or not re.search("O_WRONLY|O_RDWR", call.arguments):
            return False
        file.at = 0
        if "O_TRUNC" in call.arguments:
            file.since.append((0, None))
        return True

    def leave(self, cut: "Cut") -> None:
        """Put what a power cut leaves in the place of what lies at the roots."""
        for disk in self._disks:
            shutil.rmtree(disk.root)
            for path, node in sorted(cut.names(disk.steps).items()):
                if node:
                    path.write_bytes(node.after(cut.writes(node.since)))
                    os.utime(path, (0, 0))
                else:
                    path.mkdir()


class Cut(NamedTuple):
    """What of that which is not safe has reached the disk all the same."""

    names: Callable[[list[_Names]], _Names]
    writes: Callable[[list[_Write]], list[_Write]]


def cuts(seed: int, some: int) -> Iterator[Cut]:
    """Yield the four extremes (all or none of the names, all or none of the bytes), then ``some``
    at random.
    """
    for step in (0, -1):
        yield Cut(lambda steps, step=step: steps[step], list)
        yield Cut(lambda steps, step=step: steps[step], lambda _: [])
    random = Random(seed)
    for _ in range(some):
        yield Cut(
            random.choice, lambda writes: [write for write in writes if random.random() < 0.5]
        )
