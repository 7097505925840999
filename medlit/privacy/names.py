"""Personal names: a given name beside a surname, a title or a patient before a name.

A list of names alone refuses half of the literature: eponyms, authors' names, places,
and words such as "Wood", "Rich" or "May" are all on it. So a name counts by what stands
around it, and what the literature itself writes as a pair ("Charles Bonnet", "Hong
Kong") or with a head word ("Graham Steell murmur") does not count.
"""

from __future__ import annotations

import functools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from medlit.privacy.literature import AUTHOR_MASK
from medlit.privacy.name_exceptions import HEADS, NOT_GIVEN, PLACES, PUBLIC_FIGURES, TERM
from medlit.privacy.patterns import Pattern

TABLES = Path(__file__).with_name("tables") / "words.zz"


@dataclass(frozen=True, slots=True)
class Tables:
    """The word lists of ``tables/words.zz``, all in lower case."""

    given: frozenset[str]
    surnames: frozenset[str]
    words: frozenset[str]
    """Written in lower case in the literature: ordinary words, some of which are names too."""
    terms: frozenset[str]
    """Other words of MeSH, many of them eponyms, places and substances."""
    pairs: frozenset[str]
    """Capitalised pairs of the literature that would pass for a given name and a surname."""


@functools.cache
def tables() -> Tables:
    """The tables, read at the first question: what never asks never loads them."""
    parts = zlib.decompress(TABLES.read_bytes()).decode("ascii").split("\n\n")
    return Tables(*(frozenset(part.split("\n")) for part in parts))


