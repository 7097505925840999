"""A server that says whatever can be said: every logger at DEBUG, and a tool that goes wrong in every way.

Run as a program, with the arguments of ``medlit``.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import warnings
from typing import Literal

import anyio

from medlit.__main__ import main
from tools import catalog
from tools.tool import Arguments, Result, Services, Tool

TASKS: list[asyncio.Task[None]] = []


class GoWrong(Arguments):
    """How, and with what words."""

    text: str
    how: Literal["raise", "log", "warn", "thread", "task", "hang"]


class Nothing(Result):
    """No result."""


async def go_wrong(_: Services, arguments: GoWrong) -> Nothing:
    """Fail in one of many ways, each with the caller's words in it."""
    text = arguments.text
    match arguments.how:
        case "raise":
            try:
                raise KeyError(text)
            except KeyError as error:
                raise ExceptionGroup(text, [ValueError(text), OSError(text)]) from error
        case "log":
            for name in ("httpx2", "mcp.server", "uvicorn.access", "asyncio", text):
                logging.getLogger(name).error("GET https://x.example/?q=%s", text, extra={"query": text})
        case "warn":
            warnings.warn(text, stacklevel=1)
        case "thread":
            thread = threading.Thread(target=lambda: {}[text], name=text)  # pyright: ignore[reportUnknownLambdaType]
            thread.start()
            thread.join()
        case "task":
            TASKS.append(asyncio.create_task(_lost(text), name=text))
            await asyncio.wait(TASKS)
            TASKS.clear()
        case "hang":
            await anyio.sleep_forever()
    return Nothing()


async def _lost(text: str) -> None:
    raise ValueError(text)


GO_WRONG = Tool("go_wrong", "Go wrong", "Goes wrong.", GoWrong, Nothing, go_wrong)


def _always(self: logging.Logger, level: int) -> bool:
    return True


if __name__ == "__main__":
    catalog.TOOLS = (*catalog.TOOLS, GO_WRONG)
    # Also for loggers that are made later, and for those that medlit sets to WARNING.
    logging.Logger.isEnabledFor = _always
    sys.exit(main())
