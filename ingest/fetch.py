"""One file from a file server, whole or not at all, through whatever servers and networks do.

What came is kept in ``NAME.part`` and is gone on with by a range request (RFC 9110,
14); the file gets its name only once it has the MD5 that the server states for it.
"""

from __future__ import annotations

import email.utils
import errno
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import anyio
import anyio.to_thread

from ingest.listing import read_md5
from ingest.part import Part, keep_md5, md5_of
from medlit.errors import DiskFull, DownloadFailed, NotThere, SourceUnavailable
from medlit.privacy.outbound import Download, Outbound, Request

T = TypeVar("T")

Fetched = Literal["there", "fetched", "resumed"]
"""Whether a file was on the disk already, or where its fetching began."""

_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
OK, PARTIAL, NOT_SATISFIABLE = 200, 206, 416
GONE = (404, 410)
TRANSIENT = (408, 425, 429)
"""Beside all from 500 on: answers that another try may change (RFC 9110, RFC 6585, RFC 8470)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much is borne before a download is given up."""

    tries: int = 6
    """In a row without progress."""
    progress_bytes: int = 1024 * 1024
    """What a try must bring to count as progress."""
    first_wait_s: float = 0.5
    """Doubles with every try; half of it is left to chance, so that many clients do not come back at once."""
    longest_wait_s: float = 60.0
    longest_asked_s: float = 600.0
    """The longest ``Retry-After`` that is waited for."""
    window_s: float = 30.0
    least_bytes_a_window: int = 64 * 1024
    """A connection that brings less is dropped; what it brought is kept."""


