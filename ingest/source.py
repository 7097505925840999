"""Files on disk: which ones to load, who they are, and their unpacked bytes."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip, isal_zlib

from medlit.errors import DamagedFile, ForbiddenContent, UnreadableFile
from medlit.library.sqlite_schema import LIBRARY_FILE
from medlit.library.store import SourceFile
from medlit.library.winner import mesh_release_of, release_of

BLOCK_BYTES = 1024 * 1024
SUFFIXES = (".xml", ".txt", ".nbib", ".medline", ".json", ".jsonl", ".ndjson", ".pubtator")
_GZIP_ERRORS = (igzip.BadGzipFile, zlib.error, cast(type[Exception], isal_zlib.error))  # the stub says instance
_MD5 = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")
GZIP_MAGIC = b"\x1f\x8b"

MAX_RATIO = 500
"""Unpacked to packed. NLM's files have 6 to 11, deflate cannot pass 1,032."""

RATIO_MATTERS_FROM = 64 * 1024 * 1024


def find_files(paths: Iterable[str]) -> tuple[list[Path], list[UnreadableFile]]:
    """The files to load, in NLM's order and then by name, and the paths where there are none.

    A folder stands for the data files in it, whatever their depth.
    """
    found: dict[Path, None] = {}
    errors: list[UnreadableFile] = []
    for given in paths:
        path = Path(given)
        try:
            if path.is_dir():
                inside = list(_data_files(path))
                if not inside:
                    errors.append(UnreadableFile(given, "the folder has no data files in it"))
                found.update(dict.fromkeys(inside))
            elif path.is_file():
                found[path] = None
            elif path.exists():
                errors.append(UnreadableFile(given, "it is neither a file nor a folder"))
            else:
                errors.append(UnreadableFile(given, "there is no such file"))
        except (OSError, ValueError) as error:
            errors.append(UnreadableFile(given, _os_reason(error)))
    return sorted(found, key=_loading_order), errors


def _data_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        if LIBRARY_FILE in names:  # a library may lie among the files it was made from
            folders.clear()
            continue
        yield from (Path(place, name) for name in names if _is_data(name))


def _is_data(name: str) -> bool:
    return not name.startswith(".") and name.lower().removesuffix(".gz").endswith(SUFFIXES)


def _loading_order(path: Path) -> tuple[tuple[int, int], str, str]:
    return release_of(path.name) or (0, 0), path.name, str(path)


def identify(path: Path) -> SourceFile:
    """Read the whole file once for its checksum.

    NLM puts a file's MD5 beside it, as ``NAME.md5``. Where that is there it is checked.

    Raises:
        UnreadableFile: it cannot be opened or read.
        DamagedFile: its MD5 is not the one beside it.
    """
    try:
        expected = _md5_beside(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            if expected:
                file.seek(0)
                found = hashlib.file_digest(file, _md5).hexdigest()
                if found != expected:
                    raise DamagedFile(
                        str(path), f"its MD5 is {found}, but {path.name}.md5 says {expected}; get both again"
                    )
    except OSError as error:
        raise UnreadableFile(str(path), _os_reason(error)) from error
    return SourceFile(ledger_key(path), path.name, size, digest, release_of(path.name) or mesh_release_of(path.name))


def _md5() -> hashlib._Hash:  # pyright: ignore[reportPrivateUsage]  # the only name of its type
    return hashlib.md5(usedforsecurity=False)


def _md5_beside(path: Path) -> str | None:
    """The MD5 in ``NAME.md5``: NLM writes ``MD5(NAME)= …``, others ``… NAME``."""
    try:
        said = path.with_name(path.name + ".md5").read_text(errors="replace")
    except FileNotFoundError:
        return None
    match = _MD5.search(said)
    return match[0].lower() if match else None


def ledger_key(path: Path) -> str:
    """What makes it the same file again: NLM's number wherever it lies, any other file's place."""
    release = release_of(path.name)
    return f"nlm:{release.year}n{release.number:04}" if release else str(path.resolve())


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == GZIP_MAGIC


def unpacked(path: Path, on_read: Callable[[int], None]) -> Iterator[bytes]:
    """The file's content in blocks, gunzipped if it is gzip, whatever its name.

    ``on_read`` is told how many bytes of the file itself have been used so far.

    Raises:
        UnreadableFile: it cannot be opened or read.
        DamagedFile: the gzip stream is corrupt or breaks off.
        ForbiddenContent: it unpacks to far more than any real file does.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(2)
            file.seek(0)
            if magic == GZIP_MAGIC:
                yield from _gunzipped(path, file, on_read)
                return
            while block := file.read(BLOCK_BYTES):
                on_read(file.tell())
                yield block
    except OSError as error:
        raise UnreadableFile(str(path), _os_reason(error)) from error


def _gunzipped(path: Path, file: BinaryIO, on_read: Callable[[int], None]) -> Iterator[bytes]:
    size = 0
    try:
        with igzip.GzipFile(fileobj=file, mode="rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                size += len(block)
                used = file.tell()
                if size > RATIO_MATTERS_FROM and size > MAX_RATIO * used:
                    raise ForbiddenContent(str(path), f"it unpacks to more than {MAX_RATIO} times its size")
                on_read(used)
                yield block
    except EOFError:
        raise DamagedFile(str(path), "the gzip file is truncated; get it again") from None
    except _GZIP_ERRORS as error:
        raise DamagedFile(str(path), f"the gzip file is damaged ({error}); get it again") from error


def _os_reason(error: OSError | ValueError) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
