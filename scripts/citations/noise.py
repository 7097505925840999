"""What becomes of a citation between a record and a manuscript: formatting, mistakes, inventions.

Everything takes its chances from the ``Random`` it is given, so that a measurement repeats.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from medlit.citation import apa, parts, vancouver
from medlit.record import Article, Author
from medlit.verification.work import Citation

TYPOGRAPHY = (("-", "–"), ("'", "’"), ("alpha", "α"), ("beta", "β"), ("+/-", "±"), (" and ", " & "), ("₂", "2"))

SPELLINGS = (
    ("tumor", "tumour"), ("hem", "haem"), ("behavior", "behaviour"), ("pediatric", "paediatric"), ("fiber", "fibre"),
    ("center", "centre"), ("ization", "isation"), ("anesth", "anaesth"), ("edema", "oedema"), ("sulf", "sulph"),
    ("esophag", "oesophag"), ("labor", "labour"), ("leukemia", "leukaemia"), ("ischemi", "ischaemi"),
)  # fmt: skip


def citation_of(article: Article) -> Citation:
    """The citation that the record itself makes: no noise."""
    title = parts.title_of(article)
    people = parts.authors_of(article)
    return Citation(
        title=title.text if title else None,
        author=vancouver.name(people[0]) if people else None,
        year=article.year,
        journal=article.journal.name if article.journal else None,
    )


def formatted(article: Article, random: Random) -> Citation:
    """Nothing wrong, only written in another way."""
    plain = citation_of(article)
    return msgspec.structs.replace(
        plain,
        title=plain.title and _retyped(plain.title, random),
        author=_written(parts.authors_of(article), random),
        journal=_journal(article, random),
        doi=_doi(article, random),
        pmid=article.pmid if random.random() < 0.2 else None,
    )


def careless(article: Article, random: Random) -> Citation:
    """Formatted anyhow, with a subtitle left out, a slip of the pen, another spelling, a field missing."""
    citation = formatted(article, random)
    title = citation.title or ""
    title = random.choice((_without_subtitle, _with_slip, _respelt))(title, random)
    left_out = random.choice(("author", "year", "journal", "doi", "pmid"))
    return msgspec.structs.replace(citation, title=title or None, **{left_out: None})


Mistake = Callable[[Article, Article, Random], Citation]


def other_authors(article: Article, other: Article, random: Random) -> Citation:
    """A real title with the authors of another article."""
    author = _written(parts.authors_of(other), random)
    return msgspec.structs.replace(citation_of(article), author=author)


def other_year(article: Article, _: Article, random: Random) -> Citation:
    """A real article, years off."""
    return msgspec.structs.replace(
        citation_of(article), year=(article.year or 2000) + random.choice((-9, -5, -3, -2, 2, 3, 5, 9))
    )


def other_journal(article: Article, other: Article, random: Random) -> Citation:
    """A real article in another journal."""
    return msgspec.structs.replace(citation_of(article), journal=_journal(other, random))


def other_pmid(article: Article, other: Article, _: Random) -> Citation:
    """A real article under the PMID of another."""
    return msgspec.structs.replace(citation_of(article), pmid=other.pmid)


def other_doi(article: Article, other: Article, _: Random) -> Citation:
    """A real article under a DOI of another, or one that nobody has."""
    return msgspec.structs.replace(citation_of(article), doi=parts.doi_of(other) or "10.9999/never.was")


def mixed_title(article: Article, other: Article, _: Random) -> Citation:
    """A title from halves of two, with everything else of the first."""
    one, two = ((citation_of(each).title or "").split() for each in (article, other))
    title = " ".join([*one[: max(2, len(one) // 2)], *two[len(two) // 2 :]])
    return msgspec.structs.replace(citation_of(article), title=title)


def changed_word(article: Article, other: Article, random: Random) -> Citation:
    """A title with one of its long words exchanged."""
    title = citation_of(article).title or ""
    new = [word for word in re.findall(r"\w{6,}", citation_of(other).title or "") if word.lower() not in title.lower()]
    old = re.findall(r"\w{6,}", title)
    if not old or not new:
        return mixed_title(article, other, random)
    return msgspec.structs.replace(citation_of(article), title=title.replace(random.choice(old), random.choice(new), 1))


def all_mixed(article: Article, other: Article, random: Random) -> Citation:
    """The title of one, authors, year and journal of another."""
    return msgspec.structs.replace(citation_of(other), title=citation_of(article).title)


MISTAKES: dict[str, Mistake] = {
    "other authors": other_authors,
    "other year": other_year,
    "other journal": other_journal,
    "other PMID": other_pmid,
    "other DOI": other_doi,
    "halves of two titles": mixed_title,
    "one word exchanged": changed_word,
    "title of one, the rest of another": all_mixed,
}


def _retyped(title: str, random: Random) -> str:
    for one, other in TYPOGRAPHY:
        if random.random() < 0.5:
            title = title.replace(one, other)
    changes: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.title, str.swapcase, _without_accents, str)
    return random.choice(changes)(title) + random.choice(("", ".", " ."))


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _written(people: Sequence[Author], random: Random) -> str | None:
    """The authors in one of the usual ways."""
    if not people:
        return None
    first = people[0]
    ways = [vancouver.name(first), first.collective or first.last or "", vancouver.names(people)]
    ways += [_without_accents(ways[0]), f"{ways[0]}, et al.", apa.names(people)]
    if first.fore and first.last:
        ways += [f"{first.fore} {first.last}", f"{first.last}, {first.fore}"]
    return random.choice(ways)


def _journal(article: Article, random: Random) -> str | None:
    journal = article.journal
    if not journal:
        return None
    name = journal.name or ""
    title = journal.title or name
    forms = (
        name, name.upper(), name.replace(" ", ". ") + ".", title, title.replace(" and ", " & "), f"The {title}",
        journal.iso_abbrev, journal.issn_print, journal.issn_electronic,
    )  # fmt: skip
    return random.choice([form for form in forms if form])


def _doi(article: Article, random: Random) -> str | None:
    doi = parts.doi_of(article)
    if not doi or random.random() < 0.5:
        return None
    return random.choice((doi, doi.upper(), doi.lower()))


def _without_subtitle(title: str, _: Random) -> str:
    main = re.split(r"[:?.]\s", title)[0]
    return main if len(main.split()) > 3 else title


def _with_slip(title: str, random: Random) -> str:
    long = list(re.finditer(r"[A-Za-z]{7,}", title))
    if not long:
        return title
    match = random.choice(long)
    at = random.randrange(match.start() + 1, match.end() - 1)
    exchanged = title[:at] + title[at + 1] + title[at] + title[at + 2 :]
    return random.choice((title[:at] + title[at + 1 :], exchanged, title[:at] + title[at] + title[at:]))


def _respelt(title: str, _: Random) -> str:
    for american, british in SPELLINGS:
        title = title.replace(american, british)
    return title
