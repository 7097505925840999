"""Run a command and measure the whole tree of its processes."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
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
    peak_own: int
    """Of the PSS, what is not a mapped file: memory that the system cannot take back. The peaks' moments differ."""


class Memory(NamedTuple):
    """Bytes of a tree of processes at one moment; 0 where the system does not tell."""

    pss: int = 0
    rss: int = 0
    own: int = 0


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
            peak = _watch(child)
        except BaseException:
            child.kill()
            child.wait()
            raise
        wall = time.perf_counter() - started
        output.seek(0)
        errors.seek(0)
        if child.returncode:
            raise CommandFailed(errors.read().decode(errors="replace").strip()[-1000:])
        return Measured(output.read(), wall, _children_cpu() - before, *peak)


def _watch(child: subprocess.Popen[bytes]) -> Memory:
    peak = Memory()
    root = psutil.Process(child.pid)
    while True:
        peak = Memory(*map(max, peak, _memory(root)))
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(SAMPLE_EVERY_S)
            return peak


def _memory(root: psutil.Process) -> Memory:
    seen: list[Memory] = []
    with contextlib.suppress(psutil.Error):
        for process in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                seen.append(_linux_memory(process.pid) or _any_memory(process))
    return Memory(*map(sum, zip(*seen, strict=True))) if seen else Memory()


def _linux_memory(pid: int) -> Memory | None:
    """All three from one walk over the process's pages, which the process has to wait for."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return Memory(*(1024 * kilobytes.get(name, 0) for name in ("Pss:", "Rss:", "Pss_Anon:")))


def _any_memory(process: psutil.Process) -> Memory:
    memory = process.memory_full_info()
    return Memory(int(getattr(memory, "pss", 0)), int(memory.rss))


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
