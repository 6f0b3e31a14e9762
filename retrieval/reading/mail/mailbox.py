"""Parser of mail: a message (``.eml``), a mailbox (``.mbox``), one of Apple's (``.emlx``).

A newsletter is an article of its sender, dated by the day of sending in the sender's time zone.
Automatic messages, drafts and spam are left out, each with its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from typing import BinaryIO, cast

from config import data
from retrieval.reading.claims import one_line
from retrieval.reading.databases.grammar import find_day
from retrieval.reading.mail.letters import Letter, letter_of
from retrieval.reading.pieces import Claims, Piece
from retrieval.reading.text.decoding import NotText, decode
from retrieval.reading.text.titles import is_name

_WORDS = data.load("reading/mail.toml")
_AUTOMATIC = re.compile(_WORDS["subjects"]["automatic"], re.I)
_REPORT = re.compile(_WORDS["subjects"]["report"], re.I)
_FOLDERS = {name: reason for reason, names in _WORDS["folders"].items() for name in names}
_MAX_MESSAGE = 30_000_000
_MAX_LINE = 1_000_000
_MAX_PARTS = 200
_MAX_RAW = 500_000
_MAX_DEPTH = 4
_EXPUNGED = 0x0008  # of X-Mozilla-Status: deleted, and still in the file
_FROM = re.compile(rb"From \S.{0,200}(?:\d\d:\d\d|\b\d{4}\b).{0,60}\r?\n?")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}:[ \t]")
_ESCAPED = re.compile(rb"^>(>*From )", re.M)
_APPLE = re.compile(rb"\s{0,8}(\d{1,9})\s{0,8}\r?\n")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def read_mail(file: BinaryIO) -> Iterator[Piece]:
    """The letters of a file, one by one; what is no letter is left out with its reason."""
    for raw in _messages(file):
        # A message without an identifier: its place in the mailbox would not last.
        name = hashlib.sha256(raw).hexdigest()[:16]
        if len(raw) > _MAX_MESSAGE:
            yield Piece("", Claims("mail"), name, problem="too_large")
        else:
            yield from _safely(raw, name)


def _safely(raw: bytes, name: str) -> Iterator[Piece]:
    """The pieces of a message; the library may fail in any way on one, the others go on."""
    try:
        message = message_from_bytes(raw, policy=policy.default)
        pieces = list(_pieces(message, 0))
    except Exception:
        yield Piece("", Claims("mail"), name, problem="broken_record")
        return
    yield from (piece if piece.name else replace(piece, name=name) for piece in pieces)


def _messages(file: BinaryIO) -> Iterator[bytes]:
    first = file.readline(_MAX_LINE)
    if apple := _APPLE.fullmatch(first):
        yield file.read(min(int(apple[1]), _MAX_MESSAGE + 1))
        return
    if not _FROM.fullmatch(first):
        yield first + file.read(_MAX_MESSAGE + 1)
        return
    lines: list[bytes] = []
    size, blank = 0, False
    line = file.readline(_MAX_LINE)
    while line:
        following = file.readline(_MAX_LINE)
        if _separates(line, following, blank):
            yield _unescaped(lines)
            lines, size, blank, line = [], 0, False, following
            continue
        size += len(line)
        if size <= _MAX_MESSAGE + _MAX_LINE:
            lines.append(line)
        blank, line = not line.strip(), following
    yield _unescaped(lines)


def _separates(line: bytes, following: bytes, blank: bool) -> bool:
    """Whether a line begins a message: a header follows it, where no blank line precedes it."""
    if not line.startswith(b"From ") or not _FROM.fullmatch(line):
        return False
    return blank or _HEADER.match(following) is not None


def _unescaped(lines: list[bytes]) -> bytes:
    """A message of a mailbox: ``>From`` stands for ``From`` at the beginning of a line."""
    return _ESCAPED.sub(rb"\1", b"".join(lines))


def _pieces(message: EmailMessage, depth: int) -> Iterator[Piece]:
    """The letter of a message, those that it carries, and what is left out of it."""
    name = one_line(header(message, "Message-ID")).strip("<> ")
    reason = _left_out(message)
    if reason == "internal":
        return
    if reason or _is_encrypted(message):
        claims = Claims("mail", title=plain_subject(header(message, "Subject")))
        problem = "" if reason else "encrypted_mail"
        yield Piece("", claims, name, left_out=reason, problem=problem)
        return
    inner = [part for part in _parts(message) if part.get_content_type() == "message/rfc822"]
    if inner and depth < _MAX_DEPTH:
        yield Piece("", Claims("mail"), name, left_out="covering_note")
        for part in inner:
            for carried in part.get_payload()[:_MAX_PARTS]:  # type: ignore[index]
                yield from _pieces(cast("EmailMessage", carried), depth + 1)
        return
    yield _letter(message, name)
    yield from _attachments(message, name)


def _left_out(message: EmailMessage) -> str:
    """The reason why a message is no letter, or ``""``."""
    subject = one_line(header(message, "Subject"))
    automatic = header(message, "Auto-Submitted").strip().lower()
    if header(message, "X-IMAP") and "folder internal data" in subject.lower():
        return "internal"
    if message.get_content_type() == "multipart/report" or _REPORT.fullmatch(subject):
        return "mail_report"
    if automatic.startswith("auto-replied") or _AUTOMATIC.fullmatch(subject):
        return "automatic_reply"
    if _is_invitation(message):
        return "invitation"
    return _folder(message)


def _folder(message: EmailMessage) -> str:
    """The reason that the folder of a message gives, by what programs note of it."""
    labels = one_line(header(message, "X-Gmail-Labels")).lower().split(",")
    found = next((_FOLDERS[label.strip()] for label in labels if label.strip() in _FOLDERS), "")
    status = re.match(r"[0-9a-fA-F]{4}", header(message, "X-Mozilla-Status").strip())
    if status and int(status[0], 16) & _EXPUNGED:
        found = found or "trashed"
    unsent = header(message, "X-Unsent").strip() == "1"
    if unsent or header(message, "X-Mozilla-Draft-Info") or header(message, "X-Apple-Auto-Saved"):
        found = found or "draft"
    flagged = header(message, "X-Spam-Flag").strip().lower() == "yes"
    if flagged or header(message, "X-Spam-Status").strip().lower().startswith("yes"):
        found = found or "spam"
    return found


def _is_invitation(message: EmailMessage) -> bool:
    if message.get_content_type() == "text/calendar":
        return True
    return any(
        part.get_content_type() == "text/calendar"
        and "method" in str(part.get("Content-Type")).lower()
        for part in _parts(message)
    )


def _is_encrypted(message: EmailMessage) -> bool:
    if message.get_content_type() == "application/pkcs7-mime":
        return "signed" not in str(message.get("Content-Type")).lower()
    return message.get_content_type() in _ENCRYPTED


def _parts(message: EmailMessage) -> list[Message]:
    found: list[Message] = []
    waiting: list[Message] = [message]
    while waiting and len(found) < _MAX_PARTS:
        part = waiting.pop(0)
        found.append(part)
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            waiting[:0] = cast("list[Message]", part.get_payload())
    return found


def _letter(message: EmailMessage, name: str) -> Piece:
    """The article of a letter; of a forwarded one, what its own header says counts."""
    letter = letter_of(_parts(message), borne=is_borne(header(message, "Subject")))
    sender, list_id = header(message, "From"), header(message, "List-Id")
    claims = Claims(
        "mail",
        title=plain_subject(header(message, "Subject")),
        published=address_day(header(message, "Date")),
        outlet=outlet_of(list_id, sender),
        author=author_of(list_id, sender),
        language=one_line(header(message, "Content-Language")),
    )
    if letter.encrypted:
        return Piece("", claims, name, problem="encrypted_mail")
    raw = f"{claims.title}\n{header(message, 'Date')}\n{sender}\n\n{letter.source}"[:_MAX_RAW]
    return Piece(letter.text, _forwarded(claims, letter), name, letter.removed, raw)


def _forwarded(claims: Claims, letter: Letter) -> Claims:
    """The claims of a forwarded letter, which replace those of the message around it."""
    if not letter.forwarded:
        return claims
    found = letter.forwarded
    return Claims(
        "mail",
        title=plain_subject(found.get("subject", "")) or claims.title,
        published=address_day(found.get("date", "")),
        outlet=outlet_of("", found.get("sender", "")),
        language=claims.language,
    )


def _attachments(message: EmailMessage, name: str) -> Iterator[Piece]:
    """The files that a letter carries: each is left out."""
    for number, part in enumerate(_parts(message), start=1):
        kind = part.get_content_maintype()
        attached = part.get_content_disposition() == "attachment"
        if (attached or kind == "application") and kind != "multipart" and not _is_seal(part):
            file = one_line(part.get_filename() or f"part {number}")
            yield Piece("", Claims("mail"), f"{name}/{file}", left_out="attachment")


def _is_seal(part: Message) -> bool:
    return part.get_content_type().endswith(("signature", "pgp-keys"))


# --- headers ---------------------------------------------------------------------------------
# Read leniently: programs write what they like there.

_MAX_CHARS = 5_000
_PREFIX = re.compile(_WORDS["prefix"], re.I)
_BEARING = re.compile(_WORDS["bearing"], re.I)
_FOLD = re.compile(r"\r?\n[ \t]*")
_ARTICLES = frozenset(_WORDS["articles"].split())
_ADDRESS = re.compile(
    r"(?P<name>[^<>]{0,400}?)\s*[<\[](?:mailto:)?(?P<address>[^<>\[\]]{0,300})[>\]].{0,40}"
)
_VIA = re.compile(_WORDS["via"], re.I)
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
        match = _PREFIX.match(subject)
        if match is None or match.end() == len(subject):
            return subject
        subject = subject[match.end() :]
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
    match = _ADDRESS.fullmatch(one_line(sender))
    name, address = (match["name"], match["address"]) if match else (one_line(sender), "")
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
