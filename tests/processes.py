"""Real process trees: start one, wait for something it does, look who is left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator

import psutil
import pytest

PATIENCE_S = 30.0


def until(condition: Callable[[], bool], what: str, within: float = PATIENCE_S) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {within} s")
        time.sleep(0.02)  # looking at other processes: there is nothing to wait on


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those still running; a zombie has ended."""
    running: list[psutil.Process] = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                running.append(process)
    return running


@contextlib.contextmanager
def all_gone_after(pid: int) -> Generator[list[psutil.Process]]:
    """Whatever runs below ``pid`` now must be gone soon after the block."""
    processes = tree(pid)
    try:
        yield processes
        until(lambda: not alive(processes), "the end of every process", within=10.0)
    finally:
        for process in alive(processes):
            process.kill()
