"""The winner rule, as laws."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from medlit.library.winner import Claim, Release, Row, last_word, release_of, winner

releases = st.builds(Release, st.integers(2019, 2022), st.integers(1, 4))
claims = st.lists(
    st.builds(
        Claim,
        file_id=st.integers(1, 10_000),
        release=st.none() | releases,
        revised=st.sampled_from([0, 20190101, 20200101, 20200102, 20210505]),
        pmid_version=st.integers(1, 3),
        deleted=st.booleans(),
        digest=st.binary(min_size=2, max_size=2),
    ),
    min_size=1,
    max_size=8,
    # The ledger has one line a release, and content of other sources is told apart by its digest.
    unique_by=lambda claim: claim.release or claim.digest,
)


@given(claims, st.randoms())
def test_the_order_of_claims_does_not_matter(some: list[Claim], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # pyright: ignore  # hypothesis gives a random.Random
    assert winner(shuffled) == winner(some)


@given(claims)
def test_repeating_claims_does_not_matter(some: list[Claim]) -> None:
    assert winner(some + some) == winner(some)


@given(claims)
def test_among_nlm_files_the_latest_release_wins(some: list[Claim]) -> None:
    nlm = [claim for claim in some if claim.release]
    if nlm:
        assert winner(nlm).release == max(claim.release for claim in nlm if claim.release)


@given(claims)
def test_another_source_wins_only_by_a_later_revision(some: list[Claim]) -> None:
    best = winner(some)
    nlm = [claim for claim in some if claim.release]
    if nlm and best.release is None:
        assert best.revised > winner(nlm).revised


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=8))
def test_a_deletion_beats_what_stands_before_it_and_loses_to_what_stands_after(said: list[tuple[int, bool]]) -> None:
    rows = [Row(position, version, deleted) for position, (version, deleted) in enumerate(said)]
    last = last_word(reversed(rows))
    last_deletion = max((row.position for row in rows if row.deleted), default=-1)
    after = [row for row in rows if row.position > last_deletion]
    if after:
        assert (last.pmid_version, last.position) == max((row.pmid_version, row.position) for row in after)
    else:
        assert last == rows[last_deletion]


def test_releases_are_read_from_names() -> None:
    assert release_of("pubmed20n0014.xml.gz") == (2020, 14)
    assert release_of("medline99n0001.xml") == (1999, 1)
    assert release_of("PUBMED26N1298.XML.GZ") == (2026, 1298)
    assert release_of("pubmed20n0014_extract.xml") is None
    assert release_of("my-pubmed20n0014.xml.gz") is None
