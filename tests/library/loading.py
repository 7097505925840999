"""Records and descriptors straight into a library, without files."""

from __future__ import annotations

from collections.abc import Sequence

from medlit.library.codec import pack
from medlit.library.library import Library
from medlit.library.query import Filters, Search
from medlit.library.store import MeshRow, SourceFile, StagedRow
from medlit.library.winner import mesh_release_of
from medlit.mesh import Descriptor
from medlit.record import Article


async def load(library: Library, name: str, *articles: Article, deleted: Sequence[int] = ()) -> None:
    """Load records as a file of this name."""
    rows = [StagedRow(place, article.pmid, 1, 20200101, pack(article)) for place, article in enumerate(articles)]
    rows += [StagedRow(len(rows) + place, pmid, 1, 0, None) for place, pmid in enumerate(deleted)]
    async with library.store.loading(SourceFile(name, name, 1, name, None), "test") as loading:
        await loading.stage(rows, [])
        await loading.finish()


async def load_mesh(library: Library, name: str, descriptors: Sequence[Descriptor]) -> None:
    """Load descriptors as a file of this name."""
    rows = [MeshRow(each.ui, each.name, pack(each)) for each in descriptors]
    source = SourceFile(name, name, 1, f"{name}{len(rows)}", mesh_release_of(name))
    async with library.store.loading(source, "mesh-xml") as loading:
        await loading.stage_mesh(rows)
        await loading.finish()


async def pmids(library: Library, query: str = "", **filters: object) -> list[int]:
    """The PMIDs that a search finds, in its order."""
    wanted = Search(query=query, filters=Filters(**filters))  # pyright: ignore  # the names are the test's
    return [hit.article.pmid for hit in (await library.search(wanted)).hits]
