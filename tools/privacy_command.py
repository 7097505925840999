"""``medlit phi-check``: lines of standard input through the privacy gate."""

from __future__ import annotations

import argparse
import sys

from medlit import cli
from medlit.privacy.categories import ADVICE, Category
from medlit.privacy.gate import Verdict, screen_text


def run(arguments: argparse.Namespace) -> int:
    """Screen every line; say of each whether the gate is shut and why, and nothing of the line."""
    as_json = cli.wants_json(arguments)
    for number, line in enumerate(_lines(), 1):
        verdict = screen_text(line)
        if as_json:
            cli.emit({"blocked": verdict.blocked, "categories": [each.value for each in _in_order(verdict)]})
        else:
            _show(number, verdict)
    return cli.OK


def _lines() -> list[str]:
    # Bytes that are no UTF-8 must not end the command with a traceback that shows them.
    return sys.stdin.buffer.read().decode("utf-8", errors="replace").splitlines()


def _in_order(verdict: Verdict) -> list[Category]:
    return [category for category in Category if category in verdict.categories]


def _show(number: int, verdict: Verdict) -> None:
    reasons = "; ".join(ADVICE[category] for category in _in_order(verdict))
    answer = f"[bold red]refused[/bold red]  {reasons}" if verdict.blocked else "[green]may go out[/green]"
    cli.console().print(f"[dim]line {number:>4}[/dim]  {answer}")
