"""All tools, in the order a model reads them."""

from __future__ import annotations

from tools.articles import GET_ARTICLES
from tools.ingest import CANCEL_INGEST, INGEST, INGEST_STATUS
from tools.mesh import LOOKUP_MESH
from tools.related import FIND_RELATED
from tools.search import SEARCH_LITERATURE, SEARCH_LITERATURE_BATCH
from tools.tool import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    SEARCH_LITERATURE,
    SEARCH_LITERATURE_BATCH,
    GET_ARTICLES,
    FIND_RELATED,
    LOOKUP_MESH,
    INGEST,
    INGEST_STATUS,
    CANCEL_INGEST,
)
