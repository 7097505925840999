"""Run a command and measure the whole tree of its processes."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil

SAMPLE_EVERY_S = 0.05


class Measured(NamedTuple):
    """A command's output and cost."""

    output: bytes
    wall_s: float
    cpu_s: float
    """User and system time of the process and of all descendants that were waited for."""
    peak_pss: int
    """Bytes, shared pages divided among those that share them, summed over the tree; 0 where unknown."""
    peak_rss: int


class CommandFailed(Exception):
    """A measured command ended with an error."""


def run(command: Sequence[str]) -> Measured:
    """Run to the end, sampling the tree's memory.

    Raises:
        CommandFailed: it did not exit with 0.
    """
    before = _children_cpu()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        try:
            peak_pss, peak_rss = _watch(child)
        except BaseException:
            child.kill()
            child.wait()
            raise
        wall = time.perf_counter() - started
        output.seek(0)
        errors.seek(0)
        if child.returncode:
            raise CommandFailed(errors.read().decode(errors="replace").strip()[-1000:])
        return Measured(output.read(), wall, _children_cpu() - before, peak_pss, peak_rss)


def _watch(child: subprocess.Popen[bytes]) -> tuple[int, int]:
    peak_pss = peak_rss = 0
    root = psutil.Process(child.pid)
    while True:
        pss, rss = _memory(root)
        peak_pss, peak_rss = max(peak_pss, pss), max(peak_rss, rss)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(SAMPLE_EVERY_S)
            return peak_pss, peak_rss


def _memory(root: psutil.Process) -> tuple[int, int]:
    pss = rss = 0
    with contextlib.suppress(psutil.Error):
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                memory = process.memory_full_info()
                pss += int(getattr(memory, "pss", 0))
                rss += int(memory.rss)
    return pss, rss


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