class _Transient(Exception):  # not an error yet
    """A try that failed, and that another one may mend."""

    def __init__(self, problem: str, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.wait_s = wait_s


class ServerFails(DownloadFailed):
    """Every try failed in a way that is the server's or the network's, not the file's."""


class Fetcher:
    """Fetches from one file server, one request at a time.

    ``repeated`` counts requests made again; ``on_bytes`` is told what comes.
    """

    def __init__(
        self, outbound: Outbound, base: str, patience: Patience, on_bytes: Callable[[int], None] = lambda _: None
    ) -> None:
        self._outbound = outbound
        self._base = base
        self._patience = patience
        self._on_bytes = on_bytes
        self.repeated = 0

    async def text(self, path: str) -> str:
        """A small text, such as a listing.

        Raises:
            NotThere: the server has none.
            DownloadFailed: it cannot be had.
        """

        async def once() -> str:
            try:
                answer = await self._outbound.fetch(Request(self._base, path))
            except SourceUnavailable as error:
                raise _Transient(error.problem) from None
            _check_status(answer.status, answer.headers, OK)
            return answer.body.decode("utf-8", "replace")

        return await self._patiently(once)

    async def md5(self, path: str) -> str:
        """The MD5 that the server states for a file, from ``PATH.md5`` beside it."""

        async def once() -> str:
            try:
                stated = read_md5(await self.text(path + ".md5"))
            except NotThere:
                raise NotThere(
                    "there is no .md5 file beside it to check it by. If it is a mirror, mirror those too; "
                    "else run the command again later"
                ) from None
            if stated is None:
                raise _Transient("answers with something else than a checksum")
            return stated

        return await self._patiently(once)

    async def checked(self, path: str, target: Path) -> Fetched:
        """Fetch a file that has the MD5 stated for it, unless ``target`` is that file already.

        Raises:
            NotThere: the server has it no more.
            DownloadFailed: it cannot be had, or does not have its MD5 on the second try either.
        """
        stated = await self.md5(path)
        if await anyio.to_thread.run_sync(md5_of, target) == stated:
            await anyio.to_thread.run_sync(keep_md5, target, stated)
            return "there"
        found = ""
        for last in (False, True):
            part = await anyio.to_thread.run_sync(Part, target)
            try:
                resumed = part.size > 0
                await self._fill(path, part)
                found = part.md5.hexdigest()
                if found == stated:
                    await anyio.to_thread.run_sync(keep_md5, target, stated)
                    await anyio.to_thread.run_sync(part.finish)
                    return "resumed" if resumed else "fetched"
                await anyio.to_thread.run_sync(part.discard)
            finally:
                part.close()
            if not last:
                self.repeated += 1
                stated = await self.md5(path)
        raise DownloadFailed(
            f"its MD5 is {found}, but its .md5 file says {stated}, and so it was on the second try. Nothing of it was "
            "loaded; run the command again later, or use another mirror"
        )

    async def unchecked(self, path: str, target: Path) -> Fetched:
        """Fetch a file that has no MD5 beside it, from its first byte."""
        part = await anyio.to_thread.run_sync(Part, target)
        try:
            await anyio.to_thread.run_sync(part.restart)
            await self._fill(path, part)
            await anyio.to_thread.run_sync(part.finish)
            return "fetched"
        finally:
            part.close()

    async def _fill(self, path: str, part: Part) -> None:
        """Bring the part to the file's whole length."""

        async def once() -> None:
            request = Request(self._base, path, file_from=part.size)
            try:
                async with self._outbound.download(request) as answer:
                    await self._take(answer, part)
            except SourceUnavailable as error:
                raise _Transient(error.problem) from None
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise DiskFull("The disk is full. Free some space; the next run goes on from here.") from error
                raise

        await self._patiently(once, lambda: part.size)

    async def _take(self, answer: Download, part: Part) -> None:
        if answer.status == NOT_SATISFIABLE and part.size:
            return  # there is nothing behind what we have: its MD5 will tell whether that is the file
        _check_status(answer.status, answer.headers, PARTIAL if part.size else OK, OK)
        if answer.headers.get("content-type", "").lower().startswith("text/html"):
            raise _Transient("answers with a web page instead of the file; a proxy on the way may do that")
        if part.size and answer.status == OK:
            await anyio.to_thread.run_sync(part.restart)  # the server knows no ranges and sends all of it
        if answer.status == PARTIAL:
            begins = _RANGE.match(answer.headers.get("content-range", ""))
            if not begins or int(begins[1]) != part.size:
                await anyio.to_thread.run_sync(part.restart)
                raise _Transient("answers with another part of the file than was asked for")
        since, brought = time.monotonic(), 0
        async for chunk in answer.chunks:
            await anyio.to_thread.run_sync(part.append, chunk)
            self._on_bytes(len(chunk))
            brought += len(chunk)
            if time.monotonic() - since > self._patience.window_s:
                if brought < self._patience.least_bytes_a_window:
                    raise _Transient("sends almost nothing")
                since, brought = time.monotonic(), 0

    async def _patiently(self, once: Callable[[], Awaitable[T]], size: Callable[[], int] = lambda: 0) -> T:
        """Try until it works, or too often without progress."""
        tries, before = 0, size()
        while True:
            try:
                return await once()
            except _Transient as failed:
                if size() - before >= self._patience.progress_bytes:
                    tries, before = 0, size()
                tries += 1
                if tries >= self._patience.tries:
                    raise ServerFails(
                        f"the server {failed.problem}, {tries} times in a row. Run the command again later: what came "
                        "is kept and not fetched again. Else check the network, its proxy, or the mirror"
                    ) from None
                await anyio.sleep(self._wait_s(tries, failed.wait_s))
                self.repeated += 1

    def _wait_s(self, tries: int, asked_s: float | None) -> float:
        chance = random.random()  # noqa: S311  # spreads requests, no secret
        if asked_s is None:
            longest = min(self._patience.longest_wait_s, self._patience.first_wait_s * 2 ** (tries - 1))
            return longest * (1 + chance) / 2
        if asked_s > self._patience.longest_asked_s:
            raise ServerFails(
                f"the server asks to come back in {asked_s / 60:,.0f} minutes. Run the command again then: "
                "what came is kept"
            )
        return asked_s + chance * self._patience.first_wait_s


def _check_status(status: int, headers: Mapping[str, str], *good: int) -> None:
    if status in good:
        return
    if status in GONE:
        raise NotThere("the server lists it, but does not have it")
    if status in TRANSIENT or status >= 500:  # the class of server errors
        raise _Transient(f"answers with HTTP status {status}", _asked_wait_s(headers))
    if 300 <= status < 400:  # the class of redirects
        raise DownloadFailed(
            f"the server answers with HTTP status {status} and another address, which medlit does not follow. "
            "Set that address with --mirror, MEDLIT_NLM_URL or MEDLIT_MESH_URL"
        )
    raise DownloadFailed(
        f"the server refuses it with HTTP status {status}. Check --mirror, MEDLIT_NLM_URL or MEDLIT_MESH_URL, "
        "and whether this machine may use that server"
    )


def _asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, as a number or a date (RFC 9110, 10.2.3)."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit() and len(asked) < 10:  # three decades
        return float(asked)
    try:
        date = email.utils.parsedate_to_datetime(asked)
    except (TypeError, ValueError):
        return None
    return max(0.0, (date - datetime.now(UTC)).total_seconds()) if date.tzinfo else None
