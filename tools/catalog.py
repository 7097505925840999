"""All tools, in the order a model reads them."""

from __future__ import annotations

from tools.articles import GET_ARTICLES
from tools.ingest import CANCEL_INGEST, INGEST, INGEST_STATUS
from tools.metrics import GET_METRICS, TRACK_WORKFLOW
from tools.search import SEARCH_LITERATURE
from tools.tool import AnyTool

TOOLS: tuple[AnyTool, ...] = (
    SEARCH_LITERATURE,
    GET_ARTICLES,
    INGEST,
    INGEST_STATUS,
    CANCEL_INGEST,
    GET_METRICS,
    TRACK_WORKFLOW,
)
