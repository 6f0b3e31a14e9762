"""Parser of workbooks (``.xlsx``, ``.xlsm``): a row is an article.

Hidden sheets, rows and columns are not shown to readers of the workbook, and are left
out. Formulas give the values that were saved with them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from retrieval.reading.claims import web_address
from retrieval.reading.documents.wordpackage import check_declared, zip_faults
from retrieval.reading.pieces import Claims, Parsed, Piece, Refused
from retrieval.reading.records.columns import places
from retrieval.reading.records.record import named_pieces, names_of, raw_json, record_piece
from retrieval.reading.records.tables import header_row, named_cells

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


def refuse_sheet(raw: bytes) -> Parsed:
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
    return header_row([_names(row.cells) for row in islice(_rows(sheet), _HEAD_ROWS)])


def _columns(sheets: Sequence[Any]) -> str:
    for sheet in sheets:
        for row in islice(_rows(sheet), _HEAD_ROWS):
            if sum(map(bool, _names(row.cells))) > 1:
                return names_of(dict.fromkeys(_names(row.cells)))
    return ""


def _rows(sheet: Any) -> Iterator[_SheetRow]:  # noqa: ANN401
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
    rows = _rows(sheet)
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
