"""How an ingest's processes manage memory: they make and drop millions of small things.

A parse frees a hundred thousand small blocks at once. By default glibc then merges
them and returns the memory to the system, at the next call that happens to touch a
large block, and takes it again for the next chunk: a sixth of a parser's time.
The peak does not change, for the next chunk needs the memory again.
"""

from __future__ import annotations

import ctypes
import gc
import sys

M_MXFAST = 1
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3
KEPT_BYTES = 256 * 1024 * 1024
MAPPED_FROM_BYTES = 32 * 1024 * 1024


GARBAGE_AT = 200_000
"""Objects made before Python looks for cycles. Records form none; at the usual 700 it looks all the time."""


def collect_seldom() -> None:
    """Look for garbage rarely; it took a third of the time of decoding records."""
    gc.freeze()
    gc.set_threshold(GARBAGE_AT, 20, 100)


def keep_freed_memory() -> None:
    """Apply to this process; does nothing where the C library is not glibc."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl
        return
    mallopt(M_MXFAST, 0)
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
