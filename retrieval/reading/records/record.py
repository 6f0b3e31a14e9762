"""A record of an export: from names and values to the piece of an article."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from config import data
from retrieval.reading.claims import (
    COLUMNS,
    candidates,
    claims_from,
    folded,
    has_text,
    is_zero,
    known_names,
    plain_value,
    word_set,
)
from retrieval.reading.pages.markup import title_in
from retrieval.reading.pages.snippets import html_field
from retrieval.reading.pieces import Claims, Extract, Piece
from retrieval.reading.records.richtext import prose_of
from retrieval.reading.text.mending import named_characters
from retrieval.text.addresses import web_address

_MAX_WRAPPERS = 3
_CLAIMED = ("title", "published", "outlet", "author", "url", "language")
_SHOWN_NAMES = 30
_MARK_CHARS = 40  # "[Removed]"
_NAME_CHARS = 40
_CUT = re.compile(r"\s{0,9}\[\+\d{1,7} (?:chars?|characters|caractères|words|mots)\]\s{0,9}$")
_PAGE = re.compile(r"\s{0,99}(?:<\?xml[^<>]{0,200}\?>\s{0,99})?<(?:!doctype\s+html|html)\b", re.I)
# A tag, what may be read as one, in plain or escaped for JSON; a name of a field of Markdown.
_SIGNS = ("<", "&", "\\u00", "arkdown", "ARKDOWN")
_MARKED = re.compile(r"<|&(?:lt|amp|nvlt|#)|\\u003c|\\u0026|markdown", re.IGNORECASE)


def parse_record(raw: bytes) -> tuple[Piece, ...]:
    """Parse one record: a JSON list of its object and whether it is a row of a table.

    Raises:
        Refused: its text is a page that gives no article.
    """
    values, table = json.loads(raw)
    return (record_piece(values, table=table),)


def is_harmless(raw: str) -> bool:
    """Whether a record, as JSON, holds nothing that needs a parser of HTML or Markdown."""
    # Most records hold none of these signs, which is faster to see than that a pattern fails.
    return not any(sign in raw for sign in _SIGNS) or _MARKED.search(raw) is None


def record_piece(
    record: Mapping[str, object], about: Claims | None = None, *, table: bool = False
) -> Piece:
    """The article of a record, or why there is none; its name is its id, or ``""``.

    Args:
        record: by name, as the export writes the names.
        about: what the export says of all its records.
        table: whether it is a row, whose dates may be numbers.

    Raises:
        Refused: its text is a page that gives no article.
    """
    fields = _unwrapped(record)
    claims = claims_from(fields, "record", created=True, serials=table)
    if any("&" in line or "<" in line for line in (claims.title, claims.outlet, claims.author)):
        claims = replace(
            claims,
            title=_one_line(claims.title),
            outlet=_one_line(claims.outlet),
            author=_name_in(claims.author),
        )
    name = next((line for _, v in candidates(fields, "id") if (line := plain_value(v))), "")
    body = _body(fields)
    claims = _with_silences_filled(claims, body.claims, about)
    text, removed = _whole(body.text, body.removed)
    if claims.title and len(text) <= _MARK_CHARS and _is_taken_back(claims.title, text):
        return Piece("", claims, name, left_out="trashed")
    kept = _kept_out(fields, has_text=bool(text.strip()))
    if kept and not kept.until:
        return Piece("", claims, name, removed, left_out=kept.reason, detail=kept.detail)
    # What waits for a time is read as the others are: the time may have come.
    reason, until = (kept.reason, kept.until) if kept else ("", "")
    if not text.strip():
        known = has_text(tuple(map(str, fields)))
        problem, detail = ("no_text", "") if known else ("no_text_field", names_of(fields))
        return Piece("", claims, name, problem=problem, detail=detail, left_out=reason, until=until)
    return Piece(text, claims, name, removed, left_out=reason, until=until)


def _is_taken_back(title: str, text: str) -> bool:
    """Whether a news service wrote its mark of a withdrawal in the place of an article."""
    return {folded(title), folded(text)} <= word_set("status", "taken_back")


def _kept_out(fields: Mapping[str, object], *, has_text: bool) -> Withheld | None:
    """The reason for leaving a record out; a scheduled one may be of another kind as well."""
    kept = withheld(fields)
    if kept and not kept.until:
        return kept
    return of_another_kind(fields, has_text=has_text) or kept


def _whole(text: str, removed: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A text without the mark of a news service that cut it, ``[+2345 chars]``, and the report."""
    cut = _CUT.search(text)
    if cut is None:
        return text, removed
    return text[: cut.start()].rstrip(), (*removed, f"cut short: {cut[0].strip()}")


