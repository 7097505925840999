"""Text as words that can be compared: what typography, spelling and transcription change is taken away."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | {"×": "x", "µ": "μ", "&": " and ", "+": " plus ", "−": "-", "'": "", "’": "", "‘": "", "ʼ": "", "`": "", "´": ""}
)
"""Letters that no decomposition opens, and marks that are left out inside words. Case is folded before."""

_GREEK = {
    letter: f" {name} "
    for letter, name in zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau "
        "upsilon phi chi psi omega".split(),
        strict=True,
    )
}
_IS_GREEK = re.compile(r"(?<![α-ωά-ώ])[α-ω](?![α-ωά-ώ])")
"""A letter that stands alone is a sign, as in TNF-α; more are a word in Greek."""

SMALL = frozenset("a an and at by for from in into of on or the to with".split())
"""Words that come and go between versions of a title or a name. Negations are not among them."""

_TAG = re.compile(r"</?(?:i|b|u|em|strong|sub|sup|sc|small)\s*/?>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")

_SPELLINGS = (
    (re.compile(r"(?<=.)(?:ae|oe)|^(?:ae|oe)(?=[^r])"), "e"),  # haem-, oedema; not aer-
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"(?<=..)our(?=(?:s|al|ed|ing|able|ful|less|ers?)?$)"), "or"),  # tumour, behavioural
    (re.compile(r"(?<=..)is(?=(?:e[ds]?|ing|ations?|ers?)$)"), "iz"),
    (re.compile(r"(?<=..)ys(?=(?:e[ds]?|ing)$)"), "yz"),
    (re.compile(r"(?<=[bt])re(?=s?$)"), "er"),  # centre, fibre
    (re.compile(r"ogue(?=s?$)"), "og"),
    (re.compile(r"ll(?=(?:ed|ing|ers?)$)"), "l"),
    (re.compile(r"^programme(?=s?$)"), "program"),
    (re.compile(r"^grey$"), "gray"),
)
"""British to American. Both sides are changed, so a word changed for nothing does no harm."""


def folded(text: str) -> str:
    """Lower case without accents, markup and typographic variants."""
    text = _TAG.sub("", text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in text if not unicodedata.combining(character))
        text = _IS_GREEK.sub(lambda match: _GREEK[match[0]], text)
    return text.translate(_LETTERS)


@lru_cache(maxsize=4096)
def american(word: str) -> str:
    """A word in one spelling of English."""
    if len(word) < 4 or not word.isalpha():
        return word
    for british, spelling in _SPELLINGS:
        word = british.sub(spelling, word)
    return word


def plain_words(text: str) -> list[str]:
    """The folded words of a text, in order, as they are spelt."""
    return _WORD.findall(folded(text))


def words(text: str) -> list[str]:
    """The folded words of a text, in order, in one spelling."""
    return [american(word) for word in plain_words(text)]


def slip(one: str, other: str) -> bool:
    """Whether two words are the same but for a slip of the pen: one letter more, less, other, or two exchanged.

    Short words and numbers have no slips: ``1b`` is not ``1a``, nor is ``men`` ``ten``.
    """
    shorter, longer = sorted((one, other), key=lambda word: (len(word), word))
    if len(shorter) < 5 or len(longer) - len(shorter) > 1 or not (shorter.isalpha() and longer.isalpha()):
        return False
    at = 0
    while at < len(shorter) and shorter[at] == longer[at]:
        at += 1
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    exchanged = longer[at + 1 : at + 2] + longer[at : at + 1] + longer[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or shorter[at:] == exchanged
