"""The files beside the code: the lock, the host configuration, and what must stand in none."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement

from medlit.__main__ import COMMANDS
from tests.packaging.project import ROOT, locked, normal, own_files, project

ADDRESS_OF_AN_INDEX = re.compile(r"https?://[\w.-]*pypi|files\.pythonhosted|--(extra-)?index[-]url|--find[-]links")
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.~$}/-])/(?:work|root|home)/[\w.]|[A-Z]:\\Users\\")


@pytest.mark.parametrize("unwanted", [ADDRESS_OF_AN_INDEX, PATH_OF_A_MACHINE], ids=["index", "path"])
def test_no_file_names_a_package_index_or_a_path_of_a_machine(unwanted: re.Pattern[str]) -> None:
    found: list[str] = []
    for path in own_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        lines = enumerate(text.splitlines(), 1)
        found += [f"{path.relative_to(ROOT)}:{number}" for number, line in lines if unwanted.search(line)]
    assert not found


def test_the_lock_pins_each_distribution_once_to_one_version_in_order() -> None:
    names = [pin.name for pin in locked()]
    assert names == sorted(names, key=str.upper)
    assert len({normal(name) for name in names}) == len(names)
    assert all(re.fullmatch(r"==[\w.+!]+", str(pin.specifier)) for pin in locked())


def floors() -> list[str]:
    described = project()["project"]
    return [*described["dependencies"], *described["optional-dependencies"]["dev"]]


@pytest.mark.parametrize("wanted", floors())
def test_the_lock_has_what_the_project_asks_for(wanted: str) -> None:
    asked = Requirement(wanted)
    (pin,) = (pin for pin in locked() if normal(pin.name) == normal(asked.name))
    (version,) = (part.version for part in pin.specifier)
    assert asked.specifier.contains(version)
    assert pin.marker == asked.marker


def brought_along(name: str) -> list[str]:
    """The requirements of a distribution; none when it is not installed here."""
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []


def needed(asked: Requirement, seen: set[tuple[str, str]]) -> Iterator[str]:
    """What a requirement brings along in this environment, itself included."""
    if asked.marker and not asked.marker.evaluate({"extra": ""}):
        return
    for extra in ("", *sorted(asked.extras)):
        if (normal(asked.name), extra) in seen:
            continue
        seen.add((normal(asked.name), extra))
        yield normal(asked.name)
        for line in brought_along(asked.name):
            inner = Requirement(line)
            if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                inner.marker = None
                yield from needed(inner, seen)


def test_the_lock_has_what_those_bring_along() -> None:
    seen: set[tuple[str, str]] = set()
    all_needed = {name for line in floors() for name in needed(Requirement(line), seen)}
    assert all_needed <= {normal(pin.name) for pin in locked()}


def test_a_host_can_use_mcp_json_as_it_is() -> None:
    (name, server), *others = json.loads((ROOT / "mcp.json").read_text())["mcpServers"].items()
    assert (name, others) == ("medlit", [])
    assert server["command"] in project()["project"]["scripts"]
    assert server["args"] == ["serve"]
    assert "serve" in COMMANDS
    assert set(server) <= {"type", "command", "args", "env"}
