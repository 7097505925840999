"""The passage that answers, and where the words of a question were found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.library.analysis import STEMS, WORDS, analyzers
from medlit.library.feedback import TermCounter
from medlit.library.snippet import ELLIPSIS, SNIPPET_LENGTH, Question, matched, snippet, split_sentences
from medlit.record import AbstractSection

ANALYZE = analyzers()[STEMS].analyze


def asked(text: str, *headings: str, added: str = "") -> Question:
    words = {ANALYZE(word)[0]: word for word in text.split()}
    weights = dict.fromkeys(words, 1.0) | {ANALYZE(word)[0]: 0.2 for word in added.split()}
    return Question(words, weights, TermCounter(ANALYZE, analyzers()[WORDS].analyze).terms, headings)


def section(text: str, label: str | None = None, category: str | None = None) -> AbstractSection:
    return AbstractSection(text=text, label=label, nlm_category=category)


@pytest.mark.parametrize(
    "sentence",
    [
        "Pain fell (P < 0.05).",
        "Zinc vs. Placebo was tried.",
        "Two drugs, e.g. Aspirin, were compared.",
        "The rise is shown in Fig. 2 of the report.",
        "H. pylori was found in 12.5 percent.",
        "Cultures grew S. Typhimurium and E. coli.",
        "Smith et al. Proposed it first.",
        "The dose was 0.5 mg i.v. Twice a day.",
        "Is it so?",
    ],
)
def test_a_stop_that_ends_no_sentence_does_not_split(sentence: str) -> None:
    assert split_sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It fell, P < 0.05. Mortality did not.", 2),
        ("They lacked vitamin D. The others did not.", 2),
        ('He said "no." She said (yes.) They left!  Really? 12 stayed.', 5),
        ("Es half. Über Nacht war es gut. Ça va.", 3),
        ("效果良好。没有副作用。", 2),
        ("one . two . three", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_readers_see_it(text: str, parts: int) -> None:
    sentences = split_sentences(text)
    assert len(sentences) == parts
    assert "".join("".join(sentences).split()) == "".join(text.split())


STRUCTURED = [
    section("Statins are widely used. Whether statins prevent gout is unknown.", "BACKGROUND", "BACKGROUND"),
    section("We gave statins to 40 people with gout.", "WHAT WE DID", "METHODS"),
    section("Attacks fell by a third (P = 0.01).", "RESULTS", "RESULTS"),
    section("Statins prevented attacks of gout. More work is needed.", "CONCLUSIONS", "CONCLUSIONS"),
]


def test_the_conclusion_answers_before_the_background_asks() -> None:
    assert snippet(STRUCTURED, asked("statins gout")) == (
        "CONCLUSIONS: Statins prevented attacks of gout. More work is needed."
    )


def test_a_section_is_known_by_what_its_authors_call_it() -> None:
    unlabelled_by_nlm = [section(part.text, part.label) for part in STRUCTURED]
    unlabelled_by_nlm[3].label = "Interpretation"
    found = snippet(unlabelled_by_nlm, asked("statins gout"))
    assert found == "Interpretation: Statins prevented attacks of gout. More work is needed."


def test_words_count_more_than_the_section() -> None:
    found = snippet(STRUCTURED, asked("gave people gout"))
    assert found == "WHAT WE DID: We gave statins to 40 people with gout."


def test_words_that_feedback_added_help_to_choose() -> None:
    text = "Nothing of note came first. Urate crystals dissolved slowly over many months of treatment at home. " * 2
    found = snippet([section(text + "The end was calm.")], asked("colchicine", added="urate"), 80)
    assert found == "Urate crystals dissolved slowly over many months of treatment at home."


def test_without_sections_the_end_counts_as_the_conclusion() -> None:
    text = f"Gout is known. {'It was studied at length. ' * 20}Gout was cured."
    found = snippet([section(text)], asked("gout"))
    assert found
    assert found.endswith("Gout was cured.")
    assert (
        snippet([section("Eine Gicht ist lästig. Gicht wurde geheilt.")], asked("Gicht"), 25) == "Gicht wurde geheilt."
    )


def test_where_no_word_is_found_the_conclusion_is_shown() -> None:
    assert snippet(STRUCTURED, asked("zebra")) == "CONCLUSIONS: Statins prevented attacks of gout. More work is needed."


def test_without_an_abstract_there_is_no_passage() -> None:
    assert snippet([], asked("gout")) is None
    assert snippet([section("  ")], asked("gout")) is None


def test_a_long_sentence_is_cut_between_words_around_what_was_asked() -> None:
    filler = " ".join(f"word{n}" for n in range(60))
    found = snippet([section(f"{filler} colchicine {filler}")], asked("colchicine"), 80)
    assert found
    assert found.startswith(f"{ELLIPSIS} word")
    assert "colchicine" in found
    assert found.endswith(f" {ELLIPSIS}")
    assert len(found) <= 80


@given(
    st.lists(
        st.tuples(st.text("ab. cdé\n。!", max_size=600), st.sampled_from([None, "RESULTS", "L" * 300])), max_size=4
    ),
    st.integers(40, SNIPPET_LENGTH),
)
def test_a_passage_is_bounded_and_made_of_whole_words(parts: list[tuple[str, str | None]], length: int) -> None:
    found = snippet([section(text, label) for text, label in parts], asked("ab cd"), length)
    if found is None:
        assert all(not text.strip() for text, _ in parts)
        return
    passage = found.split(": ", 1)[-1] if any(label for _, label in parts) else found
    assert len(passage) <= length
    assert len(found) <= length + 42
    words = {word for text, _ in parts for word in text.replace("。", "。 ").split()}
    whole = [word for word in passage.replace("。", "。 ").split() if word != ELLIPSIS]
    assert all(word in words or len(word) == length // 2 for word in whole), passage


def test_each_word_is_named_in_the_first_place_where_it_stands() -> None:
    question = asked("heart attacks statins cohort")
    found = matched(
        "The attack of the heart", [section("A cohort with heart attacks.")], ["Statins", "Humans"], question
    )
    assert found == "title: heart, attacks; MeSH: Statins; abstract: cohort"


def test_a_heading_that_the_query_was_mapped_to_is_named() -> None:
    found = matched("After the heart attack", [], ["Myocardial Infarction"], asked("heart", "myocardial infarction"))
    assert found == "title: heart; MeSH: Myocardial Infarction"


def test_a_record_found_by_other_words_says_by_which() -> None:
    assert (
        matched("Infarction", [section("Troponin rose.")], [], asked("heart", added="troponin")) == "related: troponin"
    )
    assert matched("Knees", [], [], asked("heart")) is None


def test_what_is_named_is_bounded() -> None:
    many = " ".join(f"word{n}" for n in range(50))
    found = matched(f"{many} {'x' * 200}", [], [f"word{n} {'heading ' * 30}" for n in range(50)], asked(many))
    assert found
    assert len(found) < 400