def named_pieces(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Pieces under names that stay when the file is read again: ids, else title and date."""
    seen: set[str] = set()
    for number, piece in enumerate(pieces, start=1):
        claims = piece.claims
        name = piece.name
        if not name and claims.title:
            name = hashlib.sha256(f"{claims.title}\n{claims.published}".encode()).hexdigest()[:12]
        if not name or name in seen:
            name = f"{name}-{number}" if name else str(number)
        seen.add(name)
        yield replace(piece, name=name)


def names_of(fields: Mapping[str, object]) -> str:
    """The names of some columns or keys, for a message: ``titre, resume, lien``."""
    names = [" ".join(str(name).split())[:_NAME_CHARS] for name in fields]
    shown = [name for name in names if name][:_SHOWN_NAMES]
    return ", ".join(shown) + (", …" if len(names) > _SHOWN_NAMES else "")


def raw_json(record: object) -> str:
    """A record as it is stored; values that JSON does not have become texts.

    Raises:
        RecursionError: it is nested too deeply.
    """
    text = json.dumps(record, ensure_ascii=False, default=_in_json)
    return text.encode("utf-8", "replace").decode()


def _in_json(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _unwrapped(record: Mapping[str, object]) -> Mapping[str, object]:
    """A record without the objects that only wrap it, such as ``_source``."""
    for _ in range(_MAX_WRAPPERS):
        if any(_is_text(value) for _, value in candidates(record, "text")):
            return record
        wrappers = (record.get(key) for key in known_names()["shape"]["wrapper"])
        inner = next((value for value in wrappers if isinstance(value, Mapping)), None)
        if inner is None:
            return record
        record = {**record, **inner}
    return record


def _is_text(value: object) -> bool:
    if isinstance(value, Mapping):  # `article` may be the text, or the record in a wrapper
        return not has_text(tuple(map(str, value))) or not _is_titled(value)
    return isinstance(value, str | list)


def _is_titled(value: Mapping[str, object]) -> bool:
    return bool(candidates(value, "title"))


def _body(fields: Mapping[str, object]) -> Piece:
    """The first field of text that holds one, with the standfirst before it."""
    short = _silent(Extract(""))
    for field in ("text", "last_text"):
        for key, value in candidates(fields, field):
            body = _read(key, value)
            text = body.text.strip()
            if any(mark in text for mark in " \n\u00a0"):
                return _with_standfirst(fields, body)
            if text and not short.text and not web_address(text):
                short = body
    return _with_standfirst(fields, short)


def _read(key: str, value: object) -> Piece:
    """The text of a field; of a whole page, with what it claims."""
    if isinstance(value, str) and folded(key).endswith("markdown"):
        from retrieval.reading.documents.markdown import read_markdown

        return _silent(read_markdown(value))
    if isinstance(value, str) and _PAGE.match(value):
        from retrieval.reading.pages.webpage import parse_html

        [piece] = parse_html(value.encode("utf-8", "replace"))
        return piece
    return _silent(prose_of(value))


def _silent(prose: Extract) -> Piece:
    return Piece(prose.text, Claims("record"), removed=prose.removed)


def _with_standfirst(fields: Mapping[str, object], body: Piece) -> Piece:
    """The text after its standfirst, unless it begins with it."""
    found = (prose_of(value).text.strip() for _, value in candidates(fields, "standfirst"))
    head = next((line for line in found if line), "")
    if not head or folded(body.text[:200]).startswith(folded(head)[:80]):
        return body
    return replace(body, text=f"{head}\n\n{body.text}".strip())


def _with_silences_filled(claims: Claims, *others: Claims | None) -> Claims:
    for other in filter(None, others):
        silent = [name for name in _CLAIMED if not getattr(claims, name)]
        claims = replace(claims, **{name: getattr(other, name) for name in silent})
    return claims


def _one_line(value: str) -> str:
    return " ".join(html_field(value).split("\n"))


def _name_in(value: str) -> str:
    """A name that may have tags around it: all of its words, as in a title."""
    return title_in(value) if "</" in value else named_characters(value)


# --- statuses ------------------------------------------------------------------------------------

_MAX_FLAG_CHARS = 20
_DATE_FORMS = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
_FLAGS = (
    ("is_draft", True, "draft"),
    ("is_published", False, "draft"),
    ("is_hidden", True, "draft"),
    ("is_deleted", True, "trashed"),
    ("is_private", True, "private"),
)
"""Fields, the value that keeps a record out, and the reason."""
_AMBIGUOUS_KINDS = ("attachment", "page")  # "page" may be that of a printed paper


@dataclass(frozen=True, slots=True)
class Withheld:
    """The reason for leaving a record out.

    Args:
        reason: a key under ``left_out`` of the catalogues.
        detail: a detail of the reason.
        until: when it may be taken in, in ISO 8601; ``""`` if that is not said.
    """

    reason: str
    detail: str = ""
    until: str = ""


def withheld(record: Mapping[str, object]) -> Withheld | None:
    """The reason why a record or a header is not published; None when it is."""
    return _by_flags(record) or _by_word(record) or _embargoed(record)


def flag(value: object) -> bool | None:
    """Yes or no, in whatever way it is written; None for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("value"), bool):
        return bool(value["value"])
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], bool | Mapping):
        return flag(value[0])
    if isinstance(value, str) and len(value) > _MAX_FLAG_CHARS:
        return None
    words = folded(plain_value(value))
    if words in word_set("status", "flags", "yes"):
        return True
    return False if words in word_set("status", "flags", "no") else None


