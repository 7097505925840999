"""PubMed's query language as text: what is read, what is refused, and that it reads what it writes."""

from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.errors import UsageError
from medlit.library.pubmed_dates import Recent, earliest, latest, since
from medlit.library.pubmed_fields import BY_TAG, FIELDS
from medlit.library.pubmed_query import Group, Node, QuerySyntaxError, Span, Term, parse, render


def test_operators_are_taken_from_left_to_right() -> None:
    a, b, c, d = (Term(name) for name in "abcd")
    assert parse("a AND b OR c") == Group("OR", (Group("AND", (a, b)), c))
    assert parse("a OR b AND c") == Group("AND", (Group("OR", (a, b)), c))
    assert parse("a OR (b AND c)") == Group("OR", (a, Group("AND", (b, c))))
    assert parse("a AND b AND c NOT d") == Group("NOT", (Group("AND", (a, b, c)), d))
    assert parse("NOT a") == Group("NOT", (a,))
    assert parse("a OR NOT b") == Group("OR", (a, Group("NOT", (b,))))


def test_terms_without_an_operator_between_them_are_all_wanted() -> None:
    assert parse('heart "chest pain" attac*') == Group(
        "AND", (Term("heart"), Term("chest pain", quoted=True), Term("attac", truncated=True))
    )


@pytest.mark.parametrize(
    "text",
    [
        "heart attack",
        "does aspirin help and harm or not",
        "what (if anything) helps",
        "β-blockers/ACE-inhibitors in Crohn's disease: p<0.05, >5 %",
        "HLA-B*27:05 and IL-2(+) cells",
        "uptake of [3H]thymidine and intracellular [Ca2+]",
        "A letter [author's transl]",
        "((( a",
        "",
    ],
)
def test_plain_words_are_no_notation(text: str) -> None:
    assert parse(text) is None


def test_a_tag_belongs_to_all_the_words_before_it() -> None:
    assert parse("heart attack[ti]") == Term("heart attack", "Title")
    assert parse("heart attack [ Title ]") == Term("heart attack", "Title")
    assert parse('"heart attac*"[tiab]') == Term("heart attac", "Title/Abstract", quoted=True, truncated=True)
    assert parse("diabetes mellitus, type 2[mh:noexp]") == Term("diabetes mellitus, type 2", "MeSH Terms:noexp")
    assert parse("“chest pain”[Title/Abstract:~3]") == Term("chest pain", "Title/Abstract", quoted=True, near=3)
    assert parse("hasabstract") == parse("hasabstract[text]") == Term("hasabstract", "Filter")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_is_known_by_its_name_and_by_all_its_tags(field: object) -> None:
    names = [tag for tag, known in BY_TAG.items() if known is field]
    text = {"date": "2019", "pmid": "2019", "filter": "medline"}.get(BY_TAG[names[0]].kind, "word")
    read = {render(tree) for name in names if (tree := parse(f"{text}[{name.upper()}]"))}
    assert len(read) == 1


def test_ranges_are_written_in_both_of_pubmeds_ways() -> None:
    assert parse("2019:2021[dp]") == parse('"2019"[dp] : "2021"[Date - Publication]')
    assert parse("2019/2/3[edat]") == Span("2019/02/03", "2019/02/03", "Date - Entry")
    assert parse("5:17[uid]") == Span("5", "17", "PMID")
    assert parse('"last 6 months"[dp]') == Recent(6, "months", "Date - Publication")


def test_a_date_covers_all_that_its_missing_parts_may_be() -> None:
    assert (earliest("2019"), latest("2019")) == (20190000, 20199999)
    assert (earliest("2019/03"), latest("2019/03")) == (20190300, 20190399)
    assert (earliest("2019/03/04"), latest("2019/03/04")) == (20190304, 20190304)
    # What is known by its year alone counts as of its first day.
    assert earliest("2019/01/01") == 20190000
    assert latest("3000") > 9999_12_31


