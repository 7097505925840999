"""What a tool is: a name, typed arguments, a typed result, and a function between them."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from ingest.jobs import IngestJobs
from medlit.library.library import Library
from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import Keeper
from medlit.metrics.labels import Source, Workflow
from medlit.metrics.tracking import Tracker
from medlit.slots import Slots

if TYPE_CHECKING:
    # The commands of the command line read this file too, and none of them waits for an HTTP client.
    from medlit.privacy.outbound import Outbound
    from tools.live.live import Live

Priority = Literal["routine", "emergency"]

SourceChoice = Literal["local", "live", "both"]
"""The library, PubMed, or the library and what PubMed adds."""

DEADLINE_S: dict[Priority, float] = {"routine": 2.0, "emergency": 0.5}

LIVE_DEADLINE_S = 10.0
"""For a routine call that goes outside: requests wait their turn, and sources take seconds."""


LONGEST_TEXT = 10_000
"""Characters of any text that a caller sends."""


class Arguments(BaseModel):
    """Base of every tool's arguments: nothing unknown is accepted, no value is repeated in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, str_max_length=LONGEST_TEXT)

    priority: Priority = Field("routine", description="emergency: patient at risk")

    @property
    def deadline_s(self) -> float:
        """How long the call may take."""
        return DEADLINE_S[self.priority]

    @property
    def waits_outside(self) -> bool:
        """Whether the call spends its time waiting for other machines: then it holds no place among those that work."""
        return False


class LiveArguments(Arguments):
    """Base of the arguments of tools that can ask PubMed as well."""

    source: SourceChoice = Field("local", description="both: PubMed too; live: PubMed alone")

    @property
    def deadline_s(self) -> float:
        """How long the call may take; longer where a routine one asks PubMed."""
        return super().deadline_s if self.source == "local" or self.priority == "emergency" else LIVE_DEADLINE_S

    @property
    def waits_outside(self) -> bool:
        """Whether the call waits for other machines."""
        return self.source != "local"


class Result(BaseModel):
    """Base of every result: what is absent is left out, except the fields named in ``always``."""

    @model_serializer(mode="wrap")
    def _leave_out_absent(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        always = _always(type(self))
        return {
            name: value for name, value in dump(self).items() if (value is not None and value != []) or name in always
        }

    def retraction_statuses(self) -> Iterator[bool | None]:
        """``retracted`` of every record the result shows, however deep in it; ``None`` is unknown."""
        fields = vars(self)
        if "retracted" in fields:
            yield fields["retracted"]
            return
        for value in fields.values():
            for part in cast("list[object]", value) if isinstance(value, list) else (value,):
                if isinstance(part, Result):
                    yield from part.retraction_statuses()


@functools.cache
def _always(result: type[Result]) -> frozenset[str]:
    """The fields that a result shows even when they are absent: those without a default."""
    return frozenset(name for name, field in result.model_fields.items() if field.is_required())


@unique
class Scope(StrEnum):
    """What a caller may be allowed. On standard input and output everything is."""

    READ = "read"
    INGEST = "ingest"
    EMERGENCY = "emergency"
    """To ask with priority emergency, beside what is asked."""
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Services:
    """What tools work with; made and closed by the composition root."""

    library: Library
    jobs: IngestJobs
    outbound: Outbound
    live: Live
    metrics: Metrics
    keeper: Keeper
    tracker: Tracker
    calls: Slots
    """Each call holds one, unless it waits outside."""
    pressed: Callable[[], bool]
    """Whether this call is an emergency while the machine is under stress, and should be answered in short."""


A = TypeVar("A", bound=Arguments)
R = TypeVar("R", bound=Result)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A, R]):
    """A tool as the server registers it. The four hints are MCP's annotations."""

    name: str
    title: str
    description: str
    arguments: type[A]
    result: type[R]
    call: Callable[[Services, A], Awaitable[R]]
    read_only: bool = True
    destructive: bool = False
    idempotent: bool = True
    open_world: bool = False
    workflow: Workflow = Workflow.OTHER
    """What calls count for when no workflow is being tracked."""
    source: Source = Source.LOCAL
    """Where its answers come from, unless a result says so itself, in ``source``."""
    scope: Scope = Scope.READ
    """What a caller must be allowed."""


AnyTool = Tool[Any, Any]
