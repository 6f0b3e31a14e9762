"""A dossier as Markdown, with real footnotes (``[^1]``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.dossier.dossier import entries, plain, preface

if TYPE_CHECKING:
    from bot.dossier.dossier import Dossier, DossierEntry
    from bot.messages.catalogue import Catalogue

_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|#^]|!$)")
_LIST = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=:])")


def markdown_file(dossier: Dossier, texts: Catalogue) -> bytes:
    """The Markdown of a dossier, in UTF-8."""
    title = texts.text("dossier.title", subject=plain(dossier.subject))
    shown = entries(dossier, texts)
    blocks = [
        f"# {escaped(title)}",
        *map(escaped, preface(dossier, texts)),
        *(f"**{escaped(one.head)}**\n\n> {escaped(one.quote)}[^{one.number}]" for one in shown),
        "\n".join(map(_note, shown)),
    ]
    return ("\n\n".join(blocks) + "\n").encode(errors="replace")


def _note(entry: DossierEntry) -> str:
    address = f" {_address(entry.url)}" if entry.url else ""
    return f"[^{entry.number}]: {escaped(entry.source)}.{address} `{entry.mark}`"


def _address(url: str) -> str:
    """An address as a link where it may be one."""
    web = urlsplit(url).scheme in ("http", "https") if _is_plain(url) else False
    return f"<{url}>" if web else escaped(url)


def _is_plain(url: str) -> bool:
    return url.isascii() and not re.search(r"[<>\[\]\s]", url)


def escaped(text: str) -> str:
    """A line of text in which nothing is a sign of Markdown."""
    safe = _SPECIAL.sub(r"\\\1", text)
    return _LIST.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", safe)
