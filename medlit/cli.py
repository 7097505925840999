"""The command line: its grammar, and how results and errors reach people and pipes.

People get colour, tables and progress on a terminal; pipes and ``--json`` get clean
JSON on standard output. Everything else goes to standard error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

import msgspec

from medlit import __version__, log
from medlit.errors import MedlitError, UsageError
from medlit.settings import read_log_level

if TYPE_CHECKING:
    from rich.console import Console

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

MAX_LIMIT = 1_000

SCOPES = ("read", "ingest", "emergency", "metrics")

CITATION_STYLES = ("vancouver", "apa", "bibtex", "ris", "nbib", "csl-json")


def parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    main = argparse.ArgumentParser(
        prog="medlit",
        description="A literature library that lives beside the agent: PubMed files in, answers over MCP.",
    )
    main.add_argument("--version", action="version", version=f"medlit {__version__}")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--library", metavar="LOCATION", help="folder of the library (default: MEDLIT_LIBRARY)")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="JSON on standard output, nothing for people")
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, what: str, *, json: bool = True) -> argparse.ArgumentParser:
        parents = [shared, as_json] if json else [shared]
        return commands.add_parser(name, help=what, description=what, parents=parents, allow_abbrev=False)

    serve = command(
        "serve", "Serve the library to agents over MCP: to one on standard input and output, or over HTTP.", json=False
    )
    serve.add_argument("--http", metavar="HOST:PORT", help="listen there; beyond this machine only with tokens")
    serve.add_argument("--processes", type=_whole(1, 64), help="processes that answer HTTP (default: 1)")

    token = command("token", "Make, list and revoke tokens for serve --http.")
    token.add_argument("action", choices=("new", "list", "revoke"))
    token.add_argument("name", nargs="?", metavar="NAME", help="what a token is called; the place it is for, no person")
    token.add_argument("--scope", action="append", choices=SCOPES, help="may be repeated (default: read)")
    token.add_argument("--days", type=_whole(1, 3_650), help="until it expires (default: 365)")

    ingest = command("ingest", "Load files into the library.")
    ingest.add_argument("paths", nargs="+", metavar="PATH", help="a file, or a folder of files")
    ingest.add_argument("--workers", type=_whole(1, 256), help="parser processes (default: MEDLIT_WORKERS)")
    ingest.add_argument("--events", action="store_true", help=argparse.SUPPRESS)  # for the server, see ingest.jobs

    sync = command("sync", "Fetch NLM's files and load what the library lacks.")
    sync.add_argument("what", choices=("baseline", "updates", "mesh"), help="all of PubMed; what came since; MeSH")
    sync.add_argument("--max-files", type=_whole(1, 1_000_000), metavar="N", help="load N files at most")
    sync.add_argument("--mirror", metavar="URL", help="another server (default: MEDLIT_NLM_URL, MEDLIT_MESH_URL)")
    sync.add_argument("--keep", metavar="FOLDER", help="keep the files there (default: delete each once it is loaded)")
    sync.add_argument("--workers", type=_whole(1, 256), help="parser processes (default: MEDLIT_WORKERS)")
    sync.add_argument("--events", action="store_true", help=argparse.SUPPRESS)  # for the server, see ingest.jobs

    search = command("search", "Search the library.")
    search.add_argument("query", help="plain words, the best matches first; or PubMed's query language")
    search.add_argument("--limit", type=_whole(1, MAX_LIMIT), default=10, help="hits to show (default: 10)")
    search.add_argument("--cursor", help="next_cursor of the page before, with everything else as it was")
    search.add_argument("--sort", choices=("relevance", "newest"), default="relevance")
    search.add_argument("--author", help="last name and initials, as in PubMed: 'Smith JA'")
    search.add_argument("--journal", help="title, abbreviation or ISSN")
    search.add_argument("--mesh", help="a MeSH heading")
    search.add_argument("--publication-type", help="for example 'Review'")
    search.add_argument("--language", help="three-letter code, for example 'eng'")
    search.add_argument("--year-from", type=_whole(0, 9999), metavar="YEAR")
    search.add_argument("--year-to", type=_whole(0, 9999), metavar="YEAR")
    search.add_argument("--exclude-retracted", action="store_true", help="leave retracted articles out")
    search.add_argument(
        "--no-term-mapping", action="store_true", help="take untagged words as they stand, without MeSH"
    )

    related = command("related", "Find articles like one, articles that cite it, or its references.")
    related.add_argument("pmid", type=_whole(1, 999_999_999), metavar="PMID", help="the article to start from")
    related.add_argument("--relation", choices=("similar", "cited_by", "references"), default="similar")
    related.add_argument("--limit", type=_whole(1, MAX_LIMIT), default=10, help="articles to show (default: 10)")
    related.add_argument("--cursor", help="next_cursor of the page before, with everything else as it was")

    mesh = command("mesh", "Look a term up in MeSH: headings, their terms and places, and the articles about them.")
    mesh.add_argument("term", help="a heading, an entry term or an identifier: 'heart attack', D009203")

    get = command("get", "Show whole records.")
    get.add_argument("ids", nargs="+", metavar="ID", help="PMID, DOI or PMCID")

    cite = command("cite", "Write references from records.")
    cite.add_argument("ids", nargs="+", metavar="ID", help="PMID, DOI or PMCID")
    cite.add_argument("--style", choices=CITATION_STYLES, default="vancouver", help="default: vancouver")

    verify = command("verify", "Check whether citations exist and are what they say.")
    verify.add_argument(
        "file", nargs="?", metavar="FILE", help="JSON lines with any of the fields below; - is standard input"
    )
    verify.add_argument("--pmid", type=_whole(1, 999_999_999), help="PMID")
    verify.add_argument("--doi", help="DOI, with or without its resolver's address")
    verify.add_argument("--title", help="title, with or without its subtitle")
    verify.add_argument("--author", help="one or all, in any style")
    verify.add_argument("--year", type=_whole(1000, 9999), metavar="YEAR")
    verify.add_argument("--journal", help="title, abbreviation or ISSN")

    status = command("status", "Show what the library holds.")
    status.add_argument("--vanished", action="store_true", help="list PMIDs that NLM's newest year left out")
    status.add_argument("--files", action="store_true", help="list every file of the ledger")

    command("phi-check", "Tell of each line of standard input whether it would be kept from going out, and why.")
    return main


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; exits with code 2 when it is wrong."""
    return parser().parse_args(arguments)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}")
        return int(text)

    return number


