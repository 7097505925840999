"""``medlit serve --http``: from the command line to a listening server."""

from __future__ import annotations

from functools import partial

from medlit import cli
from medlit.settings import Settings
from server.http.listening import check, hosts, listen, read_place
from server.http.processes import serve_in_processes
from server.http.serve import serve
from server.lanes import loop


def run_http(where: str, processes: int, settings: Settings) -> None:
    """Serve over HTTP until a signal comes.

    Raises:
        UsageError: it is not safe or not possible to listen there.
    """
    place = read_place(where)
    check(place, settings)
    with listen(place) as listening:
        place = place._replace(port=listening.getsockname()[1])
        cli.complain(f"listening on http://{place.host}:{place.port}")
        if processes == 1:
            loop.run(partial(serve, settings, listening, hosts(place, settings)))
        else:
            serve_in_processes(processes, settings, listening, hosts(place, settings))
