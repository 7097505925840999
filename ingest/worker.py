"""What runs in a parser process. Imports as little as it can: it is started often."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.process
import os
import signal
import threading

from ingest.formats import Chunk, Parsed
from ingest.formats.registry import READERS
from ingest.memory import keep_freed_memory

NICENESS = 10
"""Searches and the loader come first; on an idle machine this changes nothing."""


def start() -> None:
    """Set up a parser process: it must never outlive its parent, however that dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    # Records form no cycles, so counting references is enough; collecting cost a tenth of the parse.
    gc.disable()
    keep_freed_memory()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="follow-parent", daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()  # returns on any death of the parent, also by SIGKILL
    os._exit(1)


def parse(reader: str, data: bytes, line: int, documents: bool = True) -> Parsed:
    """Parse one chunk with the reader of that name, with or without the rows' index documents."""
    return READERS[reader].parse(Chunk(data, line, documents))
