"""The languages of PubMed: NLM's three-letter codes, with BCP 47 tags and English names.

Reference: NLM, "Language Abbreviations and Names" (the codes are MARC's); RFC 5646.
"""

from __future__ import annotations

_TABLE = """
afr af Afrikaans; alb sq Albanian; amh am Amharic; ara ar Arabic; arm hy Armenian; aze az Azerbaijani; bel be Belarusian
ben bn Bengali; bos bs Bosnian; bul bg Bulgarian; cat ca Catalan; chi zh Chinese; cze cs Czech; dan da Danish
dut nl Dutch; eng en English; epo eo Esperanto; est et Estonian; fin fi Finnish; fre fr French; geo ka Georgian
ger de German; gla gd Scottish Gaelic; glg gl Galician; gre el Greek, Modern; heb he Hebrew; hin hi Hindi
hrv hr Croatian; hun hu Hungarian; ice is Icelandic; ind id Indonesian; ita it Italian; jpn ja Japanese
kin rw Kinyarwanda; kor ko Korean; lat la Latin; lav lv Latvian; lit lt Lithuanian; mac mk Macedonian
mal ml Malayalam; mao mi Maori; may ms Malay; mlg mg Malagasy; nor no Norwegian; per fa Persian; pol pl Polish
por pt Portuguese; pus ps Pushto; rum ro Romanian; rus ru Russian; san sa Sanskrit; slo sk Slovak; slv sl Slovenian
spa es Spanish; srp sr Serbian; swa sw Swahili; swe sv Swedish; tat tt Tatar; tha th Thai; tur tr Turkish
ukr uk Ukrainian; urd ur Urdu; uzb uz Uzbek; vie vi Vietnamese; wel cy Welsh
"""

_ROWS = [row.strip().split(" ", 2) for line in _TABLE.split("\n") for row in line.split(";") if row.strip()]

TAGS = {code: tag for code, tag, _ in _ROWS}
"""``ger`` is ``de``."""

NAMES = {code: name.partition(",")[0] for code, _, name in _ROWS}
"""``ger`` is ``German``; a code that stands for no one language (``mul``, ``und``) has no name."""
