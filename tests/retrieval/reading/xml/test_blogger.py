"""Exports of Blogger, of both generations: posts that were published, and nothing else."""

from __future__ import annotations

import io

import pytest

from retrieval.reading.forms import seen_form
from retrieval.reading.pieces import Piece
from retrieval.reading.xml.feeds import parse_blogger

_KIND = "http://schemas.google.com/blogger/2008/kind#"
_OLD = (
    "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'"
    " xmlns:app='http://purl.org/atom/app#'><title type='text'>Le Carnet de Tresny</title>"
)
_NEW = (
    "<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'"
    " xmlns:blogger='http://schemas.google.com/blogger/2018'><id>x</id>"
    "<title>Le Carnet de Tresny</title>"
)


def _old(kind: str, extra: str = "") -> str:
    return (
        f"<entry><id>tag:{kind}</id><published>2019-02-05T00:30:00.000+01:00</published>"
        f"<category scheme='http://schemas.google.com/g/2005#kind' term='{_KIND}{kind}'/>{extra}"
        "<title type='text'>Le &lt;b&gt;bac&lt;/b&gt;</title><content type='html'>&lt;p&gt;Le bac."
        "&lt;/p&gt;&lt;p&gt;La mer.&lt;/p&gt;</content><link rel='alternate'"
        " href='https://carnet.example/bac.html'/><author><name>Ève Morin</name></author></entry>"
    )


def _new(kind: str, status: str) -> str:
    return (
        f"<entry><id>tag:{kind}{status}</id><blogger:type>{kind}</blogger:type>"
        f"<blogger:status>{status}</blogger:status><author><name>Ève Morin</name></author>"
        "<title>Le bac</title><content type='html'>&lt;p&gt;Le bac.&lt;/p&gt;</content>"
        "<published>2031-02-05T00:30:00Z</published></entry>"
    )


def _pieces(text: str) -> list[Piece]:
    assert seen_form(text.encode()) == "blogger"
    return list(parse_blogger(io.BytesIO(f"{text}</feed>".encode())))


def test_a_post_of_an_old_export() -> None:
    """HTML in a field, the author's name, the address, the day by the blog's clock."""
    [piece] = _pieces(_OLD + _old("post"))
    claims = piece.claims
    assert (piece.text, claims.title) == ("Le bac.\nLa mer.", "Le bac")
    assert (claims.author, claims.outlet) == ("Ève Morin", "Le Carnet de Tresny")
    assert (claims.published[:10], claims.url) == ("2019-02-05", "https://carnet.example/bac.html")


@pytest.mark.parametrize(
    ("entry", "reason", "detail"),
    [
        (_old("post", "<app:control><app:draft>yes</app:draft></app:control>"), "draft", ""),
        (_old("post", "<app:control><app:draft>no</app:draft></app:control>"), "", ""),
        (_old("page"), "page", ""),
        (_old("comment"), "other_kind", "comment"),
        (_old("template"), "other_kind", "template"),
        (_old("settings"), "other_kind", "settings"),
    ],
)
def test_what_is_left_out_of_an_old_export(entry: str, reason: str, detail: str) -> None:
    """Drafts, pages, readers' comments, and what makes the blog look as it does."""
    [piece] = _pieces(_OLD + entry)
    assert (piece.left_out, piece.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("POST", "LIVE", ""),
        ("POST", "DRAFT", "draft"),
        ("POST", "SCHEDULED", "scheduled"),
        ("POST", "SOFT_TRASHED", "trashed"),
        ("POST", "AUTRE", "draft"),
        ("PAGE", "LIVE", "page"),
        ("COMMENT", "LIVE", "other_kind"),
    ],
)
def test_the_status_of_a_new_export(kind: str, status: str, reason: str) -> None:
    """``blogger:type`` and ``blogger:status`` say it; an unknown status is a draft."""
    [piece] = _pieces(_NEW + _new(kind, status))
    assert piece.left_out == reason
    assert piece.until == ("2031-02-05T00:30:00+00:00" if reason == "scheduled" else "")


def test_the_feed_of_a_blog_is_a_feed() -> None:
    """What a living blog of Blogger gives is followed as any other feed."""
    raw = b"<feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2008'>"
    assert seen_form(raw) == "feed"
