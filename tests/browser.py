"""The page of a server as a real browser shows it."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Page(HTMLParser):
    """The visible texts of elements, by what they are of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: dict[str, str] = {}
        self.verdicts: dict[str, str] = {}
        self.cells: list[list[str]] = []
        self.shown = True
        self._of: tuple[dict[str, str], str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.shown = "hidden" not in given
        for name, into in (("data-figure", self.figures), ("data-row", self.figures), ("data-verdict", self.verdicts)):
            if name in given:
                self._of = into, given[name]
                into[given[name]] = ""
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th") and self.cells:
            self.cells[-1].append("")
            self._of = None

    def handle_data(self, data: str) -> None:
        if self._of:
            into, name = self._of
            into[name] += data
        elif self.cells and self.cells[-1]:
            self.cells[-1][-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._of = None
        if tag == "table":
            self.cells.append([])


def opened(url: str, folder: Path) -> Page:
    """The page as a browser has it after a few seconds of its own clock; skips the test where there is no browser."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium here")
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
            *("--disable-background-networking", f"--user-data-dir={folder}", "--virtual-time-budget=3000"),
            *("--dump-dom", url),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return Page(done.stdout)


def shown(value: Any) -> str:
    """As the page writes a value."""
    if value is None:
        return "–"
    if isinstance(value, int | float):
        return f"{int(value) if value == int(value) else value:,}"
    return str(value)
