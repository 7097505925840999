"""What looks like an identifier and is the literature's own: masked by shape, before any rule looks.

A mask exempts only what has the full shape of its kind. A field tag does not exempt
whatever stands before it: an author tag exempts a few names without digits, a date tag
a date since 1800, an id tag one to eight digits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from medlit.privacy.patterns import Pattern

MASK = " \ue000 "
"""Stands where something was masked: no letter, no digit, and nothing adjoins across it."""

AUTHOR_MASK = " \ue001 "
"""Stands where an author was masked; with a patient's context before it, it is a name after all."""


class Mask(NamedTuple):
    """A shape of the literature. ``digits``: it cannot match a text without digits."""

    what: str
    pattern: Pattern
    digits: bool = True
    mask: str = MASK


def _mask(what: str, pattern: str, *, digits: bool = True, mask: str = MASK, flags: int = re.IGNORECASE) -> Mask:
    return Mask(what, Pattern(pattern, flags), digits, mask)


_YEAR = r"(?:1[89]\d\d|20\d\d|2100|3000)"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DAY_DATE = rf"{_YEAR}(?:[/-]{_MONTH}(?:[/-]{_DAY})?)?"
_DATE_TAG = (
    r"\[(?:dp|pdat|ppdat|epdat|edat|crdt|mhda|lr|dcom|date ?- ?\w{3,12}(?: \w{3,8})?|(?:publication|entrez|create"
    r"|completion|modification|mesh) date|entry date)\]"
)
_NOT_A_PERSON = (
    r"(?!(?:patients?|pt|mr|mrs|ms|miss|mx|dr|named?|called|dob|born|mrn|and|or|not|for|of|with|in|by|re)\b)"
)
_NAME = rf"{_NOT_A_PERSON}[^\W\d_][^\W\d_'.-]{{0,24}}(?:[.'-]{{1,2}}[^\W\d_]{{1,24}}){{0,3}}\.?"
_AUTHORS = rf"{_NAME}(?:,? {_NAME}){{0,3}}"
_AUTHOR_TAG = (
    r"\[(?:au|1au|lastau|fau|ir|fir|ed|fed|inv|ps|cn|auth?|authors?(?: ?- ?(?:first|last|full))?|(?:first|last|full)"
    r" author(?: name)?|editor|investigator|personal name as subject|corporate author)\]"
)
_UNIT = (
    r"(?:mg|kg|g|mcg|µg|μg|ug|ng|pg|ml|dl|cl|mm|cm|nm|km|mol|mmol|nmol|pmol|µmol|iu|units?|meq|kcal|kda|bp|kb|gy|cgy"
    r"|msv|hz|khz|mhz|ghz|kv|kpa|mmhg|cmh2o|fold|reads|cells|copies|cfu|°c|%)"
)