_TOKEN = Pattern(r"[^\W\d_]+(?:['-][^\W\d_]+){0,3}")
_BETWEEN = Pattern(r"(?:[ \t]{1,3}|[._+]| ?, ?| [A-Z]\.? |\.[ ]?)(?:[A-Z]\.? ){0,2}")
_TITLE = (
    r"(?:Baby (?:Boy|Girl)|Mr|Mrs|Ms|Miss|Mx|Mister|Herrn?|Frau|Fräulein|Monsieur|Madame|Mme|Mlle|Señora?|Sra?|Srta"
    r"|Signora?|Sig|Don|Doña|Shri|Smt)"
)
_TITLED = Pattern(rf"(?<![\w-])(?:{_TITLE}|{_TITLE.upper()}|{_TITLE.lower()})\b\.?,? {{0,2}}")
_PERSON = (
    r"(?:patients?|pts?|client|resident|inpatient|outpatient|proband|decedent|donor|recipient|paciente|patientin"
    r"|paziente|patiente|пациент\w{0,3}|患者|病人|mother|father|mom|dad|son|daughter|wife|husband|spouse|sister|brother"
    r"|uncle|aunt|cousin|niece|nephew|grandmother|grandfather|grandma|grandpa|neighbou?r|friend|colleague|child|baby"
    r"|girl|boy|lady|gentleman|woman|man|male|female|guy|widow|teenager|nurse|caregiver|guardian)"
)
_PATIENT = Pattern(
    rf"(?<![\w-]){_PERSON}(?:'s)?(?P<sure> ?[:=#;] ?| ?\(|,? (?:named|called|name is|is called"
    rf"|by the name of) | - )?[ ,]{{0,2}}",
    re.IGNORECASE,
)
_LABELLED = Pattern(
    r"(?<![\w-])(?:(?:(?:pt|patient|full|first|last|middle|maiden|given|family|birth|sur|legal"
    r"|preferred|mother'?s maiden|member|subscriber"
    r"|client|guarantor|emergency contact|next of kin|contact|parent|guardian)[ _-]?'?s?[ _-]?)?names?"
    r"|surname|initials|alias|a\.?k\.?a\.?|née|nee|nok|apellidos?"
    r"|nombre|nachname|vorname|nom|prénom|cognome|nome|姓名|фио)(?P<sure> ?[:=#] ?| is | ?- )[\"']?",
    re.IGNORECASE,
)
_CALLED = Pattern(
    r"(?<![\w-])(?:named|called|known as|née|next of kin|referred by|regarding|concerning|on behalf of"
    r"|re:|attn:?)[ ]{1,2}",
    re.IGNORECASE,
)
_INITIALS = Pattern(
    rf"(?<![\w-])(?:{_PERSON}|initials)[ :=,(]{{1,3}}[A-Z]\.[ ]?[A-Z]\.(?:[ ]?[A-Z]\.)?(?![\w])", re.IGNORECASE
)
_AUTHOR_OF_CARE = Pattern(
    rf"(?<![\w-])(?:{_PERSON}|{_TITLE})\.? ?[:=]?(?: (?:named|called))? {{0,4}}{AUTHOR_MASK.strip()}", re.IGNORECASE
)
_OTHER_SCRIPTS = Pattern(
    r"(?:患者|病人|姓名)[ :：,是叫为]{0,3}[\u4e00-\u9fff]{2,4}|пациент\w{0,3}[ :]{1,2}[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+",
    re.IGNORECASE,
)
_AFTER_A_NAME = frozenset(
    """with has had is was who whose presents presented presenting needs takes took took's started on complains
    complained reports reported asks asked wants suffers suffering diagnosed admitted seen born dob mrn aged age
    """.split()
)
_FORBIDDEN_PARTS = frozenset("and or not the of for in with by to from on at as vs versus a an".split())
_PARTICLES = frozenset(
    "van von der den de la le del di da du dos das el al bin ibn ben abu ter ten zu st mac mc o".split()
)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word with where it stands and how it is written."""

    text: str
    start: int
    end: int
    lower: str
    title: bool
    upper: bool

    @property
    def capital(self) -> bool:
        return self.title or self.upper


def has_name(text: str) -> bool:
    """Whether the text, normalised and masked, names a person."""
    if _INITIALS.search(text) or _AUTHOR_OF_CARE.search(text) or _OTHER_SCRIPTS.search(text):
        return True
    tokens = [_token(found) for found in _TOKEN.finditer(text)]
    if not tokens:
        return False
    reader = _Reader(text, tokens)
    return reader.after_a_title() or reader.after_a_label() or reader.after_a_patient() or reader.side_by_side()


def _token(found: re.Match[str]) -> _Token:
    word = found[0].removesuffix("'s").removesuffix("'S")
    return _Token(
        text=word,
        start=found.start(),
        end=found.end(),
        lower=_folded(word.lower()),
        title=word[0].isupper() and len(word) > 1 and not word.isupper(),
        upper=len(word) > 1 and word.isupper(),
    )


def _folded(word: str) -> str:
    """Without accents, as the census writes names."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


