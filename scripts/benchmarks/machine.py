"""The machine a run was made on, without anything that names it or its user."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from medlit.settings import usable_cores
from scripts.benchmarks.tables import table

PACKAGES = ("medlit", "lxml", "isal", "msgspec", "tantivy", "aiosqlite", "pydantic", "mcp", "zstandard")


def summary() -> str:
    """The machine in one line."""
    return f"{cpu()}, {usable_cores()} cores, {_memory()}, {system()}, Python {platform.python_version()}"


def section() -> str:
    """The machine and the versions that matter, as a section."""
    rows = [
        ("CPU", cpu()),
        ("cores", f"{usable_cores()}"),
        ("memory", _memory()),
        ("system", system()),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("SQLite", sqlite3.sqlite_version),
        *((name, found) for name in PACKAGES if (found := _version(name))),
    ]
    return "## Machine\n\n" + table(("what", "which"), rows)


def cpu() -> str:
    """The CPU's model."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def system() -> str:
    """The operating system."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"
    return f"{name}, kernel {'.'.join(platform.release().split('.')[:2])}"


def _memory() -> str:
    return f"{psutil.virtual_memory().total / 2**30:.0f} GiB"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
