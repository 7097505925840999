"""A file on its way: ``NAME.part`` until it is whole, ``NAME.md5`` beside it. Everything here blocks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ingest.listing import MD5_FILE_BYTES, read_md5

BLOCK_BYTES = 1024 * 1024


class Part:
    """A file on its way: ``NAME.part``, its size and its MD5 so far."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(target.name + ".part")
        self._file: BinaryIO = self._path.open("a+b", buffering=0)
        self.md5 = _new_md5()
        self._file.seek(0)
        while block := self._file.read(BLOCK_BYTES):
            self.md5.update(block)
        self.size = self._file.tell()

    def append(self, data: bytes) -> None:
        """Add what came."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self.md5.update(data)
        self.size += len(data)

    def restart(self) -> None:
        """Forget what came."""
        self._file.truncate(0)
        self.md5 = _new_md5()
        self.size = 0

    def finish(self) -> None:
        """Give the file its name."""
        self.close()
        self._path.replace(self._target)

    def discard(self) -> None:
        """Take the file away."""
        self.close()
        self._path.unlink()

    def close(self) -> None:
        """Let go; what came stays for the next time."""
        self._file.close()


def _new_md5() -> hashlib._Hash:  # pyright: ignore[reportPrivateUsage]  # the only name of its type
    return hashlib.md5(usedforsecurity=False)


def md5_of(path: Path) -> str | None:
    """The MD5 of a file, if there is one."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, _new_md5).hexdigest()
    except FileNotFoundError:
        return None


def keep_md5(target: Path, md5: str) -> None:
    """Write a file's MD5 beside it, as NLM does; it stays when the file is deleted."""
    fresh = target.with_name(target.name + ".md5.part")
    fresh.write_text(f"MD5({target.name})= {md5}\n")
    fresh.replace(_md5_file(target))


class Kept(NamedTuple):
    """The MD5 that a file had when it was fetched, and when it was last compared with the server's."""

    md5: str
    compared: datetime


def kept_md5(target: Path) -> Kept | None:
    """What stays of a file that was fetched and loaded, if anything."""
    beside = _md5_file(target)
    try:
        said = beside.read_text(errors="replace")[:MD5_FILE_BYTES]
        compared = datetime.fromtimestamp(beside.stat().st_mtime, UTC)
    except OSError:
        return None
    stated = read_md5(said)
    return Kept(stated, compared) if stated else None


def compared_now(target: Path) -> None:
    """Note that the kept MD5 is still the server's."""
    _md5_file(target).touch()


def _md5_file(target: Path) -> Path:
    return target.with_name(target.name + ".md5")
