"""What commands print: tables and sentences for people, or JSON and nothing else.

Values that came from others are shown without control characters, so that nobody's process
can write escape sequences to an operator's terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from colonies.wire.model import State

STATE_COLOURS = {
    State.WAITING: "yellow",
    State.RUNNING: "cyan",
    State.SUCCESSFUL: "green",
    State.FAILED: "red",
    State.CANCELLED: "dim",
}


class Show:
    """json: print machine-readable JSON on standard output, and nothing else there."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def nouns(self, nouns: Sequence[Any], columns: dict[str, Any], *, empty: str) -> None:
        """Many things: a JSON array, or a table. columns: title → what to show of one."""
        if self.json:
            self.document(nouns)
        elif not nouns:
            self.note(empty)
        else:
            rows = [[_cell(value(noun)) for value in columns.values()] for noun in nouns]
            _print_aligned([[Text(title, style="bold") for title in columns], *rows])

    def fields(self, noun: Any, fields: dict[str, Any]) -> None:
        """One thing: its JSON, or its fields, those that are empty left out."""
        if self.json:
            return self.document(noun)
        rows = []
        for title, value in fields.items():
            if value not in ("", None, [], 0) or value is False:
                titles = [Text(title, style="dim")]
                rows += [[titles.pop() if titles else Text(), line] for line in _cell(value).split("\n")]
        return _print_aligned(rows)

    def document(self, value: Any) -> None:
        """Print one JSON document."""
        print(msgspec.json.format(msgspec.json.encode(value)).decode())

    def event(self, value: Any, line: Text | str) -> None:
        """Print one of a stream: a line of JSON, or a line for people; at once, for it may be a pipe."""
        if self.json:
            print(msgspec.json.encode(value).decode(), flush=True)
        else:
            _console().print(line)
            sys.stdout.flush()

    def value(self, value: Any, text: str) -> None:
        """Print a JSON document, or exactly this text."""
        if self.json:
            self.document(value)
        else:
            print(text)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Show how far something is, in one line that is gone in the end; where there is no terminal, nothing."""
        with Console(stderr=True, highlight=False).status("") as status:
            yield status.update

    def note(self, sentence: str) -> None:
        """Say something to people, where data is not disturbed by it."""
        Console(stderr=True, highlight=False, soft_wrap=True).print(Text(sentence))


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)


def _print_aligned(rows: Sequence[Sequence[Text]]) -> None:
    """Columns as wide as they need to be. A long row is left to the terminal, so that an id can be copied whole."""
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    console = _console()
    for row in rows:
        line = Text("  ").join(
            Text.assemble(cell, " " * (width - cell.cell_len)) for cell, width in zip(row, widths, strict=True)
        )
        line.rstrip()
        console.print(line)


def _cell(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(plain(value))


def lines(text: str) -> Text:
    """Several lines as several lines."""
    return Text("\n".join(map(plain, text.rstrip("\n").split("\n"))))


def plain(value: Any) -> str:
    """One line of text without control characters; what is not a string as JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def shortened(value: Any, *, letters: int = 60) -> str:
    text = plain(value)
    return text if len(text) <= letters else text[: letters - 1] + "…"


def state_text(state: State) -> Text:
    return Text(state.name.lower(), style=STATE_COLOURS[state])


def moment(milliseconds: int) -> str:
    """Local time; empty where there is none yet."""
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(milliseconds: int) -> str:
    """1.24 s, 3 min 05 s, 2 h 07 min"""
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"
