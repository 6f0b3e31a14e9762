"""Parser of Markdown: one article, with the extensions of the tools that write it.

Pictures, links between notes, comments, callouts, tags and shortcodes are no text of the article.
Callouts and comments, which a reader wrote, are left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.reading.claims import claims_from, folded, word_set
from retrieval.reading.documents.notes import front_matter, read_note
from retrieval.reading.pages.snippets import html_field
from retrieval.reading.pieces import Extract, Piece, Refused, removal
from retrieval.reading.records.record import Withheld, withheld
from retrieval.reading.text.decoding import decode
from retrieval.reading.text.wrapping import flow

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BREAKS = {"softbreak": "\n", "hardbreak": "\u2028"}
_VERBATIM = ("text", "code_inline")
_EMBED = re.compile(r"!\[\[[^\[\]\n]{0,300}\]\]")
_WIKILINK = re.compile(
    r"\[\[(?:[^\[\]|\n]{0,300}\|)?([^\[\]|\n]{1,300}?)(?:#[^\[\]|\n]{0,300})?\]\]"
)
_SHORTCODE = re.compile(r"\{\{[<%][^{}]{0,1000}[>%]\}\}|\{%[^{}%]{0,1000}%\}")
_TEMPLATE_COMMENT = re.compile(r"\{%-?\s{0,9}comment\s{0,9}-?%\}")
_COMMENT_END = re.compile(r"\{%-?\s{0,9}endcomment\s{0,9}-?%\}")
_IN_ADDRESS = re.compile(r"(?<=\]\()\{\{[^{}\n]{0,200}\}\}")
_ATTRIBUTES = re.compile(r"[ \t]?\{[:.#][^{}\n]{0,200}\}")
_DIV = re.compile(r"^[ \t]{0,3}:{3,}[^\n]{0,200}$", re.MULTILINE)
_MODULE = re.compile(
    r"^(?:import\s[^\n]{1,300}\sfrom\s['\"][^\n'\"]{1,200}['\"]"
    r"|export\s(?:const|default|function)\b[^\n]{0,500});?$",
    re.MULTILINE,
)
_HIGHLIGHT = re.compile(r"==([^=\n]{1,2000})==")
_BLOCK_ID = re.compile(r"\s\^[A-Za-z0-9-]{1,50}$")
_TAGS = re.compile(r"(?:#[^\W\d][\w/-]{0,60}\s*)+")
_CALLOUT = re.compile(r"\[!([\w-]{1,40})(?:\|[^\]\n]{0,100})?\][+-]?[ \t]*")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_BREAK_TAG = re.compile(r"<br\b[^<>]{0,99}>", re.IGNORECASE)


def parse_markdown(raw: bytes) -> tuple[Piece, ...]:
    """Parse Markdown: its front matter is what it claims, its marks are not its text.

    Raises:
        Refused: it is no text, or its header cannot be read.
    """
    text = decode(raw)
    try:
        header, body = front_matter(text)
    except Exception as error:  # whatever a YAML parser makes of a broken header
        raise Refused("bad_front_matter", str(error).replace("\n", " ")[:300]) from error
    note = read_note(body, text[: max(0, len(text) - len(body))])
    claims = claims_from({**note.fields, **header}, "front matter")
    kept = withheld(header) or Withheld(note.kind, "notebook" if note.kind else "")
    prose = read_markdown(note.text)
    removed = (*note.removed, *prose.removed)
    piece = Piece(prose.text, claims, "", removed, left_out=kept.reason, until=kept.until,
                  detail=kept.detail)  # fmt: skip
    return (piece,)


def plain_text(markdown: str) -> str:
    """The text of Markdown: paragraphs and headings without their marks, pictures left out."""
    return read_markdown(markdown).text


def read_markdown(markdown: str) -> Extract:
    """The text of Markdown, and what of it is no words of the article."""
    reader = _MarkdownReader()
    text = "\n\n".join(reader.blocks(markdown_parser().parse(reader.prepared(markdown))))
    return Extract(text, tuple(reader.removed))


def markdown_parser() -> MarkdownIt:
    """The parser: CommonMark with tables and footnotes."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    return MarkdownIt("commonmark").enable("table").use(footnote_plugin)