def _by_flags(record: Mapping[str, object]) -> Withheld | None:
    holders = (record.get(name) for name in known_names()["status"]["inside"]["holders"])
    inner = [holder for holder in holders if isinstance(holder, Mapping)]
    for field, wrong, reason in _FLAGS:
        found = (value for each in (record, *inner) for _, value in candidates(each, field))
        if any(flag(value) is wrong for value in found):
            return Withheld(reason)
    if any(plain_value(value) for _, value in candidates(record, "is_password")) or any(
        type(value) is dict and value.get("protected") is True for value in record.values()
    ):
        return Withheld("protected")
    return Withheld("draft") if _never_published(record) or _is_draft_id(record) else None


def _is_draft_id(record: Mapping[str, object]) -> bool:
    """Sanity exports a draft beside what is published, under an id of its own."""
    own = record.get("_id")
    return isinstance(own, str) and own.startswith(tuple(known_names()["status"]["ids"]["draft"]))


def _never_published(record: Mapping[str, object]) -> bool:
    """Strapi and Ghost keep a draft as a record that was made and has no day of publication."""
    empty = any(not value and folded(key) == "publishedat" for key, value in record.items())
    return empty and any(value and folded(key) == "createdat" for key, value in record.items())


def _by_word(record: Mapping[str, object]) -> Withheld | None:
    for _, value in candidates(record, "is_word"):
        if flag(value) is False:
            return Withheld("draft")
        words = plain_value(value)
        reason = _reasons("codes").get(words) or _reasons("words").get(folded(words))
        if reason == "scheduled":
            return Withheld(reason, until=_scheduled(record))
        if reason:
            return Withheld(reason)
    return None


def _reasons(table: str) -> dict[str, str]:
    return data.headings(COLUMNS, "status", table)


def _scheduled(record: Mapping[str, object]) -> str:
    moments = (moment(value) for value in _moments(record))
    return next((found for found in moments if found), "")


def _moments(record: Mapping[str, object]) -> Iterator[object]:
    for field in ("is_until", "is_start", "published"):
        for _, value in candidates(record, field):
            yield value


def _embargoed(record: Mapping[str, object]) -> Withheld | None:
    """An embargo; whether it has ended is decided by the caller, who knows the day."""
    for _, value in candidates(record, "is_until"):
        words = plain_value(value)
        if flag(value) is not False and not is_zero(words) and words + str(flag(value) or ""):
            return Withheld("scheduled", until=moment(value))
    starts = [value for _, value in candidates(record, "is_start")]
    if candidates(record, "is_hidden"):
        seconds = candidates(record, "is_start_seconds")
        starts += [value for _, value in seconds if plain_value(value).isdigit()]
    due = next((found for value in starts if (found := moment(value))), "")
    return Withheld("scheduled", until=due) if due else None


def moment(value: object) -> str:
    """A moment in ISO 8601, of Paris or of nowhere as it is written; ``""`` for other words."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    words = plain_value(value)
    try:
        return datetime.fromisoformat(words).isoformat()
    except ValueError:
        pass
    if words.isdigit() and len(words) in (10, 13):
        return datetime.fromtimestamp(int(words[:10]), UTC).isoformat()
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(words, form).isoformat()
        except ValueError:
            continue
    return ""


def of_another_kind(record: Mapping[str, object], *, has_text: bool) -> Withheld | None:
    """A page, a picture, a menu: decided by the type of a post, not by any column called type.

    Args:
        record: by name, as the export writes the names.
        has_text: whether it has the text of an article: a picture has none.
    """
    of_posts = not has_text or bool(candidates(record, "is_word"))
    for key, value in candidates(record, "is_kind"):
        words = plain_value(value)
        reason = _reasons("kinds").get(folded(words))
        sure = of_posts or folded(key) == "posttype" or reason not in _AMBIGUOUS_KINDS
        if reason and sure:
            return Withheld(reason, words if reason == "other_kind" else "")
    return None
