"""Everything that can be set from outside, read once, typed, in one table.

A setting is an environment variable; command-line flags win over it. The table
in ``docs/operations.md`` is compared with :data:`SETTINGS` by a test.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path

from medlit.errors import UsageError
from medlit.log import LEVELS
from medlit.metrics.labels import Workflows

SETTINGS: dict[str, str] = {
    "MEDLIT_LIBRARY": "Folder of the library. Default: `medlit` in the platform's data folder.",
    "MEDLIT_WORKERS": "Parser processes of an ingest. Default: the number of usable cores.",
    "MEDLIT_INGEST_ROOTS": "Folders an agent may load files from, separated like `PATH`. Default: none.",
    "MEDLIT_NLM_URL": "NLM's PubMed files, or a mirror of them. Default: `https://ftp.ncbi.nlm.nih.gov/pubmed`.",
    "MEDLIT_MESH_URL": (
        "NLM's MeSH files, or a mirror of them. Default: "
        "`https://nlmpubs.nlm.nih.gov/projects/mesh/MESH_FILES/xmlmesh`."
    ),
    "MEDLIT_OFFLINE": "`1`: medlit makes no connection at all. Default: `0`.",
    "MEDLIT_NCBI_API_KEY": "NCBI's key: ten requests a second instead of three. Default: none.",
    "MEDLIT_NCBI_EMAIL": "Address at which NCBI can reach the operator; NCBI asks for it. Default: none.",
    "MEDLIT_NCBI_TOOL": "Name under which NCBI is asked. Default: `medlit`.",
    "MEDLIT_NCBI_URL": "Base address of the E-utilities. Default: NCBI's.",
    "MEDLIT_IDCONV_URL": "Base address of PMC's ID converter. Default: PMC's.",
    "MEDLIT_EUROPEPMC_URL": "Base address of Europe PMC's REST service. Default: EMBL-EBI's.",
    "MEDLIT_THROTTLE": "Folder by which processes keep sources' rates together; one for all who share an "
    "Internet address. Default: `medlit` in the platform's cache folder.",
    "MEDLIT_PROXY": "Proxy for every request, such as `http://user:password@host:8080`. Default: `HTTPS_PROXY`, "
    "`HTTP_PROXY` and `ALL_PROXY`, and `NO_PROXY` for exceptions from them.",
    "MEDLIT_CA_BUNDLE": "PEM file of the certificates to trust, in place of all others. Default: `SSL_CERT_FILE` and "
    "`SSL_CERT_DIR`, else the system's.",
    "MEDLIT_SETTINGS": "The settings file. Default: `settings.toml` in the library's folder, where there is one.",
    "MEDLIT_LOG_LEVEL": "`debug`, `info`, `warning` or `error`. Default: `warning`.",
    "MEDLIT_TOKENS": "File of the tokens for `serve --http`. Default: `tokens.json` in the library's folder.",
    "MEDLIT_HTTP_URL": "Address under which clients reach `serve --http`, such as `https://medlit.example.org`.",
    "MEDLIT_OAUTH_ISSUER": "Issuer whose access tokens are accepted too. Needs the next one and `MEDLIT_HTTP_URL`.",
    "MEDLIT_OAUTH_KEYS": "The issuer's public keys (JWKS): a file, or an `https` address.",
}

NLM_URL = "https://ftp.ncbi.nlm.nih.gov/pubmed"
MESH_URL = "https://nlmpubs.nlm.nih.gov/projects/mesh/MESH_FILES/xmlmesh"
NCBI_URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
IDCONV_URL = "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1/articles"
EUROPEPMC_URL = "https://www.ebi.ac.uk/europepmc/webservices/rest"

_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/?")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where literature sources are, and who asks them."""

    ncbi_url: str = NCBI_URL
    idconv_url: str = IDCONV_URL
    europepmc_url: str = EUROPEPMC_URL
    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    tool: str = "medlit"
    throttle: Path = field(default_factory=lambda: user_cache_path("medlit", appauthor=False))


@dataclass(frozen=True, slots=True)
class Connection:
    """How requests leave this machine; what is not set here, the environment's usual variables say."""

    proxy: str | None = field(default=None, repr=False)
    """May hold a password."""
    ca_bundle: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    library: Path
    workers: int
    ingest_roots: tuple[Path, ...] = ()
    offline: bool = False
    workflows: tuple[str, ...] = ()
    """Types of workflow that the operator added."""
    nlm_url: str = NLM_URL
    mesh_url: str = MESH_URL
    sources: Sources = field(default_factory=lambda: Sources())
    connection: Connection = Connection()
    tokens: Path | None = None
    """Where tokens are kept, if not in the library's folder."""
    http_url: str | None = None
    """Scheme, host and port, as clients name them; ends without a slash."""
    oauth_issuer: str | None = None
    oauth_keys: str | None = None

    @property
    def token_file(self) -> Path:
        """Where tokens are kept."""
        return self.tokens or self.library / "tokens.json"


