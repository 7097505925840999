"""PubMed's query language: from text to a tree, and back.

::

    query    = operand { [AND | OR | NOT] operand }       left to right; no operator between two is AND
    operand  = NOT operand | "(" query ")" | term [ ":" term ]
    term     = words [tag] | "phrase" [tag]               a last word may end in *
    tag      = "[" field [ ":~" number ] "]"

Operators are upper case. A text that uses none of the notation is plain words and has
no tree. Messages name the place, never the text: a query may tell of a patient.

Reference: NLM, "PubMed User Guide".
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from medlit.errors import UsageError
from medlit.library.pubmed_dates import Recent, check_date, recent
from medlit.library.pubmed_fields import ALL_FIELDS, BY_NAME, BY_TAG, FILTER, FILTER_NAMES, FILTERS, SHORT_TAGS, Field

MAX_CHARACTERS = 10_000
MAX_TERMS = 500
"""Terms of a query: the longest published search strategies have some 300."""
MAX_DEPTH = 50
"""Levels of parentheses, and of operators that alternate: the index and this module go down them by recursion."""
MAX_PHRASE = 50
"""Words of one term."""
MAX_NEAR = 1_000
"""Words between two words of a proximity search."""
MAX_ARRANGEMENTS = 100
"""Arrangements of three words or more: 3 words take up to 4 between them, 4 words 1."""
SHORTEST_TRUNCATED = 4

Operator = Literal["AND", "OR", "NOT"]
OPERATORS: dict[str, Operator] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}


class Term(msgspec.Struct, frozen=True):
    """Words or a phrase in a field; without a field, wherever automatic term mapping finds them."""

    text: str
    field: str | None = None
    """The name of a :class:`~medlit.library.pubmed_fields.Field`."""
    quoted: bool = False
    truncated: bool = False
    near: int | None = None
    """So many words at most may stand between those of the phrase, which may come in any order."""


class Span(msgspec.Struct, frozen=True):
    """From one date (or PMID) to another, both included."""

    low: str
    high: str
    field: str


class Group(msgspec.Struct, frozen=True):
    """What an operator joins: the first without the others for NOT; NOT with one part is all but this."""

    operator: Operator
    parts: tuple[Node, ...]


Node = Term | Span | Recent | Group


class QuerySyntaxError(UsageError):
    """A query that cannot be read; ``position`` counts characters from 1."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"The query cannot be read at character {position}: {problem}")
        self.position = position


class _Token(NamedTuple):
    kind: Literal["word", "phrase", "tag", "(", ")", "end"]
    text: str
    start: int

    @property
    def truncated(self) -> bool:
        """Whether a word or phrase ends in a star."""
        return self.text.endswith("*")


