"""Imports go one way, and a process loads no more than it needs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.project import PARTS, ROOT, sources
from tests.pubmed import environment


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the part of every import of ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node.lineno, name) for name in top_levels(node) if name in PARTS)


def top_levels(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The top-level modules that a statement imports from."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [] if node.level else [(node.module or "").partition(".")[0]]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_the_parts_before_it(part: str) -> None:
    against = [
        f"{path.relative_to(ROOT)}:{line} imports {target}"
        for path in sources(part)
        for line, target in imported(ast.parse(path.read_text()))
        if PARTS.index(target) > PARTS.index(part)
    ]
    assert not against


@pytest.mark.parametrize("part", PARTS)
def test_the_product_imports_neither_tests_nor_scripts(part: str) -> None:
    against = [
        path
        for path in sources(part)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and {"tests", "scripts"} & set(top_levels(node))
    ]
    assert not against


def test_the_launcher_imports_only_the_standard_library_before_it_runs_a_command() -> None:
    launcher = ast.parse((ROOT / "medlit" / "__main__.py").read_text())
    names = {
        name for node in launcher.body if isinstance(node, ast.Import | ast.ImportFrom) for name in top_levels(node)
    }
    assert names <= sys.stdlib_module_names


def modules_after(statement: str, folder: Path) -> set[str]:
    """The top-level modules that a fresh Python has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{statement}; import sys, json; print(json.dumps(list(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=environment(),
        cwd=folder,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_the_launcher_starts_without_the_mcp_sdk(tmp_path: Path) -> None:
    assert not modules_after("import medlit.__main__", tmp_path) & {"mcp", "mcp_types", "pydantic", "rich", "tantivy"}


def test_a_parser_process_loads_neither_the_sdk_nor_the_store_nor_the_screen(tmp_path: Path) -> None:
    unwanted = {"mcp", "mcp_types", "pydantic", "tantivy", "aiosqlite", "sqlite3", "rich", "anyio", "server", "tools"}
    assert not modules_after("import ingest.worker", tmp_path) & unwanted


def test_the_commands_that_ask_the_library_start_without_the_mcp_sdk(tmp_path: Path) -> None:
    assert not modules_after("import tools.command, ingest.command", tmp_path) & {"mcp", "mcp_types", "server"}
