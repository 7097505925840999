"""What an ingest tells while it runs, and its report at the end. Counts and file names, never content."""

from __future__ import annotations

import msgspec


class FileError(msgspec.Struct, kw_only=True):
    """A file that was not loaded, and why."""

    file: str
    reason: str


class Downloads(msgspec.Struct, kw_only=True):
    """What a sync fetched."""

    listed: int = 0
    """Files that the server lists."""
    wanted: int = 0
    """Those of them that the library did not have, or that were issued anew."""
    files: int = 0
    """Files fetched whole, with the MD5 that NLM states."""
    files_resumed: int = 0
    """Those of them that went on where an earlier try had broken off."""
    bytes: int = 0
    requests_repeated: int = 0
    vanished: int = 0
    """Files that the server took down before they were fetched."""
    left: int = 0
    """Wanted files that are still to be fetched."""


class Report(msgspec.Struct, kw_only=True):
    """What an ingest did; also, while it runs, what it has done so far."""

    files: int = 0
    """Files loaded."""
    files_failed: int = 0
    files_skipped: int = 0
    """Files whose bytes were in the library already."""
    records_read: int = 0
    records_stored: int = 0
    records_superseded: int = 0
    records_deleted: int = 0
    records_set_aside: int = 0
    seconds: float = 0.0
    articles_per_second: float = 0.0
    errors: list[FileError] = []
    downloads: Downloads | msgspec.UnsetType = msgspec.UNSET
    """Of a sync only."""


class Progress(msgspec.Struct, kw_only=True):
    """How far an ingest is."""

    files_total: int
    files_done: int = 0
    bytes_total: int
    bytes_done: int = 0
    """Of the files as they lie on disk."""
    records: int = 0
    """Parsed so far, including those of a file that is not finished."""
    set_aside: int = 0
    file: str | None = None
    """The file being loaded."""
    seconds: float = 0.0
    indexing: bool = False
    """Whether only the search index is left to do."""
    bytes_fetched: int = 0
    """That came over the network, in a sync."""
    fetching: str | None = None
    """The file being fetched."""

    @property
    def records_per_second(self) -> float:
        """The mean rate so far."""
        return self.records / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the bytes read so far; ``None`` before there are any."""
        if not self.bytes_done or self.bytes_done > self.bytes_total:
            return None
        return self.seconds * (self.bytes_total - self.bytes_done) / self.bytes_done
