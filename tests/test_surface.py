"""The public surface, frozen: what agents and scripts rely on changes only on purpose.

After a change that is meant, run the tests once with ``MEDLIT_RENEW_SURFACE=1`` and
commit the difference.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any, cast

import pytest

from medlit.cli import parser
from server.dispatch import Dispatch
from tools.catalog import TOOLS

FROZEN = Path(__file__).with_name("surface")

CHARACTERS_A_TOKEN = 3.5
"""Of JSON Schema text, in the tokenizers of 2026, on the safe side."""


def frozen(name: str, now: Any) -> None:
    """Compare with the committed snapshot."""
    file = FROZEN / f"{name}.json"
    text = json.dumps(now, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("MEDLIT_RENEW_SURFACE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    assert json.loads(file.read_text()) == json.loads(text), f"{name} changed; see {Path(__file__).name}"


def listing() -> list[dict[str, Any]]:
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in Dispatch(TOOLS).listing]


def test_tools_are_as_promised() -> None:
    frozen("tools", listing())


def test_the_list_of_tools_costs_an_agent_less_than_6000_tokens() -> None:
    assert len(json.dumps(listing(), ensure_ascii=False, separators=(",", ":"))) / CHARACTERS_A_TOKEN < 6_000


def commands() -> dict[str, argparse.ArgumentParser]:
    # argparse shows its grammar in no public way.
    actions = parser()._actions  # pyright: ignore[reportPrivateUsage]
    [choices] = [action.choices for action in actions if action.dest == "command"]
    return cast("dict[str, argparse.ArgumentParser]", choices)


def test_commands_and_flags_are_as_promised() -> None:
    grammar = {
        name: {
            " ".join(action.option_strings) or action.dest: {
                "choices": list(action.choices) if action.choices else None,
                "default": action.default,
                "nargs": action.nargs,
            }
            for action in command._actions  # pyright: ignore[reportPrivateUsage]
            if action.dest != "help" and action.help != argparse.SUPPRESS
        }
        for name, command in commands().items()
    }
    frozen("commands", grammar)


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_explains_itself(name: str) -> None:
    assert commands()[name].description
    for action in commands()[name]._actions:  # pyright: ignore[reportPrivateUsage]
        assert action.help or action.choices or action.metavar == "YEAR", action.dest
