"""medlit, which on a signal tells how many tasks it has; its arguments are medlit's.

How many file descriptors, threads and bytes there are is seen from outside. Tasks are
seen from inside only.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from medlit.__main__ import main

TELLS = "MEDLIT_OBSERVED"
"""Names the file into which it is told."""


def tell(_: int, __: FrameType | None) -> None:
    """Write the number of tasks, all or nothing."""
    try:
        tasks = len(asyncio.all_tasks())
    except RuntimeError:  # the signal came before the loop, or after it
        return
    place = Path(os.environ[TELLS])
    new = place.with_suffix(".new")
    new.write_text(str(tasks))
    new.replace(place)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    sys.exit(main())
