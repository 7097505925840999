"""Everything that can be set from outside, read once, typed, in one table.

A setting is an environment variable; command-line flags win over it. The table
in ``docs/operations.md`` is compared with :data:`SETTINGS` by a test.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from medlit.errors import UsageError

SETTINGS: dict[str, str] = {
    "MEDLIT_LIBRARY": "Folder of the library. Default: `medlit` in the platform's data folder.",
    "MEDLIT_WORKERS": "Parser processes of an ingest. Default: the number of usable cores.",
    "MEDLIT_INGEST_ROOTS": "Folders an agent may load files from, separated like `PATH`. Default: none.",
    "MEDLIT_OFFLINE": "`1`: medlit makes no connection at all. Default: `0`.",
    "MEDLIT_NCBI_API_KEY": "NCBI's key: ten requests a second instead of three. Default: none.",
    "MEDLIT_NCBI_EMAIL": "Address at which NCBI can reach the operator; NCBI asks for it. Default: none.",
    "MEDLIT_NCBI_URL": "Base address of the E-utilities. Default: NCBI's.",
    "MEDLIT_IDCONV_URL": "Base address of PMC's ID converter. Default: PMC's.",
    "MEDLIT_EUROPEPMC_URL": "Base address of Europe PMC's REST service. Default: EMBL-EBI's.",
    "MEDLIT_THROTTLE": "Folder by which processes keep sources' rates together; one for all who share an "
    "Internet address. Default: `medlit` in the platform's cache folder.",
}

NCBI_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
IDCONV_URL = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles"
EUROPEPMC_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where literature sources are, and who asks them."""

    ncbi_url: str = NCBI_URL
    idconv_url: str = IDCONV_URL
    europepmc_url: str = EUROPEPMC_URL
    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    throttle: Path = field(default_factory=lambda: user_cache_path("medlit", appauthor=False))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    library: Path
    workers: int
    ingest_roots: tuple[Path, ...] = ()
    offline: bool = False
    sources: Sources = field(default_factory=lambda: Sources())


def read_settings(environ: Mapping[str, str], *, library: str | None = None) -> Settings:
    """Read the settings; ``library`` is the flag that wins over ``MEDLIT_LIBRARY``.

    Raises:
        UsageError: a value that cannot be understood.
    """
    location = library or environ.get("MEDLIT_LIBRARY") or ""
    roots = environ.get("MEDLIT_INGEST_ROOTS", "")
    return Settings(
        library=Path(location).expanduser().absolute() if location else user_data_path("medlit", appauthor=False),
        workers=_workers(environ.get("MEDLIT_WORKERS", "")),
        ingest_roots=tuple(Path(root).expanduser().resolve() for root in roots.split(os.pathsep) if root),
        offline=_switch("MEDLIT_OFFLINE", environ.get("MEDLIT_OFFLINE", "")),
        sources=_sources(environ),
    )


def _sources(environ: Mapping[str, str]) -> Sources:
    throttle = environ.get("MEDLIT_THROTTLE", "")
    return Sources(
        ncbi_url=_address("MEDLIT_NCBI_URL", environ, NCBI_URL),
        idconv_url=_address("MEDLIT_IDCONV_URL", environ, IDCONV_URL),
        europepmc_url=_address("MEDLIT_EUROPEPMC_URL", environ, EUROPEPMC_URL),
        api_key=environ.get("MEDLIT_NCBI_API_KEY") or None,
        email=environ.get("MEDLIT_NCBI_EMAIL") or None,
        throttle=Path(throttle).expanduser().absolute() if throttle else user_cache_path("medlit", appauthor=False),
    )


def _address(name: str, environ: Mapping[str, str], default: str) -> str:
    value = (environ.get(name) or default).rstrip("/")
    if not value.startswith(("https://", "http://")) or "?" in value or "#" in value:
        raise UsageError(f"{name} must be an address such as {default}.")
    return value


def _switch(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise UsageError(f"{name} must be 0 or 1.")
    return value == "1"


def _workers(value: str) -> int:
    if not value:
        return usable_cores()
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 256):
        raise UsageError(f"MEDLIT_WORKERS is {value!r}; it must be a whole number from 1 to 256.")
    return int(value)


def usable_cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