def test_what_is_recent_is_counted_from_today() -> None:
    today = datetime.date(2024, 3, 31)
    assert since(Recent(5, "years", ""), today) == "2019/03/31"
    assert since(Recent(4, "months", ""), today) == "2023/11/31"
    assert since(Recent(31, "days", ""), today) == "2024/02/29"
    assert since(Recent(9999, "years", ""), today) == "0001/01/31"


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("AND asthma", 1, "a term is expected before AND"),
        ("asthma AND", 11, "a term is expected here"),
        ("asthma OR AND child", 11, "a term is expected before AND"),
        ("(asthma OR child", 1, 'no "\\)"'),
        ("asthma OR child)", 16, 'no "\\("'),
        ('asthma OR "child', 11, "not closed"),
        ("asthma[xyz]", 7, "not known"),
        ("(asthma OR child)[ti]", 18, "behind a parenthesis"),
        ("ast*", 1, "at least 4"),
        ("asthma AND ast*[ti]", 12, "at least 4"),
        ("asthma[dp]", 1, "YYYY/MM/DD"),
        ("2019/13[dp]", 1, "YYYY/MM/DD"),
        ("2019[dp] : 2020[edat]", 12, "another field"),
        ("asthma[pmid]", 1, "up to 9 digits"),
        ("asthma[sb]", 1, "filter is not known"),
        ("asthma[tiab:~3]", 1, "quotation marks"),
        ('"asthma child"[mh:~3]', 1, "proximity is for"),
        ('"a b c d e"[tiab:~3]', 1, "distance is too great"),
        ('"a-b c"[tiab:~5]', 1, "3 words 4"),
        ('"asthma"[tiab:~3]', 1, "two or more different words"),
        ('"asthma Asthma"[tiab:~3]', 1, "different words"),
        ("asth* child*[ti]", 1, "only the last word"),
        ("(" * 60 + "a AND b" + ")" * 60, 52, "deeper than 50"),
        ("a AND b OR " * 60 + "a", 278, "deeper than 50"),
        ("asthma AND " * 600 + "a", 5501, "more than 500 terms"),
        ('"' + "asthma " * 60 + '"', 1, "more than 50 words"),
        ("asthma AND " + "x" * 10_000, 10_001, "longer than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_without_its_words(
    text: str, position: int, said: str
) -> None:
    with pytest.raises(QuerySyntaxError, match=said) as refusal:
        parse(text)
    assert refusal.value.position == position
    assert f"character {position}:" in str(refusal.value)
    assert "asthma" not in str(refusal.value)
    assert "child" not in str(refusal.value)


WORDS = st.from_regex(r"[a-zà-ž0-9][a-zα-ω0-9'-]{3,8}", fullmatch=True)
NUMBERS = st.integers(0, 999)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    text = " ".join(draw(st.lists(WORDS, min_size=1, max_size=3)))
    words_fields = [field.name for field in FIELDS if field.kind not in {"date", "pmid", "filter"}]
    field = draw(st.sampled_from(words_fields))
    kind = draw(st.sampled_from(["bare", "phrase", "word", "truncated", "tagged", "quoted", "near", "filter"]))
    match kind:
        case "bare":
            return Term(text)
        case "phrase":
            return Term(text, quoted=True)
        case "word":
            return Term(text.split()[0] + "abcd", truncated=True)
        case "truncated":
            return Term(f"{text}abcd", field, quoted=draw(st.booleans()), truncated=True)
        case "near":
            return Term(
                f"{text.split()[0].replace(chr(39), chr(120)).replace(chr(45), chr(120))} again",
                "Title",
                quoted=True,
                near=draw(NUMBERS),
            )
        case "filter":
            return Term("medline", "Filter")
        case _:
            return Term(text, field, quoted=kind == "quoted")


SPANS = st.builds(
    Span, NUMBERS.map(lambda n: f"{n:04}/0{n % 9 + 1}"), NUMBERS.map(lambda n: f"{n:04}"), st.just("Date - Create")
)
LEAVES: st.SearchStrategy[Node] = terms() | SPANS | st.builds(Recent, NUMBERS, st.just("days"), st.just("Date - MeSH"))


def groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    joined = st.builds(
        Group, st.sampled_from(["AND", "OR", "NOT"]), st.lists(inner, min_size=2, max_size=4).map(tuple[Node, ...])
    )
    return joined | st.builds(Group, st.just("NOT"), st.tuples(inner))


@given(st.recursive(LEAVES, groups, max_leaves=12))
def test_a_tree_is_read_back_from_what_is_written(tree: Node) -> None:
    written = render(tree)
    # A run of bare words alone is plain words: there is nothing in it to read.
    assert parse(written) == (None if isinstance(tree, Term) and tree == Term(tree.text) else tree)


PIECES = st.sampled_from(
    ["AND", "OR", "NOT", "(", ")", '"', "[ti]", "[dp]", "[mh]", "[tiab:~3]", "[", "]", ":", "*", "~", "/", " ", "2019"]
)


@given(st.lists(PIECES | WORDS | st.text(max_size=6), max_size=30).map(lambda pieces: " ".join(pieces)))
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        tree = parse(text)
        assert tree is None or parse(render(tree)) == tree
