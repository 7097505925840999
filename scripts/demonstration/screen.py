"""How the demo looks."""

from __future__ import annotations

import json
import shlex
import textwrap
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tools.results import ArticleResult, Hit, SearchResult

from .questions import Question

WIDEST = 100
SECTION_LINES = 3
NLM_FILES = "https://ftp.ncbi.nlm.nih.gov/pubmed/"


class Screen:
    """The demo's side of the terminal; plain text when there is none."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.width = min(self.console.width, WIDEST)

    def start(self) -> None:
        """The headline."""
        self.console.print("\n[bold]medlit[/bold]  [dim]a literature library that lives beside the agent[/dim]\n")

    def fact(self, name: str, text: str) -> None:
        """A line about a step that is done; ``text`` may have markup."""
        grid = Table.grid(padding=(0, 2), expand=False)
        grid.add_row(f"[green]✓[/green] [bold]{name:6}[/bold]", text)
        self.console.print(grid, width=self.width)

    def problem(self, text: str) -> None:
        """What went wrong."""
        self.console.print(Text.assemble(("✗ ", "bold red"), text), soft_wrap=True)

    def answer(self, question: Question, result: SearchResult, seconds: float, *, cold: bool) -> None:
        """A question, how long it took, and the best hits."""
        self._asked(question.query, question.filters, seconds, cold=cold)
        for hit in result.hits:
            self._hit(hit)
        left = result.total - len(result.hits)
        if not result.hits:
            self.console.print("  [dim]nothing in this library[/dim]")
        elif left > 0:
            self.console.print(f"  [dim]and {left:,} more[/dim]")

    def article(self, article: ArticleResult, seconds: float) -> None:
        """An article's sections."""
        self._asked(f"get_articles {article.pmid}", "", seconds)
        self._indented(Text(article.title or "[no title]", "bold"))
        place = " · ".join(filter(None, (", ".join(article.authors[:3]), article.journal, article.publication_date)))
        self._indented(Text(place, "dim"))
        for section in article.abstract:
            label = "" if section.label in (None, "UNLABELLED") else f"{section.label}  "
            lines = textwrap.wrap(label + section.text, self.width - 4, max_lines=SECTION_LINES, placeholder=" …")
            text = Text("\n".join(f"    {line}" for line in lines))
            text.stylize("cyan", 4, 4 + len(label))
            self.console.print(text)

    def refusal(self, call: str, text: str, seconds: float) -> None:
        """A call that was wrong, and what it got."""
        self._asked(call, "", seconds)
        self._indented(Text(text, "red"))

    def go_on(self, command: Path, file: Path | None) -> None:
        """How to use medlit from here."""
        host = {"mcpServers": {"medlit": {"command": str(command), "args": ["serve"]}}}
        self.console.print("\n[bold]Go on[/bold]")
        self._step("Load it, or files of your own, into your library:")
        self._paste(f"{shlex.quote(str(command))} ingest {shlex.quote(str(file)) if file else 'FILE…'}")
        self._step("Give your agent the library: paste this into the MCP configuration of Claude, Cursor and others")
        self._step('(VS Code says "servers" for "mcpServers"):')
        self._paste(json.dumps(host))
        self._step("All of PubMed is free: files in the folders baseline/ and updatefiles/ of")
        self._paste(NLM_FILES)
        self.console.print()

    def _asked(self, words: str, filters: str, seconds: float, *, cold: bool = False) -> None:
        grid = Table.grid(expand=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        asked = Text.assemble(("❯ ", "bold cyan"), (words, "bold cyan"), (f"  {filters}" if filters else "", "cyan"))
        grid.add_row(asked, Text(f"{'first call, cold: ' if cold else ''}{seconds * 1000:.1f} ms", "green"))
        self.console.print()
        self.console.print(grid, width=self.width)

    def _hit(self, hit: Hit) -> None:
        title = Text.assemble("  ", ("RETRACTED  ", "bold red") if hit.retracted else "", hit.title or "[no title]")
        self.console.print(title, width=self.width, no_wrap=True, overflow="ellipsis")
        place = " ".join(str(part) for part in (hit.journal, hit.year) if part)
        self.console.print(f"  [dim]{escape(place)} · PMID {hit.pmid}[/dim]")

    def _indented(self, text: Text) -> None:
        self.console.print(Padding(text, (0, 0, 0, 2)), width=self.width)

    def _step(self, text: str) -> None:
        self.console.print(f"  {text}", soft_wrap=True, markup=False)

    def _paste(self, text: str) -> None:
        """Text to copy: never broken into lines by us."""
        self.console.print(Text(textwrap.indent(text, "    "), "cyan"), soft_wrap=True)
