"""One spelling for what can be spelled in many ways, so that a rule has to know only one.

Full-width and other digits become ASCII, invisible characters go, every dash is a
hyphen, look-alike letters inside Latin words become Latin, percent-encoding and HTML
references are resolved, digits that were spread out or spelled stand together.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

DECODING_ROUNDS = 3
"""A text that is encoded more often than this is left as it is; its `%` signs carry no meaning by then."""

_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_HTML = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_SPREAD = re.compile(r"(?<![\w.,])\d(?:[ _.*|/-]{1,3}\d(?![\d.,])){6,}(?!\w)")
_SPELLED = (
    "zero oh one two three four five six seven eight nine"
    " null eins zwei drei vier fuenf fünf sechs sieben acht neun"
).split()  # fmt: skip
_DIGIT_OF = dict(zip(_SPELLED, "00123456789" + "01234556789", strict=True))
_SPELLED_RUN = re.compile(
    rf"\b(?:{'|'.join(_SPELLED)})(?:[ ,.-]{{1,3}}(?:{'|'.join(_SPELLED)}|dash|hyphen)\b){{5,}}", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]+")

_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХаеорсухіјѕԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρ", "ABEKMHOPCTYXaeopcyxijsdABEZHIKMNOPTYXaovp")
"""Cyrillic and Greek letters that look like Latin ones."""

_OTHER_SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
     "⁄": "/", "∕": "/", "⧸": "/", "−": "-", "·": ".", "•": ".", "∙": ".", "。": ".", "、": ",", "∶": ":", "ː": ":"}
)  # fmt: skip


def normalise(text: str) -> str:
    """The text as the rules read it."""
    for _ in range(DECODING_ROUNDS):
        decoded = _decoded(text)
        if decoded == text:
            break
        text = decoded
    if not text.isascii():
        text = _to_plain_signs(text)
    elif not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    text = _SPREAD.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    return _SPELLED_RUN.sub(_digits, text)


def _decoded(text: str) -> str:
    if _ENCODED.search(text):
        text = unquote(text, errors="replace")
    if _HTML.search(text):
        text = html.unescape(text)
    return text


def _to_plain_signs(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).translate(_OTHER_SIGNS)
    return _LETTERS.sub(_latin, "".join(map(_plain_sign, text)))


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isprintable() else " "
    match unicodedata.category(sign):
        case "Cf" | "Mn" | "Me":  # invisible, or a mark that NFKC could not join to its letter
            return ""
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp" | "Cc" | "Co" | "Cn" | "Cs":
            return " "
        case _:
            return sign


def _latin(word: re.Match[str]) -> str:
    """A word that mixes scripts is a Latin word in disguise; a word of one script is left alone."""
    found = word[0]
    if found.isascii() or not any(sign.isascii() for sign in found):
        return found
    return found.translate(_LOOK_ALIKE)


def _digits(run: re.Match[str]) -> str:
    return "".join(_DIGIT_OF.get(word.lower(), "") for word in _LETTERS.findall(run[0]))
