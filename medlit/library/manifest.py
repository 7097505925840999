"""The PMIDs a file claims, kept with its line in the ledger: about two bytes each."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise

import zstandard


def pack_pmids(pmids: Sequence[int]) -> bytes:
    """Ascending PMIDs as compressed differences, 8 bytes each, little-endian."""
    steps = array("Q", [after - before for before, after in pairwise([0, *pmids])])
    if sys.byteorder == "big":
        steps.byteswap()
    return zstandard.compress(steps.tobytes())


def unpack_pmids(packed: bytes) -> list[int]:
    """The PMIDs that :func:`pack_pmids` packed."""
    steps = array("Q")
    steps.frombytes(zstandard.decompress(packed))
    if sys.byteorder == "big":
        steps.byteswap()
    return list(accumulate(steps))
