"""The wheel as users install it, started from folders that have modules of our names."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.packaging.project import PARTS, ROOT, sources
from tests.pubmed import article, environment, write

ANSWER_WITHIN_S = 60

LAUNCHES = {
    "medlit": ["medlit"],
    "python -P -m medlit": ["python", "-P", "-m", "medlit"],
    "python -m medlit": ["python", "-m", "medlit"],
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-P", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=100, env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of a fresh environment: the wheel, and the dependencies of the tests' own environment."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False, symlinks=True)
    bin_folder = folder / "bin"
    install = [sys.executable, "-P", "-m", "pip", "--python", str(bin_folder / "python"), "install", "--no-deps"]
    done = subprocess.run(
        [*install, "--no-index", "--disable-pip-version-check", str(wheel)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # A folder named in a .pth file comes last, and its own .pth files, such as an editable medlit's, do not count.
    (site_packages,) = folder.glob("lib/python*/site-packages")
    theirs = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (site_packages / "dependencies.pth").write_text("".join(f"{path}\n" for path in theirs))
    return bin_folder


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A user's folder with packages of our parts' names, which tell when they are imported."""
    folder = tmp_path / "project"
    for name in ("tools", "server", "ingest"):
        package = folder / name
        package.mkdir(parents=True)
        tell = f"open({str(tmp_path / 'decoy-was-imported')!r}, 'w').close()\nraise RuntimeError('decoy')\n"
        (package / "__init__.py").write_text(tell)
    return folder


def clean_environment(**more: str) -> dict[str, str]:
    """A host's environment, without what would point Python to other code."""
    return {name: value for name, value in environment(**more).items() if not name.startswith("PYTHON")}


def run(command: list[str], cwd: Path) -> str:
    """The standard output of a command that must go well."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=ANSWER_WITHIN_S,
        env=clean_environment(),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """A tool's structured answer."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content or {}


def test_the_wheel_has_the_four_parts_typed_and_licensed_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    (information,) = {name.partition("/")[0] for name in names} - set(PARTS)
    assert information.endswith(".dist-info")
    assert f"{information}/licenses/LICENSE" in names
    assert {f"{part}/py.typed" for part in PARTS} <= names
    assert "server/http/dashboard.html" in names
    python = {name for name in names if name.endswith(".py")}
    assert python == {path.relative_to(ROOT).as_posix() for part in PARTS for path in sources(part)}


def test_the_installed_code_is_the_wheels(bin_folder: Path, tmp_path: Path) -> None:
    ask = f"import json, {', '.join(PARTS)}; print(json.dumps([m.__file__ for m in ({', '.join(PARTS)})]))"
    files = json.loads(run([str(bin_folder / "python"), "-P", "-c", ask], tmp_path))
    assert all(Path(file).is_relative_to(bin_folder.parent) for file in files)


@pytest.mark.anyio
@pytest.mark.parametrize("launch", LAUNCHES)
async def test_it_works_where_the_user_has_modules_of_the_same_names(
    launch: str, bin_folder: Path, decoys: Path, tmp_path: Path
) -> None:
    program, *arguments = LAUNCHES[launch]
    command = [str(bin_folder / program), *arguments]
    library, inbox = tmp_path / "library", tmp_path / "inbox"
    inbox.mkdir()
    by_hand = write(tmp_path / "first.xml", article(11, "Lithium in the morning"))
    by_agent = write(inbox / "second.xml.gz", article(12, "Lithium in the evening"))

    loaded = await anyio.to_thread.run_sync(
        run, [*command, "ingest", "--json", "--library", str(library), str(by_hand)], decoys
    )
    assert json.loads(loaded)["records_stored"] == 1

    server = StdioServerParameters(
        command=command[0],
        args=[*command[1:], "serve"],
        env=clean_environment(MEDLIT_LIBRARY=str(library), MEDLIT_INGEST_ROOTS=str(inbox)),
        cwd=decoys,
    )
    with anyio.fail_after(ANSWER_WITHIN_S):
        async with Client(stdio_client(server)) as client:
            job = await call(client, "ingest", paths=[by_agent.name])
            while job["state"] == "running":
                await anyio.sleep(0.1)
                job = await call(client, "ingest_status", job_id=job["job_id"])
            assert job["state"] == "finished"
            found = await call(client, "search_literature", query="lithium")
            assert {hit["pmid"] for hit in found["hits"]} == {11, 12}
    assert not (tmp_path / "decoy-was-imported").exists()
