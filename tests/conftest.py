"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def anyio_backend() -> str:
    """asyncio: the database driver and the process pool need it."""
    return "asyncio"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; tests that need it are skipped where it is not."""
    if not DATA.is_dir():
        pytest.skip("the folder with real PubMed files is not here")
    return DATA
