"""Reader of saved web pages: trafilatura finds the article, htmldate its date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from retrieval.reading.claims import Claims
from retrieval.reading.decoding import NotText, decode
from retrieval.reading.drafting import Desk, make_draft
from retrieval.reading.textfiles import file_source, row_claims
from retrieval.vocabulary import Draft, Unreadable


def read_html(path: Path, given: str, raw: bytes, desk: Desk) -> Iterator[Draft | Unreadable]:
    """Read an ``.html`` file."""
    try:
        html = decode(raw)
        text, claims = extract(html)
    except NotText as error:
        yield Unreadable(given, error.reason, error.detail)
        return
    except Exception as error:  # a parser may fail in any way on a hostile page
        yield Unreadable(given, "damaged", f"{type(error).__name__}: {error}"[:300])
        return
    if not text.strip():
        yield Unreadable(given, "no_text" if raw.strip() else "empty")
        return
    yield from make_draft(file_source(path, given, raw), text, row_claims(path), desk, claims)


def extract(html: str) -> tuple[str, Claims]:
    """The article of a page, and what the page says about it."""
    from trafilatura import bare_extraction

    found = bare_extraction(html, with_metadata=True, include_comments=False, favor_precision=True)
    if found is None:
        return "", Claims("page")
    page = found if isinstance(found, dict) else found.as_dict()
    claims = Claims(
        "page",
        title=page["title"] or "",
        published=page["date"] or "",
        outlet=page["sitename"] or "",
        author=page["author"] or "",
        url=page["url"] or "",
        language=page["language"] or "",
    )
    return page["text"] or "", claims
