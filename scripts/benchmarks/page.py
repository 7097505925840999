"""The page of figures: sections between HTML comments, each replaced by the command that measures it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from scripts.benchmarks import machine

HEAD = """\
# Benchmarks

Figures of real runs, beside what a user would pick instead, on the same machine in the same run. Every figure is a
median of alternating repetitions. Each section is written by the command it names and by nothing else; a target that
was missed is shown as missed.
"""


def write_section(page: Path, name: str, body: str, command: str) -> None:
    """Put a section on the page in place of its earlier one, or at the end; the other sections stay."""
    text = page.read_text(encoding="utf-8") if page.exists() else HEAD
    opening, closing = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    measured = f"Measured on {datetime.now(UTC):%Y-%m-%d} by `{command}`, on {machine.summary()}."
    section = f"{opening}\n{body.strip()}\n\n{measured}\n{closing}"
    old = re.compile(f"{re.escape(opening)}.*?{re.escape(closing)}", re.DOTALL)
    text = old.sub(lambda _: section, text) if old.search(text) else f"{text.rstrip()}\n\n{section}\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8")
