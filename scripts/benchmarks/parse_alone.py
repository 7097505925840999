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
    """Unpack, cut, parse and pack every file named; nothing is kept."""
    worker.start()
    reader = PubmedXml()
    articles = 0
    parsing = 0.0
    started = time.process_time()
    for name in sys.argv[1:]:
        for chunk in reader.split(unpacked(Path(name), lambda _: None)):
            before = time.process_time()
            parsed = worker.parse(reader.name, chunk.data, chunk.line)
            parsing += time.process_time() - before
            articles += sum(row.body is not None for row in parsed.rows)
    whole = time.process_time() - started
    sys.stdout.write(json.dumps({"articles": articles, "worker_cpu_s": parsing, "cpu_s": whole}))


if __name__ == "__main__":
    main()
