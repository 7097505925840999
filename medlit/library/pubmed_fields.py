"""PubMed's search fields: their names, tags, and where the index keeps them.

Reference: NLM, "PubMed User Guide", search field descriptions and tags.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["words", "name", "value", "mesh", "date", "pmid", "filter"]
"""How a field is matched: by words in any place, a person's name from its beginning, a whole value, …"""


class Field(NamedTuple):
    """A search field."""

    name: str
    """As PubMed writes it in its query translation."""
    kind: Kind
    tags: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    """The index fields with its text."""


ALL_FIELDS, MESH, MESH_ALONE, MAJOR, MAJOR_ALONE = (
    "All Fields", "MeSH Terms", "MeSH Terms:noexp", "MeSH Major Topic", "MeSH Major Topic:noexp"
)  # fmt: skip
AUTHOR, JOURNAL, LANGUAGE, PUBLICATION_TYPE, PUBLISHED, FILTER, PMID, SUBHEADING = (
    "Author", "Journal", "Language", "Publication Type", "Date - Publication", "Filter", "PMID", "MeSH Subheading"
)  # fmt: skip

_TITLE_ABSTRACT = ("title", "abstract", "keyword")
_EVERYWHERE = (
    *_TITLE_ABSTRACT, "terms", "transliterated", "affiliation", "author", "corporate_author", "investigator",
    "personal_name", "mesh", "substance", "registry", "publication_type", "journal", "country", "grant", "accession",
    "doi", "pmcid",
)  # fmt: skip

FIELDS = (
    Field(ALL_FIELDS, "words", ("all", "all fields"), _EVERYWHERE),
    Field("Title", "words", ("ti", "title"), ("title",)),
    Field("Title/Abstract", "words", ("tiab", "title/abstract"), _TITLE_ABSTRACT),
    Field("Abstract", "words", ("ab", "abstract"), ("abstract",)),
    Field(
        "Text Word", "words", ("tw", "text word", "text words"),
        (*_TITLE_ABSTRACT, "terms", "transliterated", "corporate_author", "personal_name", "publication_type",
         "accession"),
    ),
    Field("Transliterated Title", "words", ("tt", "transliterated title"), ("transliterated",)),
    Field("Other Term", "words", ("ot", "other term"), ("keyword",)),
    Field("Affiliation", "words", ("ad", "affiliation", "affl"), ("affiliation",)),
    Field(AUTHOR, "name", ("au", "auth", "author", "author name"), ("author",)),
    Field("Author - First", "name", ("1au", "first author", "first author name", "author - first"), ("first_author",)),
    Field("Author - Last", "name", ("lastau", "last author", "last author name", "author - last"), ("last_author",)),
    Field("Author - Full", "name", ("fau", "full author name", "author - full"), ("author",)),
    Field("Author - Corporate", "words", ("cn", "corporate author", "author - corporate"), ("corporate_author",)),
    Field("Investigator", "name", ("ir", "fir", "investigator", "full investigator name"), ("investigator",)),
    Field("Personal Name as Subject", "name", ("ps", "personal name as subject", "subject - personal name"),
          ("personal_name",)),
    Field(MESH, "mesh", ("mh", "mesh", "mesh term", "mesh terms", "mh:exp"), ("mesh",)),
    Field(MESH_ALONE, "mesh", ("mh:noexp", "mesh:noexp", "mesh terms:noexp"), ("mesh",)),
    Field(MAJOR, "mesh", ("majr", "mesh major topic", "majr:exp"), ("major_mesh",)),
    Field(MAJOR_ALONE, "mesh", ("majr:noexp", "mesh major topic:noexp"), ("major_mesh",)),
    Field(SUBHEADING, "value", ("sh", "subheading", "mesh subheading", "mesh subheadings"), ("qualifier",)),
    Field("Supplementary Concept", "value", ("nm", "supplementary concept", "substance name", "substance"),
          ("substance",)),
    Field("EC/RN Number", "value", ("rn", "ec/rn number", "registry number"), ("registry",)),
    Field(JOURNAL, "value", ("ta", "jour", "journal", "journal title", "is", "issn", "jid", "nlmid",
                             "nlm unique id"), ("journal",)),
    Field(PUBLICATION_TYPE, "mesh", ("pt", "ptyp", "publication type"), ("publication_type",)),
    Field(LANGUAGE, "value", ("la", "lang", "language"), ("language",)),
    Field("Place of Publication", "value", ("pl", "place of publication", "country"), ("country",)),
    Field("Volume", "value", ("vi", "vol", "volume"), ("volume",)),
    Field("Issue", "value", ("ip", "iss", "issue"), ("issue",)),
    Field("Pagination", "value", ("pg", "page", "pagination"), ("page",)),
    Field("Grants and Funding", "value", ("gr", "grant", "grant number", "grants and funding"), ("grant",)),
    Field("Secondary Source ID", "value", ("si", "secondary source id"), ("accession",)),
    Field("Article Identifier", "value", ("aid", "lid", "article identifier", "location id"), ("doi", "pmcid")),
    Field("DOI", "value", ("doi",), ("doi",)),
    Field("PMCID", "value", ("pmc", "pmcid"), ("pmcid",)),
    Field(PMID, "pmid", ("pmid", "uid"), ("pmid",)),
    Field(PUBLISHED, "date", ("dp", "pdat", "date - publication", "publication date"), ("date",)),
    Field("Date - Entry", "date", ("edat", "date - entry", "date - entrez", "entry date", "entrez date"),
          ("entry_date",)),
    Field("Date - Create", "date", ("crdt", "date - create", "create date"), ("create_date",)),
    Field("Date - MeSH", "date", ("mhda", "date - mesh", "mesh date"), ("mesh_date",)),
    Field("Date - Completion", "date", ("dcom", "date - completion", "completion date"), ("completion_date",)),
    Field("Date - Modification", "date", ("lr", "mdat", "date - modification", "modification date"),
          ("revision_date",)),
    Field(FILTER, "filter", ("sb", "filter", "subset", "text"), ("subset",)),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}

