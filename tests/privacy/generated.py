"""Queries with identifiers of nobody: people made up by Faker, in sentences written here.

Two sets that share neither templates nor seeds. The gate was tuned on ``TUNED``;
``HELD`` was written to judge it, and is what the documented figures come from.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from faker import Faker

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "en_IN", "nl_NL")

TUNED_TOPICS = ("sepsis antibiotics", "hip fracture outcomes", "apixaban in atrial fibrillation", "asthma biologics")
HELD_TOPICS = (
    "ulcerative colitis vedolizumab", "heart failure dapagliflozin", "migraine prophylaxis", "postpartum depression",
    "acute kidney injury dialysis timing", "community acquired pneumonia", "gout flare colchicine",
    "stroke thrombectomy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A query, the class of identifier in it, and the strings that must never show."""

    group: str
    text: str
    needles: tuple[str, ...]


Template = tuple[str, str]
"""A group, and a sentence with a value's name in braces and ``{t}`` for the topic."""

TUNED: tuple[Template, ...] = (
    ("structured", "SSN {ssn} {t}"), ("structured", "MRN {number} {t}"), ("structured", "call {phone} about {t}"),
    ("structured", "{email} {t}"), ("structured", "DOB {date} {t}"), ("structured", "{street}, {t}"),
    ("structured", "policy number {code} {t}"), ("structured", "serial number {code} {t}"),
    ("structured", "IP {ip} {t}"),
    ("context", "patient {name} with {t}"), ("context", "Mr. {last} {t}"), ("context", "pt: {inverted} {t}"),
    ("bare", "{name} {t}"), ("bare", "{t} for {name}"),
)  # fmt: skip

HELD: tuple[Template, ...] = (
    ("structured", "{t} in someone whose social security number is {ssn}"),
    ("structured", "{t} (medical record no. {number})"),
    ("structured", "her record number MRN#{number}, question on {t}"),
    ("structured", "{t}; reach the family under {phone}"),
    ("structured", "telephone: {phone} - {t}"),
    ("structured", "{t}, results by fax to {phone}"),
    ("structured", "write to {email} with evidence on {t}"),
    ("structured", "{t} date of birth: {date}"),
    ("structured", "was hospitalized on {date}, {t}"),
    ("structured", "{t} since surgery on {long_date}"),
    ("structured", "{long_date} {t}"),
    ("structured", "{t} at home: {street}, {city}, {state} {zip}"),
    ("structured", "zip code {zip}, {t}"),
    ("structured", "{t} member id {code}"),
    ("structured", "bank account no. {long_number} {t}"),
    ("structured", "passport {code}, {t}"),
    ("structured", "{t}, vehicle identification number {vin}"),
    ("structured", "license plate {plate} crash, {t}"),
    ("structured", "insulin pump serial no: {code} {t}"),
    ("structured", "{t} {url}"),
    ("structured", "logged in from {ip} {t}"),
    ("structured", "voiceprint template {code} {t}"),
    ("structured", "{t} see IMG_{number}.jpeg"),
    ("structured", "specimen no. {code} {t}"),
    ("structured", "{age} year old with {t}"),
    ("structured", "she is {age} years old, {t}"),
    ("structured", "credit card {card} {t}"),
    ("structured", "{t} IBAN {iban}"),
    ("structured", "{uuid} {t}"),
    ("context", "{t} for my patient {name}"),
    ("context", "Mrs. {last} asks about {t}"),
    ("context", "Mr {name}, {t}"),
    ("context", "Patient name: {name}. {t}"),
    ("context", "a patient named {name} and {t}"),
    ("context", "patient: {inverted}; {t}"),
    ("context", "my mother {name} has questions on {t}"),
    ("bare", "{name} {t}"),
    ("bare", "what helps {name} against {t}"),
    ("bare", "{t} in {name}"),
    ("bare", "{t}, {name}, next steps"),
)  # fmt: skip


def queries(templates: Sequence[Template], topics: Sequence[str], seed: int, each: int) -> Iterator[Query]:
    """``each`` queries of every template; the same seed gives the same queries."""
    chance = random.Random(seed)  # noqa: S311  # nothing secret is drawn
    makers: list[Faker] = []
    for locale in LOCALES:
        maker = Faker(locale)
        maker.seed_instance(seed)
        makers.append(maker)
    for group, sentence in templates:
        for number in range(each):
            values = _values(makers[number % len(makers)], makers[0], chance)
            used = {key: make() for key, make in values.items() if f"{{{key}}}" in sentence}
            text = sentence.format(**used, t=chance.choice(topics))
            yield Query(group, text, tuple(used.values()))


def _values(local: Faker, american: Faker, chance: random.Random) -> dict[str, Callable[[], str]]:
    def name() -> str:
        return f"{local.first_name()} {local.last_name()}"

    def inverted() -> str:
        return f"{local.last_name()}, {local.first_name()}"

    def date() -> str:
        form = chance.choice(("%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%y", "%m-%d-%Y"))
        return american.date_of_birth(maximum_age=90).strftime(form)

    def long_date() -> str:
        form = chance.choice(("%B %d, %Y", "%d %B %Y", "%b %d %Y", "%d %b %Y"))
        return american.date_of_birth(maximum_age=30).strftime(form)

    return {
        "name": name,
        "last": lambda: str(local.last_name()),
        "inverted": inverted,
        "ssn": lambda: str(american.ssn()),
        "number": lambda: str(chance.randrange(10**5, 10**9)),
        "long_number": lambda: str(chance.randrange(10**9, 10**12)),
        "phone": lambda: american.numerify(chance.choice(PHONES)),
        "email": lambda: str(american.email()),
        "date": date,
        "long_date": long_date,
        "street": lambda: f"{american.building_number()} {american.last_name()} {chance.choice(STREETS)}",
        "city": lambda: str(american.city()),
        "state": lambda: str(american.state_abbr()),
        "zip": lambda: str(american.zipcode()),
        "code": lambda: american.bothify(chance.choice(CODES)),
        "vin": lambda: str(american.vin()),
        "plate": lambda: str(american.license_plate()),
        "url": lambda: f"https://{american.domain_name()}/{american.user_name()}",
        "ip": lambda: str(american.ipv4_public()),
        "age": lambda: str(chance.randrange(90, 108)),
        "card": lambda: american.numerify("4### #### #### ####"),
        "iban": lambda: str(american.iban()),
        "uuid": lambda: str(american.uuid4()),
    }  # fmt: skip


PHONES = ("(%##) %##-####", "%##-%##-####", "+1 %## %## ####", "+49 30 %#######", "+44 20 7%## ####", "%##.%##.####")
CODES = ("??#######", "###-##-##?##", "?#-#####", "########", "??-######")
STREETS = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Blvd", "Place")
