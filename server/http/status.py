"""What the page shows, as JSON: the figures of ``get_metrics``, and how library and ingest stand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from medlit.metrics.keeper import Window
from medlit.metrics.labels import Lane
from medlit.metrics.report import TARGET_S, report, total
from server.http.exposition import SLOTS
from tools.ingest import shown_job
from tools.metrics import summary
from tools.tool import Services

COUNT_EVERY_S = 15.0
"""Counting the records of a large library takes a while; they change with every file."""


class Status:
    """Gathers what the page shows."""

    def __init__(self, services: Services, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._library: tuple[float, dict[str, Any]] | None = None

    async def now(self, window: Window) -> dict[str, Any]:
        """Everything, of a window."""
        services = self._services
        gauges = services.metrics.gauges()
        figures = report(await services.keeper.totals(window))
        job = services.jobs.latest()
        return {
            "metrics": summary(window, figures, gauges).model_dump(mode="json"),
            "targets_ms": {lane.value: TARGET_S[lane] * 1_000 for lane in Lane},
            "sheds": {lane.value: total(row.sheds for row in figures.calls if row.lane is lane) for lane in Lane},
            "slots": {name: {"held": gauges.get(gauge, 0), "of": of} for name, (gauge, of) in SLOTS.items()},
            "library": await self._counted(),
            "ingest": shown_job(job).model_dump(mode="json") if job else None,
        }

    async def _counted(self) -> dict[str, Any]:
        if self._library is None or self._clock() - self._library[0] >= COUNT_EVERY_S:
            status, behind = await self._services.library.status()
            self._library = self._clock(), {**msgspec.to_builtins(status), "index_behind": behind}
        return self._library[1]
