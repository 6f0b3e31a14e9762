"""Tables as text: CSV in the dialects that spreadsheets, databases and people write.

The delimiter and the row of headings are found by the names of columns that are known. Rows are
read strictly; one that breaks the rules is read with more tolerance, and only believed when it
then has as many cells as there are columns.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, NoReturn

from retrieval.reading.claims import has_text, known_count, places
from retrieval.reading.documents.wordpackage import check_declared, zip_faults
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.records.record import named_pieces, names_of, raw_json, record_piece
from retrieval.text.addresses import web_address

_DELIMITERS = ",;\t|"
_HEAD_LINES = 12  # titles and blank lines that may stand above the headings
_DECLARED = re.compile(r"\ufeff?[\"']?sep=(.)[\"']?;*\s*", re.IGNORECASE)
_MAX_ROW_LINES = 500  # of a row that has to be mended
_MAX_LOOKED_AHEAD = 100_000  # lines of a file, for all such rows
_MAX_TRIES = 50
_FIELD_LIMIT = "field limit"  # how csv words a cell that is too long


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line where it begins, and its cells; of a broken one, why."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Headings:
    """The head of a table.

    Args:
        names: of the columns, as written.
        delimiter: between cells.
        lines: how many lines the head takes, that of the names included.
        wrapped: each line is one quoted cell, as a spreadsheet saves a CSV that it took for text.
    """

    names: tuple[str, ...]
    delimiter: str
    lines: int
    wrapped: bool = False


def csv_table(lines: Iterable[str]) -> tuple[Headings, Iterator[TableRow]]:
    """The headings and the rows of a CSV file; rows that repeat the headings are passed over."""
    source = iter(lines)
    head = list(islice(source, _HEAD_LINES))
    found = find_headings(head)
    feed = _Lines(source, found)
    feed.give_back([feed.unwrapped(line) for line in head[found.lines :]])
    feed.number = found.lines
    return found, _rows(feed, found)


def find_headings(head: Sequence[str]) -> Headings:
    """The headings among the first lines: where most columns are known, one of text above all."""
    declared = next((m[1] for line in head[:1] if (m := _DECLARED.fullmatch(line))), "")
    first = 1 if declared else 0
    guesses = [
        _guess(line, number, delimiter, wrapped=wrapped)
        for number, line in enumerate(head[first:], start=first + 1)
        if line.strip("\ufeff \r\n\t;,|")
        for delimiter in (declared or _DELIMITERS)
        for wrapped in (False, True)
    ]
    # Without a known column, the headings are the first line that is not blank.
    return max(guesses, key=_likeliness, default=Headings((), ",", len(head)))


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the row of headings among the first rows: one with a column of text."""
    known = [(known_count(tuple(row)), -number) for number, row in enumerate(rows)
             if has_text(tuple(row))]  # fmt: skip
    return -max(known)[1] if known else None


def named_cells(names: Sequence[str], cells: Sequence[object]) -> dict[str, object]:
    """The cells of a row by column; of two columns of one name, the first that is filled."""
    found: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=False):
        if name and found.get(name) in (None, ""):
            found[name] = cell
    return found


def _guess(line: str, number: int, delimiter: str, *, wrapped: bool) -> Headings:
    cells = _cells(line.lstrip("\ufeff"), delimiter)
    if wrapped:
        cells = _cells(cells[0], delimiter) if len(cells) == 1 else []
    names = tuple(" ".join(cell.split()) for cell in cells)
    return Headings(names, delimiter, number, wrapped)


def _likeliness(guess: Headings) -> tuple[bool, int, int, int]:
    names = guess.names
    return has_text(names), known_count(names), -guess.lines, len(names) - guess.wrapped


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a line end of another system within a line, a cell over the limit
        return _loose_cells(line, delimiter) or []


