"""A program: parse files as one ingest worker does, and tell the CPU time as JSON.

Run in a process of its own, because a worker's set-up changes the whole process.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ingest import worker
from ingest.formats.pubmed_xml import PubmedXml
from ingest.source import unpacked


def main() -> None:
    """Unpack, cut, parse and pack every file named, then parse them with the index's documents; nothing is kept."""
    worker.start()
    reader = PubmedXml()
    articles = 0
    with_documents = 0.0
    started = time.process_time()
    for name in sys.argv[1:]:
        for chunk in reader.split(unpacked(Path(name), lambda _: None)):
            parsed = worker.parse(reader.name, chunk.data, chunk.line, documents=False)
            articles += sum(row.body is not None for row in parsed.rows)
            # Both ways on the same chunk, so that a slow moment of the machine falls on both.
            before = time.process_time()
            worker.parse(reader.name, chunk.data, chunk.line, documents=True)
            with_documents += time.process_time() - before
    whole = time.process_time() - started - with_documents
    sys.stdout.write(json.dumps({"articles": articles, "worker_cpu_s": with_documents, "cpu_s": whole}))


if __name__ == "__main__":
    main()
