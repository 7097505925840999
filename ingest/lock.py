"""One at a time, across processes: a lock that the system lets go of when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from medlit.errors import LibraryBusy

LOCK_FILE = "sync.lock"


@contextlib.contextmanager
def exclusive(folder: Path) -> Generator[None]:
    """Hold the folder's lock. Its file stays: taking it away would let two hold a lock of the same name.

    Raises:
        LibraryBusy: another process holds it.
    """
    with (folder / LOCK_FILE).open("ab") as file:
        try:
            _take(file)
        except OSError:
            raise LibraryBusy(
                "Another sync works with this folder already. Wait until it has finished, or stop it; "
                "then run the same command again."
            ) from None
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