@dataclass(slots=True)
class _MarkdownReader:
    """Goes through the tokens of a text, and keeps what it leaves out."""

    removed: list[str] = field(default_factory=list)

    def prepared(self, markdown: str) -> str:
        """The text without what Markdown itself does not know."""
        text = self._without_comments(markdown.replace("\r\n", "\n"))
        if "[[" in text:
            text = _WIKILINK.sub(r"\1", _EMBED.sub("", text))
        if "{" in text:
            text = _IN_ADDRESS.sub("", self._without_template_comments(text))
            text = _ATTRIBUTES.sub("", _SHORTCODE.sub("", text))
        if ":::" in text:
            text = _DIV.sub("", text)
        return _MODULE.sub("", text)

    def blocks(self, tokens: Sequence[Token]) -> Iterator[str]:
        """The paragraphs of some tokens, a paragraph a text."""
        mark = ""
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "list_item_open":
                # A paragraph that begins with "2017." is taken for a list: nothing may be lost.
                mark = f"{token.info}{token.markup} "
            elif token.type == "blockquote_open" and self._is_note(tokens, place):
                place = _end(tokens, place)
            elif block := self._block(token):
                yield mark + block
                mark = ""
            place += 1

    def _block(self, token: Token) -> str:
        if token.type == "inline":
            text = flow(_inline(token.children or ()))
            if token.content.startswith("[!"):
                text = _CALLOUT.sub("", text, count=1)
            return self._kept(text)
        if token.type == "html_block":
            return _TAG.sub("", html_field(token.content)).strip()
        if token.type == "fence" and folded(token.info) in word_set("markdown", "queries"):
            self._leave_out("query", token.content)
            return ""
        return token.content if token.type in ("code_block", "fence") else ""

    def _kept(self, text: str) -> str:
        """A paragraph without the signs of a tool; one of nothing but tags is none."""
        if "==" in text:
            text = _HIGHLIGHT.sub(r"\1", text)
        text = _BLOCK_ID.sub("", text)
        if text.startswith("#") and _TAGS.fullmatch(text):
            self._leave_out("tags", text)
            return ""
        return text if text.strip() else ""

    def _is_note(self, tokens: Sequence[Token], place: int) -> bool:
        """Whether a quotation is a callout: what a reader noted, unless it says that it quotes.

        One under a heading that says so is the beginning of the article, once more.
        """
        first = next((t for t in tokens[place : place + 3] if t.type == "inline"), None)
        excerpt = tokens[place + 1].type == "heading_open" and bool(first)
        excerpt = excerpt and folded(first.content if first else "") in word_set(
            "markdown", "excerpts"
        )
        kind = _CALLOUT.match(first.content) if first else None
        quoting = not kind or kind[1].lower() in word_set("markdown", "quoting")
        if quoting and not excerpt:
            return False
        inside = tokens[place : _end(tokens, place)]
        self._leave_out(
            "excerpt" if excerpt else "callout",
            " ".join(t.content for t in inside if t.type == "inline"),
        )
        return True

    def _without_comments(self, text: str) -> str:
        """The text without what stands between ``%%`` and ``%%``."""
        parts = text.split("%%")
        if len(parts) % 2 == 0:  # one that is not closed is text
            parts[-2:] = ["%%".join(parts[-2:])]
        for comment in parts[1::2]:
            self._leave_out("comment", comment)
        return "".join(parts[::2])

    def _without_template_comments(self, text: str) -> str:
        parts: list[str] = []
        place = 0
        while begin := _TEMPLATE_COMMENT.search(text, place):
            end = _COMMENT_END.search(text, begin.end())
            if end is None:
                break
            self._leave_out("comment", text[begin.end() : end.start()])
            parts.append(text[place : begin.start()])
            place = end.end()
        return "".join(parts) + text[place:]

    def _leave_out(self, rule: str, words: str) -> None:
        if words.strip():
            self.removed.append(removal(rule, words))


def _end(tokens: Sequence[Token], place: int) -> int:
    level = tokens[place].level
    return next(
        (at for at in range(place + 1, len(tokens))
         if tokens[at].type == "blockquote_close" and tokens[at].level == level),
        len(tokens) - 1,
    )  # fmt: skip


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        if token.type in _VERBATIM:
            parts.append(token.content)
        elif token.type == "html_inline":
            parts.append("\u2028" if _BREAK_TAG.fullmatch(token.content) else "")
        else:
            parts.append(_BREAKS.get(token.type, ""))
    return "".join(parts)
