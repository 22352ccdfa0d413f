"""Exports everything stored about a person, in files small enough for Discord."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.storage.maintenance.privacy import Rows

NAME = "flipbook-your-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file of an export."""

    name: str
    content: bytes


class Export:
    """Collects rows of tables into one JSON file or, if there are many, into ZIP archives.

    No file is larger than ``most_bytes``. Rows are held compressed, so an export takes no more
    memory than its files.
    """

    def __init__(self, *, most_bytes: int) -> None:
        # An archive takes nothing more once it is half full. Its last piece takes at most a
        # quarter, compressed or not, and its directory far less than the rest.
        self._full = most_bytes // 2
        self._piece = most_bytes // 4
        self._plain: dict[str, list[Mapping[str, Any]]] | None = {}
        self._plain_bytes = 0
        self._archives: list[io.BytesIO] = []
        self._numbers: Counter[str] = Counter()

    def add(self, table: str, rows: Rows) -> None:
        """Add rows of a table; a single row must be far smaller than a file."""
        lines = [json.dumps(row, ensure_ascii=False, indent=2) for row in rows]
        if self._plain is not None:
            self._plain.setdefault(table, []).extend(rows)
            self._plain_bytes += sum(len(line.encode()) for line in lines)
            if self._plain_bytes > self._piece:
                self._plain = None
        for piece in _pieces(lines, self._piece - 100):
            self._numbers[table] += 1
            name = f"{table}-{self._numbers[table]}.json"
            with zipfile.ZipFile(self._archive(), "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, f"[\n{piece}\n]\n")

    def files(self) -> list[ExportFile]:
        """The files of the export."""
        if self._plain is not None:
            text = json.dumps(self._plain, ensure_ascii=False, indent=2)
            return [ExportFile(name=f"{NAME}.json", content=text.encode())]
        return [
            ExportFile(name=f"{NAME}-{number}.zip", content=archive.getvalue())
            for number, archive in enumerate(self._archives, 1)
        ]

    def _archive(self) -> io.BytesIO:
        if not self._archives or self._archives[-1].tell() > self._full:
            self._archives.append(io.BytesIO())
        return self._archives[-1]


def _pieces(lines: Sequence[str], most_bytes: int) -> list[str]:
    """Join lines into texts of at most ``most_bytes`` bytes."""
    pieces, size = list[list[str]](), 0
    for line in lines:
        size += len(line.encode()) + 2
        if not pieces or size > most_bytes:
            pieces.append([])
            size = len(line.encode()) + 2
        pieces[-1].append(line)
    return [",\n".join(piece) for piece in pieces]
