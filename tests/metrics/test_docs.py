"""The page on metrics and the table of log events say what the code does."""

from __future__ import annotations

import pytest

from medlit.log import KEYS, Event
from medlit.metrics.buckets import CALLS
from medlit.metrics.labels import Gauge, Outcome, Workflow
from tests.packaging.project import ROOT
from tools.results import CallFigures, MetricsResult, RunFigures

METRICS = (ROOT / "docs" / "metrics.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("name", [*MetricsResult.model_fields, *CallFigures.model_fields, *RunFigures.model_fields])
def test_every_figure_is_defined(name: str) -> None:
    assert f"`{name}`" in METRICS or name in ("workflow", "lane")


@pytest.mark.parametrize("label", [*Workflow, *Outcome, *Gauge])
def test_every_label_is_named(label: str) -> None:
    assert f"`{label}`" in METRICS


def test_the_number_of_buckets_is_right() -> None:
    assert f"{CALLS.size} fixed buckets" in METRICS


@pytest.mark.parametrize("name", [*Event, *KEYS])
def test_every_event_and_key_of_the_log_is_named(name: str) -> None:
    assert f"`{name}`" in OPERATIONS
