"""The proxy and the unit of docs/operations.md, as they stand there."""

from __future__ import annotations

import configparser
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest

from medlit.cli import parse
from tests.packaging.project import ROOT
from tests.processes import until
from tests.pubmed import medlit_json
from tests.serving import ACCEPT, serving

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def block(language: str, holding: str = "") -> str:
    """The one example in this language that holds this."""
    examples: list[str] = re.findall(rf"```{language}\n(.*?)```", OPERATIONS, re.DOTALL)
    [found] = [example for example in examples if holding in example]
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_the_nginx_example_serves_tools_over_tls(tmp_path: Path) -> None:
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("no nginx or no openssl here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=medlit.example.org", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    library, port = tmp_path / "lib", free_port()
    token = medlit_json("token", "new", "ward", "--library", library)["token"]
    with serving(library, env={"MEDLIT_HTTP_URL": "https://medlit.example.org"}) as running:
        site = (
            block("nginx")
            .replace("127.0.0.1:8321", running.url.removeprefix("http://"))
            .replace("listen 443", f"listen 127.0.0.1:{port}")
            .replace("/etc/nginx/medlit.pem", str(certificate))
            .replace("/etc/nginx/medlit.key", str(key))
        )
        places = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"daemon off;\npid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{places}{site}}}\n"
        )
        with subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"], stderr=subprocess.PIPE) as proxy:
            try:
                until(lambda: (tmp_path / "pid").exists() or proxy.poll() is not None, "the start of nginx")
                trusted = ssl.create_default_context(cafile=str(certificate))
                with httpx2.Client(verify=trusted, base_url=f"https://localhost:{port}") as client:
                    named = {"Host": "medlit.example.org", "Authorization": f"Bearer {token}"}
                    ask: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
                    listed = client.post("/mcp", json=ask, headers=ACCEPT | named)
                    assert len(listed.json()["result"]["tools"]) == 13
                    assert client.get("/", headers=named).status_code == 200
                    assert client.get("/metrics", headers=named).status_code == 403
                    assert client.get("/metrics", headers={"Host": "medlit.example.org"}).status_code == 401
                    foreign = named | {"Origin": "https://evil.example"}
                    assert client.get("/status", headers=foreign).status_code == 403
            finally:
                proxy.terminate()


def test_the_unit_starts_what_there_is() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # systemd's names have capitals
    unit.read_string(block("ini", "medlit serve"))
    program, *arguments = unit["Service"]["ExecStart"].split()
    assert program.endswith("/medlit")
    assert parse(arguments).processes == 4
    assert unit["Service"]["KillMode"] == "mixed"