def read_settings(environ: Mapping[str, str], *, library: str | None = None) -> Settings:
    """Read the settings; ``library`` is the flag that wins over ``MEDLIT_LIBRARY``.

    Raises:
        UsageError: a value that cannot be understood.
    """
    location = library or environ.get("MEDLIT_LIBRARY") or ""
    roots = environ.get("MEDLIT_INGEST_ROOTS", "")
    folder = Path(location).expanduser().absolute() if location else user_data_path("medlit", appauthor=False)
    return Settings(
        library=folder,
        workers=_workers(environ.get("MEDLIT_WORKERS", "")),
        ingest_roots=tuple(Path(root).expanduser().resolve() for root in roots.split(os.pathsep) if root),
        offline=_switch("MEDLIT_OFFLINE", environ.get("MEDLIT_OFFLINE", "")),
        workflows=_workflows(_settings_file(environ.get("MEDLIT_SETTINGS", ""), folder)),
        nlm_url=address("MEDLIT_NLM_URL", environ.get("MEDLIT_NLM_URL") or NLM_URL),
        mesh_url=address("MEDLIT_MESH_URL", environ.get("MEDLIT_MESH_URL") or MESH_URL),
        sources=_sources(environ),
        connection=_connection(environ),
        tokens=Path(tokens).expanduser().absolute() if (tokens := environ.get("MEDLIT_TOKENS")) else None,
        http_url=_origin(environ.get("MEDLIT_HTTP_URL", "")),
        oauth_issuer=environ.get("MEDLIT_OAUTH_ISSUER") or None,
        oauth_keys=environ.get("MEDLIT_OAUTH_KEYS") or None,
    )


def read_log_level(environ: Mapping[str, str]) -> str:
    """The level to log at: what is read first, so that whatever fails later is logged as it should be.

    Raises:
        UsageError: there is no such level.
    """
    level = environ.get("MEDLIT_LOG_LEVEL", "").lower() or "warning"
    if level not in LEVELS:
        raise UsageError(f"MEDLIT_LOG_LEVEL must be one of {', '.join(LEVELS)}.")
    return level


def _settings_file(named: str, library: Path) -> dict[str, Any]:
    path = Path(named).expanduser() if named else library / "settings.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if named:
            raise UsageError(f"MEDLIT_SETTINGS names a file that is not there: {path}") from None
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"The settings file {path} cannot be read as TOML: {error}.") from error


def _workflows(file: Mapping[str, Any]) -> tuple[str, ...]:
    """The one thing a settings file can say: ``workflows = ["ward_round"]``."""
    names = file.get("workflows", [])
    if set(file) - {"workflows"} or not isinstance(names, list):
        raise UsageError("The settings file may have one key, workflows, with a list of names.")
    extra = tuple(str(name) for name in cast("list[Any]", names))
    Workflows(extra)
    return extra


def _sources(environ: Mapping[str, str]) -> Sources:
    throttle = environ.get("MEDLIT_THROTTLE", "")
    return Sources(
        ncbi_url=address("MEDLIT_NCBI_URL", environ.get("MEDLIT_NCBI_URL") or NCBI_URL),
        idconv_url=address("MEDLIT_IDCONV_URL", environ.get("MEDLIT_IDCONV_URL") or IDCONV_URL),
        europepmc_url=address("MEDLIT_EUROPEPMC_URL", environ.get("MEDLIT_EUROPEPMC_URL") or EUROPEPMC_URL),
        api_key=environ.get("MEDLIT_NCBI_API_KEY") or None,
        email=environ.get("MEDLIT_NCBI_EMAIL") or None,
        tool=environ.get("MEDLIT_NCBI_TOOL") or "medlit",
        throttle=Path(throttle).expanduser().absolute() if throttle else user_cache_path("medlit", appauthor=False),
    )


def _connection(environ: Mapping[str, str]) -> Connection:
    proxy, bundle = environ.get("MEDLIT_PROXY"), environ.get("MEDLIT_CA_BUNDLE")
    path = Path(bundle).expanduser().absolute() if bundle else None
    if path and not _holds_certificates(path):
        raise UsageError(f"MEDLIT_CA_BUNDLE must name a PEM file of certificates; {path} is none that can be read.")
    return Connection(address("MEDLIT_PROXY", proxy) if proxy else None, path)


def _holds_certificates(path: Path) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in path.read_bytes()
    except OSError:
        return False


def address(name: str, value: str) -> str:
    """A base address, without a slash at its end; ``name`` is what it was given as.

    Raises:
        UsageError: it is not the address of a folder on a web server.
    """
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    except ValueError:
        good = False
    if not good or not value.isascii() or not value.isprintable() or " " in value:
        raise UsageError(f"{name} must be an address that begins with https:// or http://, without ? and #.")
    return value.rstrip("/")


def _switch(name: str, value: str) -> bool:
    if value not in ("", "0", "1"):
        raise UsageError(f"{name} must be 0 or 1.")
    return value == "1"


def _origin(value: str) -> str | None:
    """A scheme with a host, and perhaps a port."""
    if not value:
        return None
    found = _ORIGIN.fullmatch(value)
    if not found:
        raise UsageError("MEDLIT_HTTP_URL must be like https://medlit.example.org, without a path.")
    return found[1].lower()


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
