"""A PubMed file of invented records, for a demo without a network.

Drugs, people and findings are put together from word lists with a fixed seed. Every
record says that it was generated: in its journal, a keyword, and its abstract.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

FIRST_PMID = 90_000_001

DRUG_STARTS = ("zorva", "melti", "quexi", "brivo", "talma", "orphe", "lunda", "vexo", "cindra", "halmi")
DRUG_ENDS = ("line", "stat", "mab", "dopa", "zole", "pril", "cillin", "fene", "tide", "xaban")
CONDITIONS = (
    ("hypertension", "Hypertension", "Cardiology"),
    ("atrial fibrillation", "Atrial Fibrillation", "Cardiology"),
    ("heart failure", "Heart Failure", "Cardiology"),
    ("asthma", "Asthma", "Respiratory Care"),
    ("chronic bronchitis", "Bronchitis, Chronic", "Respiratory Care"),
    ("migraine", "Migraine Disorders", "Neurology"),
    ("epilepsy", "Epilepsy", "Neurology"),
    ("acute stroke", "Stroke", "Neurology"),
    ("duodenal ulcer", "Duodenal Ulcer", "Gastroenterology"),
    ("ulcerative colitis", "Colitis, Ulcerative", "Gastroenterology"),
    ("type 2 diabetes", "Diabetes Mellitus, Type 2", "Endocrinology"),
    ("hypothyroidism", "Hypothyroidism", "Endocrinology"),
)
PEOPLE = (
    ("older adults", "Aged"),
    ("children", "Child"),
    ("pregnant women", "Pregnancy"),
    ("athletes", "Athletes"),
    ("night-shift workers", "Shift Work Schedule"),
    ("patients in intensive care", "Critical Illness"),
)
DESIGNS = (
    ("a randomized trial", "Randomized Controlled Trial"),
    ("a systematic review", "Systematic Review"),
    ("a case report", "Case Reports"),
    ("a cohort study", "Observational Study"),
    ("a crossover study", "Clinical Trial"),
)
OUTCOMES = ("survival", "quality of life", "length of stay", "symptom scores", "relapse", "adverse events")
LAST_NAMES = ("Abelar", "Brontvik", "Cazimir", "Dolmeyer", "Estrune", "Fjallgren", "Gantoro", "Hexwell", "Ilvane")
FORE_NAMES = ("Ada", "Bo", "Cleo", "Dana", "Eli", "Fay", "Gus", "Hana", "Ivo")
NOTICE = "This record was generated and describes no real study."


def write_synthetic(path: Path, records: int, seed: int = 1) -> None:
    """Write a gzipped PubmedArticleSet of invented records."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(b'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n')
        for number in range(records):
            packed.write(_record(chance, FIRST_PMID + number).encode())
        packed.write(b"</PubmedArticleSet>\n")


def _record(chance: random.Random, pmid: int) -> str:
    drug = chance.choice(DRUG_STARTS) + chance.choice(DRUG_ENDS)
    condition, condition_heading, field = chance.choice(CONDITIONS)
    people, people_heading = chance.choice(PEOPLE)
    design, publication_type = chance.choice(DESIGNS)
    year, month, day = chance.randint(2005, 2024), chance.randint(1, 12), chance.randint(1, 28)
    journal = f"Synthetic Journal of {field}"
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{chance.choice(LAST_NAMES)}</LastName><ForeName>{fore}</ForeName>'
        f"<Initials>{fore[0]}</Initials></Author>"
        for fore in chance.sample(FORE_NAMES, chance.randint(1, 5))
    )
    abstract = "".join(
        f'<AbstractText Label="{label}">{text}</AbstractText>' if label else f"<AbstractText>{text}</AbstractText>"
        for label, text in _abstract(chance, drug, condition, people)
    )
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
<DateRevised><Year>{year}</Year><Month>{month:02}</Month><Day>{day:02}</Day></DateRevised>
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><Volume>{year - 2000}</Volume>\
<Issue>{month}</Issue><PubDate><Year>{year}</Year><Month>{month:02}</Month></PubDate></JournalIssue>\
<Title>{journal}</Title><ISOAbbreviation>Synth J {field}</ISOAbbreviation></Journal>
<ArticleTitle>{drug.capitalize()} for {condition} in {people}: {design}.</ArticleTitle>
<Pagination><MedlinePgn>{pmid % 900 + 1}-{pmid % 9 + 1}</MedlinePgn></Pagination>
<Abstract>{abstract}</Abstract><AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="">Journal Article</PublicationType>\
<PublicationType UI="">{publication_type}</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><MedlineTA>Synth J {field}</MedlineTA></MedlineJournalInfo>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="Y">{condition_heading}</DescriptorName></MeshHeading>\
<MeshHeading><DescriptorName MajorTopicYN="N">{people_heading}</DescriptorName></MeshHeading></MeshHeadingList>
<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N">synthetic record</Keyword></KeywordList>
</MedlineCitation><PubmedData><PublicationStatus>ppublish</PublicationStatus>\
<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
"""


def _abstract(chance: random.Random, drug: str, condition: str, people: str) -> Iterator[tuple[str, str]]:
    outcome, other = chance.sample(OUTCOMES, 2)
    count, change = chance.randint(12, 4_000), chance.randint(1, 60)
    texts = (
        ("BACKGROUND", f"Whether {drug} changes {outcome} of {condition} in {people} is not known."),
        ("METHODS", f"We followed {count} {people} with {condition} who received {drug} or usual care."),
        ("RESULTS", f"With {drug}, {outcome} changed by {change} %; {other} did not differ."),
        ("CONCLUSIONS", f"In {people} with {condition}, {drug} deserves further study. {NOTICE}"),
    )
    if chance.random() < 0.7:
        yield from texts
    else:
        yield "", " ".join(text for _, text in texts)