_TOKENS = re.compile(
    r"""
    (?P<space>\s+)
    | "(?P<phrase>[^"]*)"
    | (?P<open>\() | (?P<close>\))
    | \[\s*(?P<tag>[A-Za-z0-9][A-Za-z0-9 /:~\-]*?)\s*\](?![A-Za-z0-9])
    | (?P<word>(?!(?:AND|OR|NOT)\()[^\s()"\[\]]+(?:\([^\s()"\[\]]*\)[^\s()"\[\]]*)* | AND | OR | NOT)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NEAR = re.compile(r"(.+?):\s*~\s*(\d{1,9})")
_MAY_BE_NOTATION = re.compile(r"""["“”„″*\[]|AND|OR|NOT|(?i:hasabstract)""")
"""Nearly every plain question has none of these, and need not be taken apart."""
_WORD = re.compile(r"[^\W_]+")


def parse(text: str) -> Node | None:
    """The tree of a query; ``None`` when it is plain words.

    Raises:
        QuerySyntaxError: it uses PubMed's notation, but not as PubMed does.
    """
    if not _MAY_BE_NOTATION.search(text):
        return None
    text = text.translate(_QUOTES)
    tokens = list(_tokens(text))
    if not _is_notation(tokens):
        return None
    if len(text) > MAX_CHARACTERS:
        raise QuerySyntaxError(MAX_CHARACTERS + 1, f"it is longer than {MAX_CHARACTERS:,} characters.")
    return _Parser(tokens).parse()


def render(node: Node) -> str:
    """A tree as PubMed writes it; :func:`parse` reads it back."""
    match node:
        case Term():
            star = "*" if node.truncated else ""
            words = f'"{node.text}{star}"' if node.quoted else node.text + star
            near = "" if node.near is None else f":~{node.near}"
            return f"{words}[{node.field}{near}]" if node.field else words
        case Span(low, high, field) if low == high:
            return f'"{low}"[{field}]'
        case Span(low, high, field):
            return f'"{low}"[{field}] : "{high}"[{field}]'
        case Recent():
            return f'"last {node.count} {node.unit}"[{node.field}]'
        case Group(operator, parts):
            rendered = [f"({render(part)})" if isinstance(part, Group) else render(part) for part in parts]
            return f"NOT {rendered[0]}" if len(parts) == 1 else f" {operator} ".join(rendered)


_QUOTES = str.maketrans("“”„″", '""""')


def _tokens(text: str) -> Iterator[_Token]:
    last: str | None = None
    for match in _TOKENS.finditer(text):
        kind, start = match.lastgroup, match.start() + 1
        if kind == "word":
            word = match["word"]
            if _WORD.search(word) or word == ":":
                yield _Token("word", word, start)
        elif kind == "phrase":
            if match["phrase"].strip():
                yield _Token("phrase", match["phrase"].strip(), start)
        elif kind == "tag":
            # In a plain text, brackets may stand for something else: only after a term do they make a tag.
            if last in {"word", "phrase", "close"} or (last == "space" and _may_be_tag(match["tag"])):
                yield _Token("tag", match["tag"], start)
        elif kind == "open":
            yield _Token("(", "", start)
        elif kind == "close":
            yield _Token(")", "", start)
        elif kind == "other" and match["other"] == '"':
            raise QuerySyntaxError(start, "the quotation mark is not closed.")
        last = kind
    yield _Token("end", "", len(text) + 1)


def _may_be_tag(text: str) -> bool:
    return " " not in text or _field_and_distance(text)[0] is not None


def _is_notation(tokens: list[_Token]) -> bool:
    return any(
        token.kind in {"phrase", "tag"}
        or (
            token.kind == "word" and (token.text in OPERATORS or token.truncated or token.text.lower() == "hasabstract")
        )
        for token in tokens
    )


def _field_and_distance(tag: str) -> tuple[Field | None, int | None]:
    near = _NEAR.fullmatch(tag)
    name = " ".join((near[1] if near else tag).lower().split())
    name = re.sub(r"\s*([:/])\s*", r"\1", name)
    return BY_TAG.get(name), int(near[2]) if near else None


_ENDS = frozenset({")", "end"})
_TOO_DEEP = f"parentheses and alternating operators are nested deeper than {MAX_DEPTH} levels."


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._terms = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def parse(self) -> Node:
        node, _ = self._chain(0)
        if self._token.kind == ")":
            raise QuerySyntaxError(self._token.start, 'there is no "(" for this ")".')
        return node

    def _chain(self, depth: int) -> tuple[Node, int]:
        """Operands and operators up to a closing parenthesis or the end, from left to right; and their height."""
        node, height = self._operand(depth)
        joined: Operator | None = None
        while self._token.kind not in _ENDS:
            start = self._token.start
            operator = OPERATORS.get(self._token.text) if self._token.kind == "word" else None
            if operator:
                self._take()
            operator = operator or "AND"
            operand, operand_height = self._operand(depth)
            if operator == joined and isinstance(node, Group):
                node = Group(operator, (*node.parts, operand))
                height = max(height, operand_height + 1)
            else:
                node, joined = Group(operator, (node, operand)), operator
                height = max(height, operand_height) + 1
            if height > MAX_DEPTH:
                raise QuerySyntaxError(start, _TOO_DEEP)
        return node, height

    def _operand(self, depth: int) -> tuple[Node, int]:
        token = self._token
        if depth > MAX_DEPTH:
            raise QuerySyntaxError(token.start, _TOO_DEEP)
        if token.kind == "(":
            return self._parenthesis(depth)
        if token.kind == "word" and token.text == "NOT":
            self._take()
            node, height = self._operand(depth + 1)
            return Group("NOT", (node,)), height + 1
        if token.kind == "word" and token.text in OPERATORS:
            raise QuerySyntaxError(token.start, f"a term is expected before {token.text}.")
        if token.kind not in {"word", "phrase"} or token.text == ":":
            raise QuerySyntaxError(token.start, "a term is expected here.")
        return self._term(), 0

    def _parenthesis(self, depth: int) -> tuple[Node, int]:
        opening = self._take()
        node, height = self._chain(depth + 1)
        if self._token.kind != ")":
            raise QuerySyntaxError(opening.start, 'there is no ")" for this "(".')
        self._take()
        after = self._token
        if after.kind == "tag":
            raise QuerySyntaxError(
                after.start, "a field tag stands behind a parenthesis. Tag the terms inside, one by one."
            )
        return node, height

    def _term(self) -> Node:
        term, field, start = self._tagged()
        if term.near is not None:
            _check_near(term, field, start)
        self._terms += _cost(term, field)
        if self._terms > MAX_TERMS:
            raise QuerySyntaxError(start, f"it has more than {MAX_TERMS} terms; those with * or ~ count several times.")
        if field is None and term.text.lower() == "hasabstract":
            return Term("hasabstract", FILTER)
        if field is None or field.kind not in {"date", "pmid"} or self._token.text != ":":
            return _checked(term, field, start)
        self._take()
        if self._token.kind not in {"word", "phrase"}:
            raise QuerySyntaxError(self._token.start, "the end of the range is expected here.")
        end, end_field, end_start = self._tagged()
        if end_field != field:
            raise QuerySyntaxError(end_start, f"the range ends in another field than [{field.tags[0]}].")
        return _span(term.text, end.text, field, start, end_start)

    def _tagged(self) -> tuple[Term, Field | None, int]:
        """Words up to the next operator, parenthesis or quotation mark, or a phrase; with the tag behind them."""
        token = self._token
        words = [self._take()] if token.kind == "phrase" else self._words()
        if self._token.kind != "tag":
            return self._untagged(words), None, token.start
        tag = self._take()
        field, near = _field_and_distance(tag.text)
        if field is None:
            raise QuerySyntaxError(tag.start, f"this field tag is not known. Known are {SHORT_TAGS}.")
        text = " ".join(word.text for word in words)
        truncated = text.endswith("*")
        _check_truncation(words, whole=field.kind in {"value", "mesh", "name"})
        return (
            Term(text.rstrip("*").rstrip(), field.name, token.kind == "phrase", truncated, near), field, token.start
        )  # fmt: skip

    def _words(self) -> list[_Token]:
        words: list[_Token] = []
        while self._token.kind == "word" and self._token.text not in OPERATORS:
            words.append(self._take())
        return words

    def _untagged(self, words: list[_Token]) -> Term:
        """The words up to the first truncated one, or that one alone; the others are left for the next term."""
        if words[0].truncated:
            taken = 1
            _check_truncation(words[:1], whole=False)
        else:
            taken = sum(1 for _ in itertools.takewhile(lambda word: not word.truncated, words))
        self._next -= len(words) - taken
        text = " ".join(word.text for word in words[:taken])
        return Term(text.rstrip("*").rstrip(), None, words[0].kind == "phrase", words[0].truncated)


def arrangements(words: int, near: int) -> int:
    """In how many ways so many words may stand with at most ``near`` others between them all."""
    return math.factorial(words) * math.comb(near + words - 1, words - 1)


def _cost(term: Term, field: Field | None) -> int:
    """In terms: what keeps a query from taking seconds."""
    field = field or BY_NAME[ALL_FIELDS]
    if term.near is not None:
        words = len(_WORD.findall(term.text))
        return 20 if words == 2 else 2 * arrangements(words, term.near)
    return len(field.indexes) if term.truncated else 1


def _check_truncation(words: list[_Token], *, whole: bool) -> None:
    """Only the last word may go on, and must be long enough; of a value or a name, the whole must be."""
    parts = [part for word in words for part in word.text.split()]
    if not parts[-1].endswith("*"):
        return
    if any(part.endswith("*") for part in parts[:-1]):
        raise QuerySyntaxError(words[0].start, "only the last word of a phrase may end in *.")
    if sum(map(str.isalnum, "".join(parts[0 if whole else -1 :]))) < SHORTEST_TRUNCATED:
        raise QuerySyntaxError(
            words[-1].start, f"a word with * needs at least {SHORTEST_TRUNCATED} letters or digits before it."
        )


def _checked(term: Term, field: Field | None, start: int) -> Node:
    """A term that makes sense in its field."""
    if not _WORD.search(term.text):
        raise QuerySyntaxError(start, "a term is expected here.")
    if len(_WORD.findall(term.text)) > MAX_PHRASE and (term.quoted or field):
        raise QuerySyntaxError(start, f"the term has more than {MAX_PHRASE} words.")
    if field and field.kind in {"date", "pmid"}:
        if term.truncated:
            raise QuerySyntaxError(start, f"[{field.tags[0]}] takes no *. Give a range: 2019:2021[dp].")
        if field.kind == "date" and (found := recent(term.text, field.name)):
            return found
        low, colon, high = term.text.partition(":")
        return _span(low, high if colon else low, field, start, start)
    if field and field.kind == "filter":
        return Term(_known_filter(term.text, start), field.name)
    return term


def _check_near(term: Term, field: Field | None, start: int) -> None:
    if field is None or field.name not in {"Title", "Title/Abstract", "Affiliation"}:
        raise QuerySyntaxError(start, "proximity is for [ti:~N], [tiab:~N] and [ad:~N].")
    if not term.quoted or term.truncated:
        raise QuerySyntaxError(start, 'proximity needs a phrase in quotation marks, without *: "a b"[tiab:~3].')
    words = [word.lower() for word in _WORD.findall(term.text)]
    near = term.near or 0
    if len(words) < 2 or len(set(words)) < len(words):
        raise QuerySyntaxError(start, "proximity needs two or more different words.")
    if near > MAX_NEAR or (len(words) > 2 and arrangements(min(len(words), 9), near) > MAX_ARRANGEMENTS):
        raise QuerySyntaxError(
            start,
            f"the distance is too great: 2 words take up to {MAX_NEAR:,} between them, 3 words 4, 4 words 1.",
        )


def _span(low: str, high: str, field: Field, start: int, end_start: int) -> Span:
    if field.kind == "pmid":
        for text, position in ((low, start), (high, end_start)):
            if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
                raise QuerySyntaxError(position, "a PMID is a number of up to 9 digits.")
        return Span(low.strip(), high.strip(), field.name)
    dates: list[str] = []
    for text, position in ((low, start), (high, end_start)):
        if not (date := check_date(text)):
            raise QuerySyntaxError(position, f"[{field.tags[0]}] takes YYYY, YYYY/MM or YYYY/MM/DD, or a range a:b.")
        dates.append(date)
    return Span(dates[0], dates[1], field.name)


def _known_filter(text: str, start: int) -> str:
    name = "".join(filter(str.isalnum, text.lower()))
    name = FILTER_NAMES.get(name, name)
    if name not in FILTERS and not re.fullmatch(r"jsubset[a-z]{1,4}|has[a-z]{2,30}(in|on|of|for|from)", name):
        raise QuerySyntaxError(start, f"this filter is not known here. Known are {', '.join(sorted(FILTERS))}.")
    return name