MASKS: tuple[Mask, ...] = (
    _mask("DOI, unless it carries something else",
          r"(?:\bhttps?://(?:dx\.)?doi\.org/|\bdoi[ :=]{0,3})?(?<![\w.])10\.\d{4,9}/(?![^\s\"]{0,90}(?:@"
          r"|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)))"
          r"[^\s\"<>\[\]@?#=&]{1,100}(?:\[(?:doi|aid|lid)\])?"),
    _mask("a page of a literature site",
          r"\bhttps?://(?:www\.)?(?:(?:pubmed|www|pmc)\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov"
          r"|europepmc\.org|clinicaltrials\.gov"
          r"|meshb\.nlm\.nih\.gov|arxiv\.org|(?:www\.)?(?:medrxiv|biorxiv)\.org|orcid\.org|www\.cochranelibrary\.com)"
          r"(?:/[A-Za-z0-9._-]{1,40}){0,6}/?(?![\w?&=@#])"),
    _mask("a public body's site, its front page",

          r"(?<![\w@.-])(?:https?://)?(?:www\.)?(?:cdc|nih|fda|cms|hhs|ahrq|who|nice|ema|cochrane|nhs"
          r"|ncbi\.nlm\.nih|nlm\.nih|cancer|gov)"
          r"\.(?:gov|int|org\.uk|europa\.eu|org|uk)(?:/[a-z-]{1,20})?/?(?![\w/?&=@#.-])", digits=False),
    _mask("date with a date tag",
          rf"(?<![\w./-])[\"(]?(?<![\w./-]){_DAY_DATE}\b[\")]?(?: ?: ?[\"(]?{_DAY_DATE}[\")]?)? ?{_DATE_TAG}"),
    _mask("date parameters of E-utilities", rf"\b(?:min|max)date[ =:]{{1,3}}{_DAY_DATE}\b"),
    _mask("date limits of Ovid and Europe PMC",
          rf"\b(?:ed|dt|ep|yr|em|da|up|rd|pub_year|(?:first_p?|e_|update_|creation_|index_|embargo_|p"
          rf"|first_idate_)date(?:_d)?|first_pdate)"

          rf"[ =:]{{1,3}}[\"\[(]{{0,2}}(?:(?:19|20)\d{{6}}|{_DAY_DATE})(?:(?: ?- ?| to )(?:(?:19|20)\d{{6}}"
          rf"|{_DAY_DATE}|current))?(?!\d)[\"\])]{{0,2}}"),
    _mask("author with an author tag", rf"(?<![\w])\"?{_AUTHORS}\"? ?{_AUTHOR_TAG}", digits=False, mask=AUTHOR_MASK),
    _mask("author of a Europe PMC query",
          rf"\b(?:auth|author|auth_(?:first|last)|authors)[:=] ?(?:\"{_AUTHORS}\""
          rf"|{_NAME}(?: [A-Z]{{1,3}}\b)?)",
          digits=False, mask=AUTHOR_MASK),
    _mask("ORCID", r"\b(?:author_?orcid|authorid|orcid)?[ :=\"]{0,3}0000-000\d-\d{4}-\d{3}[\dX]\b\"?(?:\[auid\])?"),
    _mask("abbreviated title of a journal",
          r"\bAnn (?:Allergy|Biomed|Bot|Clin|Emerg|Epidemiol|Fam|Hematol|Hepatol|Hum|Intern|Med|Neurol"
          r"|N Y Acad|NY Acad|Oncol|Otol|Pharmacother|Plast|Rheum|Surg|Thorac|Transl|Transplant|Vasc)\b"

          r"|\b(?:Lancet|Nat|Am J|Br J|Eur J|Int J|J Am|J|Acta|Arch|Clin|Curr|Proc|Trends|Rev|BMC|BMJ|JAMA"

          r"|PLoS|Expert|Cochrane)(?: (?:Heart|Brain|J|Am|Acad|Assoc|Biol|Cancer|Cardiol|Cell|Chem|Clin|Coll"
          r"|Comput|Crit"
          r"|Dent|Dermatol|Diabetes|Digit|Dis"

          r"|Endocrinol|Exp|Gastroenterol|Genet|Geriatr|Haematol|Hematol|Hepatol|Immunol|Infect|Int|Intern"
          r"|Med|Microbe|Microbiol|Mol|Nephrol|Neurol|Neurosci|Nurs|Nutr|Obstet|Oncol|Open|Ophthalmol|Orthop"
          r"|Pathol|Pediatr|Pharmacol|Physiol|Planet|Psychiatry|Public"

          r"|Radiol|Respir|Rev|Rheumatol|Sci|Soc|Surg|Syst|Ther|Toxicol|Transplant|Trop|Urol|Virol)\b){1,5}",
          digits=False, flags=0),
    _mask("PMID with its tag or label",
          r"(?<![\w./-])\d{1,8} ?\[(?:pmid|uid)\]|\b(?:pmid|ext_id"
          r"|pubmed(?: id)?)s?[ :=#]{1,3}\d{1,8}(?:[, ]{1,2}\d{1,8}){0,20}\b(?!-)"),
    _mask("PMCID", r"\bPMC ?\d{3,8}\b(?:\.\d)?(?:\[pmcid?\])?"),
    _mask("trial registration of the European Union",
          r"\b(?:EudraCT|EUCTR|CTIS)?[ :-]{0,3}20\d\d-\d{6}-\d\d(?:-\d\d)?\b(?!-)"),
    _mask("place on a chromosome", r"\bchr(?:\d{1,2}|X|Y|M|MT):(?:g\.)?\d{3,9}(?:-\d{3,9})?\b"),
    _mask("accession of a sequence or data set",
          r"\b(?:accession|genbank)(?: (?:number|no\.?|id))?s?[ :#]{1,3}(?:[A-Z]\d{5}|[A-Z]{2}\d{6}"
          r"|[A-Z]{2}\d{8})(?:\.\d)?\b(?!-)"

          r"|\b(?:GSE|GSM|GDS|GPL|[SED]R[RXPSA]|PRJ(?:NA|EB|DB)|SAM(?:N|EA|D)|PXD|MTBLS|EGA[SD]|phs"
          r"|ENS[A-Z]{0,4}[GTPRE])\d{3,12}(?:\.\d{1,2})?\b"
          r"|\b[NX][MRPCGTW]_\d{6,9}(?:\.\d{1,2})?\b", flags=0),
    _mask("code of a terminology",
          r"\b(?:SNOMED(?:[ -]?CT)?|LOINC|RXCUI|RxNorm|NDC|UMLS|CUI|CID|SID|OMIM|MIM|CPT"
          r"|ICD-?\d{1,2}(?:-?CM)?)(?: (?:codes?|id))?[ :#]{1,3}\d{3,18}(?:-\d{1,4}){0,2}\b(?!-)"),
    _mask("substance",
          r"\b(?:CAS|RN)(?: (?:registry )?(?:number|no\.?))?[ :#]{1,3}\d{2,7}-\d\d-\d\b(?!-)"
          r"|(?<![\w./-])\d{2,7}-\d\d-\d ?\[(?:rn|nm)\]"),
    _mask("enzyme", r"\bEC[ :]{0,2}\d(?:\.(?:\d{1,3}|-)){1,3}"),
    _mask("ISSN or ISBN", r"\b\d{4}-\d{3}[\dX] ?\[(?:issn|is|ta|jour(?:nal)?)\]|\be?-?ISSN[ :]{0,3}\d{4}-\d{3}[\dX]\b"
          r"|\bISBN(?:-1[03])?[ :]{0,3}(?:97[89][- ]?)?\d{1,5}[- ]?\d{1,7}[- ]?\d{1,7}[- ]?[\dX]\b"),
    _mask("volume, issue and pages of a citation",
          r"\b(?:1[89]|20)\d\d(?: [A-Z][a-z]{2}(?: \d{1,2})?)?[;, ] ?\d{1,4}"
          r"(?: ?\([\dA-Za-z -]{1,12}\))? ?: ?[A-Za-z]?\d{1,6}(?: ?- ?[A-Za-z]?\d{1,6})?\b(?!-)"),
    _mask("count", r"(?<![\w])n ?= ?\d[\d,]{0,12}\b(?![-.]\d)"),
    _mask("amount with a unit",
          rf"(?<![\w./-])\d{{1,7}}(?:[.,]\d{{1,4}})?(?: ?(?:-|/"
          rf"|to) ?\d{{1,7}}(?:[.,]\d{{1,4}})?)? ?-?{_UNIT}(?:\b|(?<=%))(?!@)"),
    _mask("version of software",
          r"\b(?:python|java|version|release|R|v|ver\.?|spss|stata|sas|ctcae|pytorch|tensorflow|matlab"
          r"|bioconductor)[ -]?v?\d{1,4}(?:\.\d{1,4}){1,3}\b(?!\.)"),
    _mask("attacks of 2001",
          r"\b(?:september 11(?:th)?|9/11|11 september)(?:,? 2001)?(?= (?:attacks?|terror\w{0,5}|wtc|world"
          r"|survivors?|responders?|rescue|ptsd|cohort|disaster))"),
)  # fmt: skip
"""Applied in this order: what contains others comes first."""


def mask(text: str, *, has_digits: bool) -> str:
    """The text with the literature's own syntax masked."""
    for each in MASKS:
        if has_digits or not each.digits:
            text = each.pattern.sub(each.mask, text)
    return text