class _Reader:
    """One text, its tokens, and what the tables say of them."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._starts = {token.start: number for number, token in enumerate(tokens)}
        self._tables = tables()

    # What a word is, alone.

    def _parts(self, word: str) -> list[str]:
        return [part for part in re.split(r"['-]", word) if len(part) > 1] or [word]

    def _is_given(self, token: _Token) -> bool:
        if token.lower in NOT_GIVEN:
            return False
        return all(part in self._tables.given for part in self._parts(token.lower))

    def _is_surname(self, token: _Token) -> bool:
        if token.lower.replace("'", "") in self._tables.surnames:
            return True
        return all(part in self._tables.surnames for part in self._parts(token.lower))

    def _is_word(self, token: _Token) -> bool:
        return all(part in self._tables.words for part in self._parts(token.lower))

    def _is_known(self, token: _Token) -> bool:
        """In the literature: as a word, or as a term of MeSH."""
        known = self._tables
        return any(part in known.words or part in known.terms for part in self._parts(token.lower))

    def _is_foreign(self, token: _Token) -> bool:
        """A word the literature does not have, which most names from outside the census are."""
        return len(token.lower) >= 3 and not self._is_known(token) and not _looks_like_a_term(token.lower)

    def _may_be_name(self, token: _Token) -> bool:
        return self._is_given(token) or self._is_surname(token) or self._is_foreign(token)

    # Tokens side by side.

    def _at(self, position: int) -> int | None:
        """The number of the name's own token that starts at a position, or after particles: van der Berg."""
        number = self._starts.get(position)
        while number is not None and self._tokens[number].lower in _PARTICLES and number + 1 < len(self._tokens):
            number += 1
        return number

    def _between(self, left: _Token, right: _Token) -> str | None:
        """What stands between two tokens if they can be parts of one name, else nothing."""
        gap = self._text[left.end : right.start]
        if gap == " ":
            return gap
        return gap if len(gap) <= 8 and _BETWEEN.fullmatch(gap) else None

    def _pairs(self) -> Iterator[tuple[int, int, _Token, _Token, str]]:
        """Both numbers and tokens of every two that may be one name, and what stands between."""
        tokens = self._tokens
        for number in range(len(tokens) - 1):
            left, right = tokens[number], tokens[number + 1]
            gap = self._between(left, right)
            if gap is None:
                continue
            yield number, number + 1, left, right, gap
            # Over a particle or a middle initial: "Anna de Vries", "Anna M Vries".
            step = number + 2
            while step < min(number + 4, len(tokens)) and (
                tokens[step - 1].lower in _PARTICLES or len(tokens[step - 1].text) == 1
            ):
                if self._text[tokens[step - 1].end : tokens[step].start].strip(" .'"):
                    break
                yield number, step, left, tokens[step], " "
                step += 1

    def _is_of_literature(self, number: int, left: _Token, right: _Token) -> bool:
        """An eponym, a place, a public figure: a pair that does not name a patient."""
        pair = f"{left.lower} {right.lower}"
        if pair in self._tables.pairs or pair in PUBLIC_FIGURES:
            return True
        after = f"{right.lower} {self._tokens[number + 2].lower}" if number + 2 < len(self._tokens) else ""
        before = f"{self._tokens[number - 1].lower} {left.lower}" if number else ""
        return after in PUBLIC_FIGURES or before in PUBLIC_FIGURES or before in self._tables.pairs

    def _has_head(self, last: int) -> bool:
        """A head word follows the pair."""
        return last + 1 < len(self._tokens) and self._tokens[last + 1].lower in HEADS

    # The four ways a name shows.

    def after_a_title(self) -> bool:
        """Mrs Warren, Herr Müller, MR SMITH."""
        for found in _TITLED.finditer(self._text):
            number = self._at(found.end())
            if number is None:
                continue
            token, title = self._tokens[number], found[0].strip(" .,")
            if len(token.text) < 2 or token.lower in _FORBIDDEN_PARTS or token.lower in PLACES:
                continue
            name = self._may_be_name(token)
            if title.istitle() and token.capital and (name or not self._is_known(token)):
                return True
            if name and not self._is_word(token) and title.lower() not in ("don", "sig", "sr", "miss"):
                return True
        return False

    def after_a_label(self) -> bool:
        """Name: Roe, surname=Roe, named Roe."""
        for found in _LABELLED.finditer(self._text):
            number = self._at(found.end())
            if number is not None and self._names_someone(number, sure=True):
                return True
        for found in _CALLED.finditer(self._text):
            number = self._at(found.end())
            if number is not None and self._names_someone(number, sure=False):
                return True
        return False

    def after_a_patient(self) -> bool:
        """Patient Jane Roe, pt: ROE, JANE, my patient jane roe."""
        for found in _PATIENT.finditer(self._text):
            number = self._at(found.end())
            if number is not None and self._names_someone(number, sure=found["sure"] is not None):
                return True
        return False

    def _names_someone(self, number: int, *, sure: bool) -> bool:
        token = self._tokens[number]
        following = self._tokens[number + 1] if number + 1 < len(self._tokens) else None
        gap = self._between(token, following) if following else None
        if token.lower in _FORBIDDEN_PARTS or (len(token.text) < 2 and not sure):
            return False
        if following and gap is not None and self._is_pair_of_a_patient(number, token, following):
            return True
        if sure:
            named = self._may_be_name(token) and not self._is_word(token)
            return named and (token.capital or self._is_given(token)) and not (following and following.lower in HEADS)
        alone = following is None or following.lower in _AFTER_A_NAME or gap is None
        name = self._is_given(token) or (token.title and self._is_foreign(token))
        return alone and name and not self._is_word(token) and token.lower not in self._tables.terms

    def _is_pair_of_a_patient(self, number: int, left: _Token, right: _Token) -> bool:
        if self._is_of_literature(number, left, right) or right.lower in HEADS:
            return False
        if self._has_head(number + 1) and not self._is_given(left):
            return False
        if not (self._may_be_name(left) and self._may_be_name(right)):
            return False
        if left.capital and right.capital:
            return not (self._is_word(left) and self._is_word(right) and not self._is_given(left))
        if self._is_word(left):
            return False
        return self._is_given(left) or (
            (self._is_foreign(left) or self._is_surname(left)) and not self._is_known(right)
        )

    def side_by_side(self) -> bool:
        """A given name and a surname, in either order, without anything to announce them."""
        titles = self._is_in_title_case()
        return any(
            self._is_pair(left, right, gap, titles=titles, first=number == 0)
            and not self._is_of_literature(number, left, right)
            and not self._has_head(last)
            and right.lower not in HEADS
            for number, last, left, right, gap in self._pairs()
        )

    def _is_pair(self, left: _Token, right: _Token, gap: str, *, titles: bool, first: bool) -> bool:
        if len(left.text) < 2 or len(right.text) < 2:
            return False
        if "," in gap:
            return self._is_inverted(left, right)
        if left.title and right.title:
            return self._is_titled_pair(left, right, titles=titles, first=first)
        if self._is_word(left) or self._is_word(right):
            return False
        if left.upper and right.upper:
            long_enough = min(len(left.text), len(right.text)) >= 4
            return long_enough and self._is_given(left) and self._is_surname(right) and not self._is_known(right)
        if (left.title and right.upper) or (left.upper and right.title):  # John SMITH, SMITH John
            return (
                len(left.text) > 3
                and len(right.text) > 3
                and (
                    (self._is_given(left) and self._is_surname(right))
                    or (self._is_surname(left) and self._is_given(right))
                )
            )
        if left.capital or right.capital:
            return False
        names = self._is_given(left) and self._is_surname(right)
        return names and not self._is_known(right) and not self._is_known(left)

    def _is_titled_pair(self, left: _Token, right: _Token, *, titles: bool, first: bool) -> bool:
        given, surname = self._is_given(left), self._is_surname(right)
        if given and surname:
            return not (self._is_word(left) and (titles or self._is_word(right)))
        if titles:
            return given and self._is_foreign(right) and not self._is_known(left)
        if given and self._is_foreign(right):
            return not self._is_word(left)
        if self._is_foreign(left) and (surname or self._is_foreign(right)):
            return not self._is_known(right) or (surname and first)
        # Surname first. Many surnames are given names too, and many pairs of surnames are eponyms.
        return self._is_surname(left) and self._is_given(right) and not (self._is_known(left) or self._is_known(right))

    def _is_inverted(self, left: _Token, right: _Token) -> bool:
        """Roe, Jane: lists of topics have commas too, so both must be names and no words."""
        if not (left.capital and right.capital and self._is_given(right)):
            return False
        if self._is_word(right) or right.lower in PLACES:
            return False
        return (self._is_surname(left) or self._is_foreign(left)) and not self._is_known(left)

    def _is_in_title_case(self) -> bool:
        """Whether capitals say nothing here: a title with capitals, not a query with a name in it."""
        long = [token for token in self._tokens if len(token.text) >= 4]
        capitals = sum(token.title for token in long)
        return len(long) >= 4 and capitals >= 0.6 * len(long)


def _looks_like_a_term(word: str) -> bool:
    """A word nobody has listed that ends as drugs, diseases, organisms and English words do."""
    return len(word) >= 6 and TERM.search(word) is not None
