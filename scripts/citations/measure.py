"""Verdicts on citations made from a library's records, counted by what the citations were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from medlit.library.codec import unpack
from medlit.library.library import Library
from medlit.library.query import Filters, Search
from medlit.record import Article
from medlit.verification.work import Citation
from scripts.citations import noise
from tools.verify import MAX_CITATIONS, CitationArgument, verify

SEED = 20
LEAST_WORDS = 4
"""Titles of fewer words ("Reply") cannot be told apart by anything but the fields that are falsified."""


class Case(NamedTuple):
    """A citation, what was done to it, and what should be said of it."""

    what: str
    citation: Citation
    expected: frozenset[str]
    pmid: int


class Outcome(NamedTuple):
    """A case and what was said."""

    case: Case
    verdict: str
    pmid: int | None
    candidates: tuple[int, ...]

    @property
    def right(self) -> bool:
        """Whether the verdict is one expected, and of the right record where one matches.

        Some works are in PubMed twice, as in a journal's two editions. A citation that fits both records is
        rightly called ambiguous when both are named.
        """
        if "match" in self.case.expected and self.verdict == "ambiguous":
            return self.case.pmid in self.candidates
        return self.verdict in self.case.expected and (self.verdict != "match" or self.pmid == self.case.pmid)


async def sample(library: Library, size: int, seed: int = SEED) -> list[Article]:
    """Records at random, each with a title of its own, authors, a year and a journal."""
    random = Random(seed)  # noqa: S311  # a sample, no secret
    page = await library.search(Search(filters=Filters(year_from=0), limit=100_000, sort="newest"))
    records: list[Article] = []
    hits = sorted(page.hits, key=lambda hit: hit.article.pmid)  # an index may order them otherwise the next time
    for hit in random.sample(hits, len(hits)):
        article = unpack(hit.article.body, Article)
        citation = noise.citation_of(article)
        if (
            citation.author
            and citation.year
            and citation.journal
            and len((citation.title or "").split()) >= LEAST_WORDS
        ):
            records.append(article)
            if len(records) == size:
                break
    return records


def cases(records: Sequence[Article], absent: Sequence[Article], seed: int = SEED) -> list[Case]:
    """Every kind of citation of every record."""
    random = Random(seed)  # noqa: S311
    made: list[Case] = []
    match, wrong = frozenset({"match"}), frozenset({"mismatch", "not_found"})
    for at, article in enumerate(records):
        other = next(record for record in [*records[at + 1 :], *records] if _journal(record) != _journal(article))
        made.append(Case("as recorded", noise.citation_of(article), match, article.pmid))
        made.append(Case("formatted otherwise", noise.formatted(article, random), match, article.pmid))
        made.append(Case("careless", noise.careless(article, random), match, article.pmid))
        for name, mistake in noise.MISTAKES.items():
            if name == "other DOI" and "doi" not in article.ids:
                continue  # a record without a DOI cannot contradict one; the answer says that it was not checked
            made.append(Case(name, mistake(article, other, random), wrong, article.pmid))
    made += [Case("not in the library", noise.citation_of(a), frozenset({"not_found"}), a.pmid) for a in absent]
    return made


def _journal(article: Article) -> str | None:
    return article.journal.nlm_id or article.journal.name if article.journal else None


async def outcomes(library: Library, made: Sequence[Case]) -> list[Outcome]:
    """The verdicts, asked for as an agent does."""
    found: list[Outcome] = []
    for at in range(0, len(made), MAX_CITATIONS):
        page = made[at : at + MAX_CITATIONS]
        asked = [CitationArgument(**{field: getattr(case.citation, field) for field in FIELDS}) for case in page]
        said = (await verify(library, asked)).results
        found += [
            Outcome(
                case,
                checked.verdict,
                checked.record.pmid if checked.record else None,
                tuple(work.pmid for work in checked.candidates),
            )
            for case, checked in zip(page, said, strict=True)
        ]
    return found


FIELDS = Citation.__struct_fields__


def table(found: Sequence[Outcome]) -> list[str]:
    """Verdicts by kind of citation, as a Markdown table."""
    verdicts = ("match", "mismatch", "ambiguous", "not_found")
    lines = [f"| citation | {' | '.join(verdicts)} | right |", "| --- |" + " ---: |" * 5]
    for what in dict.fromkeys(outcome.case.what for outcome in found):
        of_kind = [outcome for outcome in found if outcome.case.what == what]
        counts = Counter(outcome.verdict for outcome in of_kind)
        right = sum(outcome.right for outcome in of_kind) / len(of_kind)
        lines.append(f"| {what} | {' | '.join(str(counts[verdict]) for verdict in verdicts)} | {right:.1%} |")
    return lines


class Rates(NamedTuple):
    """What the verdict ``match`` is worth."""

    precision: float
    """Of the citations said to match, the share that is right."""
    recall: float
    """Of the right citations that fit one record only, the share said to match."""
    caught: float
    """Of the false citations, the share said to be mismatched or not there."""


def rates(found: Sequence[Outcome]) -> Rates:
    """Precision and recall over all kinds."""
    real = [outcome for outcome in found if "match" in outcome.case.expected and outcome.verdict != "ambiguous"]
    matched = [outcome for outcome in found if outcome.verdict == "match"]
    false = [outcome for outcome in found if "match" not in outcome.case.expected]
    right = sum(outcome.right for outcome in matched)
    return Rates(
        right / len(matched), right / len(real), sum(outcome.verdict in WRONG for outcome in false) / len(false)
    )


WRONG = frozenset({"mismatch", "not_found"})
