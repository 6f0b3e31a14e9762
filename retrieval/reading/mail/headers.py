"""What the header of a message says, read leniently: programs write what they like there."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.databases.records import find_day
from retrieval.reading.text.bylines import is_name
from retrieval.reading.text.decoding import NotText, decode

_MAX_CHARS = 5_000
_WORDS = data.load("reading/mail.toml")
_PREFIX = re.compile(_WORDS["prefix"], re.I)
_BEARING = re.compile(_WORDS["bearing"], re.I)
_FOLD = re.compile(r"\r?\n[ \t]*")
_ARTICLES = frozenset(_WORDS["articles"].split())
_ADDRESS = re.compile(
    r"(?P<name>[^<>]{0,400}?)\s*[<\[](?:mailto:)?(?P<address>[^<>\[\]]{0,300})[>\]].{0,40}"
)
_VIA = re.compile(r"\s+(?:via|par l['’]intermédiaire de)\s.{1,60}$", re.I)
_ID = re.compile(r"<[^<>]{0,300}>")
_MACHINE = re.compile(r"\b(?=\w{0,60}\d)[0-9a-f]{6,}|\bmc list\b|[<>@]", re.I)
_LETTERS = re.compile(r"[^\W\d_]{2}")


def header(message: Message, name: str) -> str:
    """The first header of a name, decoded; ``""`` when there is none."""
    wanted = name.lower()
    value = next((text for key, text in message.raw_items() if key.lower() == wanted), "")
    return _decoded(_FOLD.sub(" ", str(value)[:_MAX_CHARS]))


def _decoded(value: str) -> str:
    """A header with its encoded words (RFC 2047), and with bytes that were never encoded."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        plain = raw.decode("ascii")
    except UnicodeDecodeError:
        return _text(raw, "")
    try:
        parts = decode_header(plain)
    except (HeaderParseError, ValueError):
        return plain
    return "".join(
        part if isinstance(part, str) else _text(part, charset or "") for part, charset in parts
    )


def _text(raw: bytes, charset: str) -> str:
    if not raw.strip():
        return raw.decode("ascii", "ignore")
    try:
        return decode(raw, charset)
    except NotText:
        return raw.decode("latin-1")


def is_borne(subject: str) -> bool:
    """Whether a subject says that the letter was forwarded."""
    return _BEARING.match(subject.strip()) is not None


def plain_subject(subject: str) -> str:
    """A subject without what forwarding, answering and lists put before it."""
    subject = one_line(subject)
    for _ in range(8):
        found = _PREFIX.match(subject)
        if found is None or found.end() == len(subject):
            return subject
        subject = subject[found.end() :]
    return subject


def address_day(date: str) -> str:
    """The day of a ``Date``, by the clock of whoever sent it; as it stands if it is no date."""
    date = one_line(date)
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        found = find_day(date)
        return found.iso if found else date


def sender_name(sender: str) -> str:
    """The name of a sender, without an address."""
    return _VIA.sub("", _parted(sender)[0])


def _parted(sender: str) -> tuple[str, str]:
    """Name and address; a name may hold what the grammar of addresses does not allow."""
    found = _ADDRESS.fullmatch(one_line(sender))
    name, address = (found["name"], found["address"]) if found else (one_line(sender), "")
    name = name.strip("'\" ")
    return ("", address or name) if "@" in name else (name, address)


def outlet_of(list_id: str, sender: str) -> str:
    """The newspaper of a letter: the name of its list if people gave one, else its sender's."""
    return (
        _list_name(list_id) or sender_name(sender) or _parted(sender)[1].rpartition("@")[2].lower()
    )


def author_of(list_id: str, sender: str) -> str:
    """The person who writes a newspaper's letter: the sender, where its list has another name."""
    name = sender_name(sender)
    if not _list_name(list_id) or not is_name(name) or name.split()[0].lower() in _ARTICLES:
        return ""
    return name


def _list_name(list_id: str) -> str:
    named = one_line(_ID.sub("", list_id)).strip("'\" ")
    return named if _LETTERS.search(named) and not _MACHINE.search(named) else ""
