"""The gate's laws: shapes of typed fields, disguises, bounded time, and silence about what it saw."""

from __future__ import annotations

import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.errors import PhiRefused
from medlit.privacy.categories import ADVICE, SAFE_HARBOR, Category
from medlit.privacy.gate import MAX_CHARACTERS, Field, Kind, Verdict, screen, screen_text
from medlit.privacy.names import tables
from medlit.privacy.rules import RULES


def one(kind: Kind, value: str) -> Verdict:
    return screen([Field(kind, "x", value)])


def test_the_rules_serve_every_paragraph_of_safe_harbor() -> None:
    served = {rule.letter for rule in RULES} | {SAFE_HARBOR[Category.NAME]}
    assert served == set("ABCDEFGHIJKLMNOPQR")


def test_every_category_has_its_advice() -> None:
    assert set(ADVICE) == set(Category)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("patient Jane Roe with sepsis", Category.NAME),
        ("lives at 12 Maple Street, asthma", Category.ADDRESS),
        ("born 3 May 1961, asthma", Category.DATE),
        ("admitted March 2020 with sepsis", Category.DATE),
        ("93-year-old man with sepsis", Category.AGE_OVER_89),
        ("call 415-555-0134 re asthma", Category.PHONE),
        ("phone +44 20 7946 0958 asthma", Category.PHONE),
        ("fax 415-555-0134", Category.FAX),
        ("roe@example.org asthma", Category.EMAIL),
        ("jane dot roe at example dot org asthma", Category.EMAIL),
        ("SSN 123-45-6789", Category.SSN),
        ("MRN 00412345 asthma", Category.MEDICAL_RECORD),
        ("NHS number 943 476 5919", Category.MEDICAL_RECORD),
        ("member id ABC123456", Category.HEALTH_PLAN),
        ("account number 9988776655", Category.ACCOUNT),
        ("driver's license D1234567", Category.LICENSE),
        ("VIN 1HGCM82633A004352", Category.VEHICLE),
        ("license plate 7ABC123", Category.VEHICLE),
        ("pacemaker serial PM443322", Category.DEVICE),
        ("https://example.org/patients/17", Category.URL),
        ("from 203.0.113.9 asthma", Category.IP_ADDRESS),
        ("fingerprint id FP-443322", Category.BIOMETRIC),
        ("rash in IMG_4432.jpg", Category.PHOTO),
        ("specimen number S21-44332", Category.OTHER_ID),
    ],
)
def test_an_identifier_is_refused_as_what_it_is(text: str, category: Category) -> None:
    assert category in screen_text(text).categories


@pytest.mark.parametrize(
    "text",
    [
        "SSN １２３-４５-６７８９",
        "SSN 123\u201045\u20116789",
        "SSN 12\u200b3-4\u200d5-67\ufeff89",
        "SSN%20123%2D45%2D6789",
        "SSN 123&#45;45&#45;6789",
        "ssn 1 2 3 4 5 6 7 8 9",
        "SSN one two three four five six seven eight nine",
        "SSN ١٢٣-٤٥-٦٧٨٩",
        "S\u00adSN: 123.45.6789",
        "MRN_00412345",
        "mrn=00412345;dx=asthma",
        "Ｐatient Jane Ｒoe with asthma",
        "p\u0430tient Jane Roe with asthma",
        "jane.roe＠example.org",
    ],
)
def test_a_disguise_does_not_help(text: str) -> None:
    assert screen_text(text).blocked


