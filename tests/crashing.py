"""Functions for parser processes that die."""

from __future__ import annotations

import os
import threading
from pathlib import Path


def double(number: int) -> int:
    """Do something."""
    return 2 * number


def die() -> None:
    """Die as if killed for memory."""
    os._exit(9)


def die_once(mark: str) -> str:
    """Die the first time; wait for ever where no mark can be made."""
    path = Path(mark)
    if not path.parent.exists():
        threading.Event().wait()
    if path.exists():
        return "second time"
    path.touch()
    os._exit(9)
