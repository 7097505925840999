"""The project as files: what tests about packaging look at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

PARTS = ("medlit", "ingest", "tools", "server")
"""In the direction of imports: each may use those before it."""

NOT_OURS = {".git", ".venv", "__pycache__", "dist", "build", "node_modules"}


def project() -> dict[str, Any]:
    """``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def sources(part: str) -> list[Path]:
    """The Python files of a part."""
    return sorted((ROOT / part).rglob("*.py"))


def own_files() -> Iterator[Path]:
    """Every file of the repository, without what tools leave behind."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        left_behind = any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in parts)
        if path.is_file() and not left_behind and parts[0] != ".hypothesis":
            yield path


def locked() -> list[Requirement]:
    """The lines of ``requirements.lock``."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def normal(name: str) -> str:
    """The name of a distribution as all its spellings compare equal."""
    return re.sub(r"[-_.]+", "-", name).lower()
