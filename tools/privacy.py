"""``check_phi``: whether a text would be kept from going out."""

from __future__ import annotations

from pydantic import Field

from medlit.metrics.labels import Source, Workflow
from medlit.privacy.categories import Category
from medlit.privacy.gate import screen_text
from tools.tool import Arguments, Result, Services, Tool


class PhiArguments(Arguments):
    """What to screen."""

    text: str = Field(description="checked in memory, kept nowhere")


class PhiCheck(Result):
    """Whether the gate is shut, and why."""

    blocked: bool
    categories: list[str] = Field(description="kinds of identifier; never the text")


def categories_in_order(found: frozenset[Category]) -> list[str]:
    """The values of the categories, in the order of their list."""
    return [category.value for category in Category if category in found]


async def check_phi(_: Services, arguments: PhiArguments) -> PhiCheck:
    """Screen a text as the gate screens a query."""
    verdict = screen_text(arguments.text)
    return PhiCheck(blocked=verdict.blocked, categories=categories_in_order(verdict.categories))


CHECK_PHI = Tool(
    name="check_phi",
    title="Check for patient identifiers",
    description=(
        "Tell whether the privacy gate would refuse to send a text to an outside source, and for which kinds of "
        "identifier. Best effort: not blocked does not prove that a text is anonymous. Nothing leaves this machine."
    ),
    arguments=PhiArguments,
    result=PhiCheck,
    call=check_phi,
    workflow=Workflow.ADMINISTRATION,
    source=Source.NONE,
)