@pytest.mark.parametrize(
    "text",
    [
        "patient Jane Roe[au]",
        "Mrs Roe[au]",
        "123-45-6789[dp]",
        "05/06/1961[dp]",
        "MRN 00412345[au]",
        "DOB 1961/05/06 asthma",
        "10.1000/jane.roe@example.org",
        "10.1000/123-45-6789",
        "415-555-0134[pmid]",
    ],
)
def test_a_field_tag_exempts_only_its_own_shape(text: str) -> None:
    assert screen_text(text).blocked


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.AUTHOR, "Smith JA"),
        (Kind.AUTHOR, "van den Berg J"),
        (Kind.AUTHOR, "O'Connor-Müller, Anna M."),
        (Kind.IDENTIFIER, "31452104"),
        (Kind.IDENTIFIER, "31452104,32109013"),
        (Kind.IDENTIFIER, "PMC7156708"),
        (Kind.IDENTIFIER, "10.1016/S0140-6736(20)30183-5"),
        (Kind.DATE, "2020"),
        (Kind.DATE, "2020/01/31"),
        (Kind.NUMBER, "200"),
        (Kind.CONSTANT, "pubmed"),
        (Kind.OPERATOR, "operator@example.org"),
    ],
)
def test_a_typed_field_of_its_shape_may_go_out(kind: Kind, value: str) -> None:
    assert not one(kind, value).blocked


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.AUTHOR, "Smith JA born 1961"),
        (Kind.AUTHOR, "patient Smith"),
        (Kind.AUTHOR, "Smith 123-45-6789"),
        (Kind.AUTHOR, ""),
        (Kind.IDENTIFIER, "123-45-6789"),
        (Kind.IDENTIFIER, "415555013455"),
        (Kind.IDENTIFIER, "10.1000/123-45-6789"),
        (Kind.IDENTIFIER, "31452104 Jane Roe"),
        (Kind.DATE, "05/06/1961"),
        (Kind.DATE, "1720"),
        (Kind.NUMBER, "123456789"),
        (Kind.CONSTANT, "123-45-6789"),
        (Kind.CONSTANT, "x" * 100),
    ],
)
def test_a_typed_field_without_its_shape_is_refused(kind: Kind, value: str) -> None:
    assert one(kind, value).blocked


def test_one_refused_field_refuses_all() -> None:
    verdict = screen([Field(Kind.TOPIC, "term", "asthma"), Field(Kind.TOPIC, "term", "SSN 123-45-6789")])
    assert verdict.categories == {Category.SSN}


@pytest.mark.parametrize("text", ["", "asthma", "aged 90 and older", "asthma 2015-2020", "heart failure March 2020"])
def test_what_safe_harbor_allows_may_go_out(text: str) -> None:
    assert not screen_text(text).blocked


def test_more_text_than_is_screened_is_refused() -> None:
    assert screen_text("asthma " * MAX_CHARACTERS).categories == {Category.TOO_LONG}


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict_of_the_closed_list(text: str) -> None:
    assert screen_text(text).categories <= set(Category)


@given(
    before=st.text(alphabet="abcdefghij ", max_size=30),
    number=st.from_regex(r"[1-8][0-9]{2}-[0-9]{2}-[0-9]{4}", fullmatch=True),
    after=st.text(alphabet="abcdefghij ", max_size=30),
)
def test_a_social_security_number_is_found_wherever_it_stands(before: str, number: str, after: str) -> None:
    assert screen_text(f"{before} {number} {after}").blocked


HOSTILE = {
    "digits": "1",
    "digits and dashes": "12-",
    "digits and spaces": "1 ",
    "slashes": "1/1/",
    "letters": "a",
    "capital words": "Jane ",
    "words of a name": "patient ",
    "at signs": "a@",
    "dots": "a.",
    "brackets": "a[au] ",
    "percent signs": "%2525",
    "references": "&amp;",
    "blanks": " ",
    "labels": "mrn no id: ",
    "colons": "1:",
    "plus": "+1(",
    "particles": "van de ",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_little(unit: str) -> None:
    """CPU time, with a bound far above what it takes, and far below what backtracking would."""
    tables()
    text = (unit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    started = time.process_time()
    screen_text(text)
    screen_text(unit * (20_000 // len(unit)))
    assert time.process_time() - started < 1.0


def test_a_verdict_and_an_error_hold_nothing_of_the_text() -> None:
    needle = "Zebulon Quartermaine"
    field = Field(Kind.TOPIC, "term", f"patient {needle} MRN 00412345")
    verdict = screen([field])
    assert verdict.blocked
    try:
        raise PhiRefused(verdict.categories) from None
    except PhiRefused as error:
        shown = "".join([repr(error), str(error), repr(verdict), repr(field), *traceback.format_exception(error)])
    for part in ("Zebulon", "Quartermaine", "00412345"):
        assert part.lower() not in shown.lower()


def test_an_error_is_the_same_whatever_the_text() -> None:
    texts = ["MRN 00412345", "see chart no. 998877"]
    assert len({str(PhiRefused(screen_text(text).categories)) for text in texts}) == 1