class _Lines:
    """Lines that can be given back, and those that the row under way has taken."""

    def __init__(self, lines: Iterator[str], headings: Headings) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self._headings = headings
        self._spare = _MAX_LOOKED_AHEAD
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self.unwrapped(next(self._lines))
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        """Read these lines once more."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)

    def spared(self) -> int:
        """The number of further lines that may be read to mend a row."""
        return min(_MAX_ROW_LINES, self._spare)

    def ahead(self, max_lines: int) -> Iterator[str]:
        """The lines taken after the first, then those to come."""
        for number in range(1, max_lines):
            if number >= len(self.taken):
                self._spare -= 1
                if next(self, None) is None:
                    return
            yield self.taken[number]

    def unwrapped(self, line: str) -> str:
        """A line without the quotes around the whole of it, where all lines have them."""
        if not self._headings.wrapped:
            return line
        cells = _cells(line, self._headings.delimiter)
        return f"{cells[0]}\n" if len(cells) == 1 else line


def _rows(lines: _Lines, headings: Headings) -> Iterator[TableRow]:
    while True:
        # Strict: a stray quote is noticed, where a lenient parser would change the text.
        for row in _strict_rows(lines, headings):
            if row.problem:
                yield from _mended(lines, row, headings)
                if _FIELD_LIMIT in row.problem and not lines.taken:
                    return  # a quote was never closed: what follows is the inside of a cell
                break
            if tuple(map(str.strip, row.cells)) != headings.names:
                yield row
        else:
            return


def _strict_rows(lines: _Lines, headings: Headings) -> Iterator[TableRow]:
    """Rows up to the first that breaks the rules, which is returned with its problem."""
    reader = csv.reader(lines, delimiter=headings.delimiter, strict=True)
    while True:
        lines.taken.clear()
        line = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield TableRow(line, (), str(error))
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield TableRow(line, tuple(cells))


def _mended(lines: _Lines, broken: TableRow, headings: Headings) -> Iterator[TableRow]:
    """A broken row read with tolerance, or its problem; lines that are rows are given back."""
    taken = list(lines.taken)
    for read in (_loose_cells, _unquoted_cells):
        cells = read(taken[0], headings.delimiter)
        if cells and len(cells) == len(headings.names):
            lines.give_back(taken[1:])
            yield TableRow(broken.line, tuple(cells))
            return
    cells, rest = _over_lines(lines, broken, headings)
    lines.give_back(rest)
    lines.taken[:] = rest
    yield TableRow(broken.line, tuple(cells), "" if cells else broken.problem)


def _over_lines(
    lines: _Lines, broken: TableRow, headings: Headings
) -> tuple[list[str], Sequence[str]]:
    """The cells of a row over several lines, and the lines that are not of it."""
    consumed = len(lines.taken)
    more = 0 if _FIELD_LIMIT in broken.problem else lines.spared()
    text, tries = lines.taken[0], 0
    for number, line in enumerate(lines.ahead(consumed + more), start=1):
        if _is_row(line, headings):
            return [], lines.taken[number:]
        text += line
        if '"' in line and number < _MAX_ROW_LINES and tries < _MAX_TRIES:
            tries += 1
            cells = _loose_cells(text, headings.delimiter)
            if cells and len(cells) == len(headings.names):
                return cells, lines.taken[number + 1 :]
    return [], lines.taken[consumed:]


def _is_row(line: str, headings: Headings) -> bool:
    if len(headings.names) < 2 or headings.delimiter not in line:
        return False
    try:
        cells = next(csv.reader([line], delimiter=headings.delimiter, strict=True), [])
    except csv.Error:
        return False
    return len(cells) == len(headings.names)


def _loose_cells(text: str, delimiter: str) -> list[str] | None:
    """Cells of which a quote ends a quoted one only before a delimiter or the end.

    Returns:
        the cells, or None when a quoted one does not end.
    """
    # Of a run of quotes, pairs stand for one quote each; one that is escaped ends nothing.
    closing = re.compile(rf'(?<!["\\])(?:"")*"(?={re.escape(delimiter)}|\Z)')
    text = text.rstrip("\r\n")
    cells: list[str] = []
    at = 0
    while True:
        if text.startswith('""', at) and text[at + 2 : at + 3] in ("", delimiter):
            cells.append("")
            at += 2
        elif text.startswith('"', at):
            end = closing.search(text, at + 1)
            if end is None:
                return None
            inside = text[at + 1 : end.end() - 1]
            cells.append(inside.replace('\\"', '"').replace('""', '"'))
            at = end.end()
        else:
            end_at = text.find(delimiter, at)
            cells.append(text[at : end_at if end_at >= 0 else len(text)])
            at = end_at if end_at >= 0 else len(text)
        if at >= len(text):
            return cells
        at += 1


def _unquoted_cells(line: str, delimiter: str) -> list[str] | None:
    """Cells in which quotes are only quotes; None when one of them opens a quoted cell."""
    cells = line.rstrip("\r\n").split(delimiter)
    return None if any(cell.startswith('"') and cell.count('"') % 2 for cell in cells) else cells


# --- workbooks -----------------------------------------------------------------------------------
# A row is an article. Hidden sheets, rows and columns are not shown to readers of the workbook, and
# are left out. Formulas give the values that were saved with them.

_HEAD_ROWS = 12
_BROKEN = "#"  # how an error of a formula begins: ``#REF!``


@dataclass(frozen=True, slots=True)
class _SheetRow:
    """A row of cells, and whether it is hidden."""

    cells: Sequence[Any]
    hidden: bool


def parse_xlsx(file: BinaryIO) -> Iterator[Piece]:
    """Parse a workbook: one piece a row of each visible sheet that has a column of text.

    Raises:
        Refused: a password is needed, it would grow too large, or no sheet has such a column.
    """
    _check_size(file)
    import openpyxl

    workbook = openpyxl.load_workbook(file, data_only=True, keep_links=False)
    shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    for sheet in workbook.worksheets:
        if sheet not in shown:
            yield Piece("", Claims("record"), f"sheet-{sheet.title}", left_out="hidden")
    tables = [(sheet, head) for sheet in shown if (head := _head(sheet)) is not None]
    if not tables:
        raise Refused("missing_column", _columns(shown))
    yield from named_pieces(piece for sheet, head in tables for piece in _sheet_pieces(sheet, head))


def refuse_sheet(raw: bytes) -> NoReturn:
    """Refuse a workbook of another kind.

    Raises:
        Refused: always.
    """
    raise Refused("foreign_sheet" if raw else "empty")


def _check_size(file: BinaryIO) -> None:
    with zip_faults(), zipfile.ZipFile(file) as package:
        parts = package.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password")
    check_declared(parts)
    file.seek(0)


def _head(sheet: Any) -> int | None:  # noqa: ANN401 - a sheet of openpyxl
    return header_row([_names(row.cells) for row in islice(_sheet_rows(sheet), _HEAD_ROWS)])


def _columns(sheets: Sequence[Any]) -> str:
    for sheet in sheets:
        for row in islice(_sheet_rows(sheet), _HEAD_ROWS):
            if sum(map(bool, _names(row.cells))) > 1:
                return names_of(dict.fromkeys(_names(row.cells)))
    return ""


def _sheet_rows(sheet: Any) -> Iterator[_SheetRow]:  # noqa: ANN401
    hidden = {
        number
        for column in sheet.column_dimensions.values()
        if column.hidden
        for number in range(column.min or 0, (column.max or 0) + 1)
    }
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [cell for place, cell in enumerate(row, start=1) if place not in hidden]
        dimension = sheet.row_dimensions.get(number)
        yield _SheetRow(cells, dimension is not None and bool(dimension.hidden))


def _names(cells: Sequence[Any]) -> tuple[str, ...]:
    return tuple(
        " ".join(cell.value.split()) if isinstance(cell.value, str) else "" for cell in cells
    )


def _sheet_pieces(sheet: Any, head: int) -> Iterator[Piece]:  # noqa: ANN401
    rows = _sheet_rows(sheet)
    names = _names(next(islice(rows, head, None)).cells)
    links = set(places(names)["url"])
    for row in rows:
        pairs = zip(names, row.cells, strict=False)
        cells = [_value(cell, is_link=name in links) for name, cell in pairs]
        if not any(cell not in (None, "") for cell in cells) or _names(row.cells) == names:
            continue
        try:
            values = named_cells(names, cells)
            piece = replace(record_piece(values, table=True), raw=raw_json(values))
        except Refused as error:
            piece = Piece("", Claims("record"), problem=error.reason, detail=error.detail)
        yield replace(piece, left_out="hidden") if row.hidden else piece


def _value(cell: Any, *, is_link: bool) -> object:  # noqa: ANN401 - a cell of openpyxl
    """The value of a cell: of a link that is called "here", where it leads."""
    value: object = cell.value
    if isinstance(value, str) and value.startswith(_BROKEN) and cell.data_type == "e":
        return ""
    target = cell.hyperlink.target if is_link and cell.hyperlink else None
    if target and not (isinstance(value, str) and web_address(value)):
        return str(target)
    return value