def run(arguments: argparse.Namespace, command: Callable[[argparse.Namespace], int]) -> int:
    """Run a command; planned errors become one line on standard error."""
    try:
        log.install(read_log_level(os.environ))
        return command(arguments)
    except UsageError as error:
        complain(str(error))
        return USAGE
    except MedlitError as error:
        complain(str(error))
        return FAILED
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does; the interpreter must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED


def complain(message: str) -> None:
    """An error or warning, for people, on standard error."""
    _write(sys.stderr, f"medlit: {message}\n")


def emit(value: object) -> None:
    """One JSON value on a line of standard output."""
    _write(sys.stdout, msgspec.json.encode(value).decode() + "\n")


def emit_text(text: str) -> None:
    """A document, as it is, on standard output."""
    _write(sys.stdout, text)


def wants_json(arguments: argparse.Namespace) -> bool:
    """Whether output is for a program: ``--json``, or standard output is no terminal."""
    return bool(arguments.json) or not sys.stdout.isatty()


def console(*, errors: bool = False) -> Console:
    """A rich console; loaded late because it costs more than most commands."""
    from rich.console import Console

    return Console(stderr=errors, highlight=False)


def plain(text: str) -> str:
    """Text from records, with nothing in it that rich would take for markup."""
    from rich.markup import escape

    return escape(text)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def unreachable(command: object) -> NoReturn:
    """A command that the grammar does not have."""
    raise UsageError(f"There is no command {command!r}.")