BY_TAG = {tag: field for field in FIELDS for tag in (field.name.lower(), *field.tags)}

SHORT_TAGS = " ".join(f"[{field.tags[0]}]" for field in FIELDS)

STATUSES = {"medline", "pubmednotmedline", "inprocess", "indatareview", "publisher", "oldmedline", "completed"}

SYSTEMATIC = "systematic"

FILTERS = STATUSES | {"hasabstract", "pubmedpmc", SYSTEMATIC}
"""What can be told of a record; NLM's subsets (``jsubset…``) and links (``has…``) come on top."""

FILTER_NAMES = {
    "aim": "jsubsetaim",
    "coreclinicaljournals": "jsubsetaim",
    "abstract": "hasabstract",
    "pmc": "pubmedpmc",
    "dentaljournals": "jsubsetd",
    "nursingjournals": "jsubsetn",
}
"""Other names of filters."""

LANGUAGES = {
    name: code
    for code, names in {
        "afr": "afrikaans", "alb": "albanian", "ara": "arabic", "arm": "armenian", "aze": "azerbaijani",
        "bos": "bosnian", "bul": "bulgarian", "cat": "catalan", "chi": "chinese", "cze": "czech", "dan": "danish",
        "dut": "dutch", "eng": "english", "epo": "esperanto", "est": "estonian", "fin": "finnish", "fre": "french",
        "geo": "georgian", "ger": "german", "gla": "scottish gaelic", "gre": "greek, modern|greek", "heb": "hebrew",
        "hin": "hindi", "hrv": "croatian", "hun": "hungarian", "ice": "icelandic", "ind": "indonesian",
        "ita": "italian", "jpn": "japanese", "kin": "kinyarwanda", "kor": "korean", "lat": "latin", "lav": "latvian",
        "lit": "lithuanian", "mac": "macedonian", "mal": "malayalam", "mao": "maori", "may": "malay",
        "mul": "multiple languages", "nor": "norwegian", "per": "persian, iranian|persian", "pol": "polish",
        "por": "portuguese", "pus": "pushto", "rum": "romanian|rumanian|moldovan", "rus": "russian",
        "san": "sanskrit", "slo": "slovak", "slv": "slovenian", "spa": "spanish|castilian", "srp": "serbian",
        "swe": "swedish", "tha": "thai", "tur": "turkish", "ukr": "ukrainian", "und": "undetermined", "urd": "urdu",
        "vie": "vietnamese", "wel": "welsh",
    }.items()
    for name in names.split("|")
}  # fmt: skip
"""MEDLINE's three-letter codes (ISO 639-2/B) by the names that PubMed takes."""

SUBHEADINGS = {
    code: " ".join(name.split())
    for code, _, name in (
        entry.strip().partition(" ")
        for entry in """
    aa analogs & derivatives | ab abnormalities | ad administration & dosage | ae adverse effects | ag agonists
    | ah anatomy & histology | ai antagonists & inhibitors | an analysis | bi biosynthesis | bl blood
    | bs blood supply | cf cerebrospinal fluid | ch chemistry | ci chemically induced | cl classification
    | cn congenital | co complications | cs chemical synthesis | ct contraindications | cy cytology
    | de drug effects | df deficiency | dg diagnostic imaging | dh diet therapy | di diagnosis | dt drug therapy
    | ec economics | ed education | eh ethnology | em embryology | en enzymology | ep epidemiology | es ethics
    | et etiology | gd growth & development | ge genetics | hi history | im immunology | in injuries
    | ip isolation & purification | ir innervation | is instrumentation | ju legislation & jurisprudence
    | me metabolism | mi microbiology | mo mortality | mt methods | nu nursing | og organization & administration
    | pa pathology | pc prevention & control | pd pharmacology | ph physiology | pk pharmacokinetics | po poisoning
    | pp physiopathology | ps parasitology | px psychology | py pathogenicity | re radiation effects
    | rh rehabilitation | rt radiotherapy | sc secondary | sd supply & distribution
    | sn statistics & numerical data | st standards | su surgery | td trends | th therapy | tm transmission
    | to toxicity | tr transplantation | tu therapeutic use | ul ultrastructure | ur urine | ve veterinary
    | vi virology
    """.split("|")
    )
}
"""MeSH's qualifiers by their abbreviations."""
