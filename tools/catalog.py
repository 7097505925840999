"""All tools, in the order a model reads them."""

from __future__ import annotations

from tools.articles import GET_ARTICLES
from tools.cite import FORMAT_CITATIONS
from tools.ingest import CANCEL_INGEST, INGEST, INGEST_STATUS
from tools.mesh import LOOKUP_MESH
from tools.metrics import GET_METRICS, TRACK_WORKFLOW
from tools.privacy import CHECK_PHI
from tools.related import FIND_RELATED
from tools.search import SEARCH_LITERATURE, SEARCH_LITERATURE_BATCH
from tools.tool import AnyTool
from tools.verify import VERIFY_CITATIONS

TOOLS: tuple[AnyTool, ...] = (
    SEARCH_LITERATURE,
    SEARCH_LITERATURE_BATCH,
    GET_ARTICLES,
    FIND_RELATED,
    VERIFY_CITATIONS,
    LOOKUP_MESH,
    FORMAT_CITATIONS,
    INGEST,
    INGEST_STATUS,
    CANCEL_INGEST,
    GET_METRICS,
    TRACK_WORKFLOW,
    CHECK_PHI,
)
