"""The closed labels of every figure. Nothing a caller sends can become one.

Labels are stored by their position: append to a list, never insert, and widen the
``CHECK`` of its column in a new migration.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum, unique

from medlit.errors import UsageError


@unique
class Workflow(StrEnum):
    """What the work is for: clinical types first, then administrative ones."""

    LITERATURE_SEARCH = "literature_search"
    EVIDENCE_REVIEW = "evidence_review"
    CITATION_CHECK = "citation_check"
    DIAGNOSIS_SUPPORT = "diagnosis_support"
    TREATMENT_PLANNING = "treatment_planning"
    DRUG_SAFETY = "drug_safety"
    GUIDELINE_LOOKUP = "guideline_lookup"
    EMERGENCY_CONSULT = "emergency_consult"
    RESEARCH = "research"
    TEACHING = "teaching"
    INGEST = "ingest"
    ADMINISTRATION = "administration"
    OTHER = "other"


ADMINISTRATIVE = frozenset({Workflow.INGEST, Workflow.ADMINISTRATION})
"""What counts as itself even while a clinical workflow runs."""


@unique
class Lane(StrEnum):
    """How urgent a call was."""

    ROUTINE = "routine"
    EMERGENCY = "emergency"


@unique
class Outcome(StrEnum):
    """What became of a call."""

    OK = "ok"
    REFUSED = "refused"
    """The call was wrong, or asked for what is not allowed."""
    FAILED = "failed"
    """It was our fault."""
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    """The caller gave up."""
    SHED = "shed"
    """Turned away for lack of room."""


@unique
class Source(StrEnum):
    """Where an answer came from."""

    NONE = "none"
    LOCAL = "local"
    LIVE = "live"
    BOTH = "both"


@unique
class RunOutcome(StrEnum):
    """What became of a tracked workflow."""

    ANSWERED = "answered"
    PARTLY = "partly"
    UNANSWERED = "unanswered"
    ABANDONED = "abandoned"


@unique
class Count(StrEnum):
    """What is only counted. After these come the refusals, one for every category of the privacy gate."""

    OUTBOUND = "outbound"
    """Requests that left this machine."""
    SCREENED = "screened"
    """Of those, the ones that had passed the gate."""
    SHOWN = "shown"
    """Records shown in results."""
    STATUS_KNOWN = "status_known"
    """Of those, the ones whose retraction status is known: yes or no."""
    INGEST_RECORDS = "ingest_records"
    INGEST_MS = "ingest_ms"


@unique
class Gauge(StrEnum):
    """What is read as it stands now; whoever owns the thing sets it."""

    CALLS_RUNNING = "calls_running"
    QUEUED_ROUTINE = "queued_routine"
    """Requests for a slot that wait, wherever that is."""
    QUEUED_EMERGENCY = "queued_emergency"
    PARSERS = "parsers"
    CALL_SLOTS = "call_slots"
    """Slots that are held, of calls and of what they need."""
    SEARCH_SLOTS = "search_slots"
    READER_SLOTS = "reader_slots"
    OUTBOUND_SLOTS = "outbound_slots"


MOST_EXTRA_WORKFLOWS = 20

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


class Workflows:
    """The types of workflow of one process: those above, then the operator's."""

    def __init__(self, extra: Sequence[str] = ()) -> None:
        """Take the operator's names.

        Raises:
            UsageError: a name is not of the form asked for, stands twice, or there are too many.
        """
        self.names: tuple[str, ...] = (*Workflow, *extra)
        self._codes = {name: code for code, name in enumerate(self.names)}
        if (
            len(extra) > MOST_EXTRA_WORKFLOWS
            or len(self._codes) < len(self.names)
            or not all(_NAME.fullmatch(name) for name in extra)
        ):
            raise UsageError(
                f"The workflows of the settings file must be at most {MOST_EXTRA_WORKFLOWS} new names, each of 2 to 32 "
                "small letters, digits and underscores, beginning with a letter."
            )

    def code(self, name: str) -> int:
        """The position of a name.

        Raises:
            UsageError: there is no such type; the message lists those there are.
        """
        code = self._codes.get(name)
        if code is None:
            raise UsageError(f"There is no such workflow. There are: {', '.join(self.names)}.")
        return code
