"""The environment in which packages are installed that medlit is compared with, kept between runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PUBMED_PARSER = "pubmed_parser==0.5.1"
INSTALL_WITHIN_S = 300


def python_with_pubmed_parser(cache: Path, *, may_install: bool) -> Path | str:
    """The interpreter of that environment, or the reason why there is none."""
    folder = cache / PUBMED_PARSER.replace("==", "-")
    python = folder / "bin" / "python"
    installed = folder / "installed"
    if installed.exists():
        return python
    if not may_install:
        return "not measured: a quick run installs nothing"
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", PUBMED_PARSER],
            check=True, capture_output=True, timeout=INSTALL_WITHIN_S,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return f"not measured: {PUBMED_PARSER} could not be installed"
    installed.touch()
    return python
