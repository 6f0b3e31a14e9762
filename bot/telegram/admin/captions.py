"""What a caption says of a document: its newspaper, date, title, author, address. Pure.

People write a citation (``Le Fanal, 12 mai 2019``, ``« Titre », Le Fanal du 12 mai 2019``) or
labelled values (``source : Le Fanal / date : 12 mai 2019``), often the two at once. What is
found is words: whoever reads the file decides whether the date can be believed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from bot.telegram.admin.message_contents import web_links, without
from config import data
from retrieval.text.analysis import fold_in_place
from retrieval.text.dates import MONTHS, WEEKDAYS, any_of

_MAX_CHARS = 1_024
"""Telegram's bound of a caption, and that of the head of a pasted text."""

_MAX_NAME_WORDS, _MAX_NAME = 6, 60
_MAX_HEAD_LINES, _MAX_HEAD_LINE, _MAX_ADDRESS = 6, 300, 2_000
_STRONG = re.compile(r"\s[—–|·•/-]+\s|[\n|;]|\s*[—–]\s*")
_EDGES = " \t\r\n,;:.·•|/—–-()[]🗞📰📅🗓"
_QUOTED = re.compile(r"«\s*([^«»]{2,300}?)\s*»|“([^“”]{2,300})”|\"([^\"]{2,300})\"")


@dataclass(frozen=True, slots=True)
class Caption:
    """What somebody says of a document, in their words; ``""`` is silence."""

    outlet: str = ""
    published: str = ""
    title: str = ""
    author: str = ""
    url: str = ""

    def __bool__(self) -> bool:
        return any(self.columns.values())

    @property
    def columns(self) -> dict[str, str]:
        """What it says, by the columns of ``metadata.csv``."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def of_several(self) -> Caption:
        """What can be true of several documents: not a title, nor an address."""
        return replace(self, title="", url="")


@dataclass(frozen=True, slots=True)
class _CaptionPatterns:
    """The lists of ``sharing.toml`` as patterns, for folded text."""

    labels: re.Pattern[str]
    fields: Mapping[str, str]
    date: re.Pattern[str]
    joins: re.Pattern[str]
    place: re.Pattern[str]
    byline: re.Pattern[str]
    speech: re.Pattern[str]


def caption_of(text: str, outlets: Collection[str] = ()) -> Caption:
    """Read a caption.

    Args:
        text: as it was written.
        outlets: the newspapers that the archive knows; one of them is recognised without a date.
    """
    text = text[:_MAX_CHARS].strip()
    labelled, free = _labelled(text)
    links = web_links(free)
    cited = _citation(without(free, links), outlets)
    url = labelled.get("url") or (links[0].address if len(links) == 1 else "")
    found = Caption(**{**cited.columns, **labelled, **({"url": url} if url else {})})
    return found if labelled or cited else Caption()


def pasted(text: str, outlets: Collection[str] = ()) -> tuple[Caption, str]:
    """What the lines around a pasted text say of it, and the text between them.

    A first line counts when it has a label, names both a newspaper and a date, or is an
    address; a last line when it is an address.
    """
    lines, found = text.strip().split("\n"), Caption()
    for _ in range(_MAX_HEAD_LINES):
        said = _head_line(lines[0].strip(), outlets)
        if len(lines) < 2 or (lines[0].strip() and not said):
            break
        found = Caption(**{**said.columns, **found.columns})
        lines.pop(0)
    said = _address_line(lines[-1].strip())
    if said and len(lines) > 1:
        found = Caption(**{**said.columns, **found.columns})
        lines.pop()
    return found, "\n".join(lines).strip()


def _address_line(line: str) -> Caption:
    """The address that a line consists of."""
    links = web_links(line) if len(line) <= _MAX_ADDRESS else []
    alone = len(links) == 1 and not without(line, links).strip(_EDGES)
    return Caption(url=links[0].address) if alone else Caption()


def _head_line(line: str, outlets: Collection[str]) -> Caption:
    if address := _address_line(line):
        return address
    if len(line) > _MAX_HEAD_LINE:
        return Caption()
    labelled, _ = _labelled(line)
    said = caption_of(line, outlets)
    cited = said.outlet[:1].isupper() and said.published and not line.endswith((".", "…"))
    return said if labelled or cited else Caption()


# --- labelled values ----------------------------------------------------------------------


def _labelled(text: str) -> tuple[dict[str, str], str]:
    """The values that stand after a label, and the text before the first of them."""
    words = _words()
    found = list(words.labels.finditer(fold_in_place(text)))
    if not found:
        return {}, text
    values: dict[str, str] = {}
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=True):
        name = words.fields[" ".join(match["label"].split())]
        value = _value(name, text[match.end() : end])
        if value:
            values.setdefault(name, value)
    return values, text[: found[0].start()]


def _value(name: str, written: str) -> str:
    """What stands after a label; of a date, only the date, if one can be told."""
    date = _date_in(written) if name == "published" else None
    return _plain(written[date.start() : date.end()] if date else _unquoted(written))


# --- citations ----------------------------------------------------------------------------


def _citation(text: str, outlets: Collection[str]) -> Caption:
    """Read a caption without labels: a date, and what stands before and after it."""
    known = {_key(name) for name in outlets}
    quoted = _QUOTED.search(text)
    title = next((part for part in quoted.groups() if part), "") if quoted else ""
    if quoted:
        text = f"{text[: quoted.start()]} — {text[quoted.end() :]}"
    date = _date_in(text)
    if date is None:
        whole = _plain(text)
        return Caption(outlet=whole, title=title) if _key(whole) in known else Caption()
    before = _pieces(_unjoined(text[: date.start()]), last=True)
    after = _pieces(text[date.end() :])
    author, before, after = _author(before, after)
    outlet, rest = _outlet(before, after, known)
    title = title or ", ".join(rest)
    return Caption(outlet, text[date.start() : date.end()].strip(), title, author)


def _date_in(text: str) -> re.Match[str] | None:
    """The date of a citation: the last of several, for a title may have its own."""
    return max(_words().date.finditer(fold_in_place(text)), key=re.Match.start, default=None)


def _unjoined(text: str) -> str:
    """The words before a date without those that join it: ``Le Fanal du``."""
    text = text.rstrip(_EDGES)
    while match := _words().joins.search(fold_in_place(text)):
        text = text[: match.start()].rstrip(_EDGES)
    return text


def _pieces(text: str, *, last: bool = False) -> list[str]:
    """The parts of what stands beside a date; those next to it are parted by commas too.

    Args:
        text: what stands there.
        last: whether the date follows, so that the last part is next to it.
    """
    parts = [part for part in _STRONG.split(text) if part.strip(_EDGES)]
    if parts and last:
        parts[-1:] = parts[-1].rsplit(",", 1) if "," in parts[-1] else parts[-1:]
    plain = (_without_place(_plain(part)) for part in parts)
    return [part for part in plain if part]


def _without_place(part: str) -> str:
    """A part without the page and the issue: ``Le Fanal n° 345``."""
    match = _words().place.search(fold_in_place(part))
    return _plain(part[: match.start()]) if match else part


def _author(before: list[str], after: list[str]) -> tuple[str, list[str], list[str]]:
    """The byline of a citation, and its other parts."""
    for parts in (before, after):
        for part in parts:
            match = _words().byline.match(fold_in_place(part))
            if match and part[match.end() : match.end() + 1].isupper():
                others = [[one for one in side if one is not part] for side in (before, after)]
                return part[match.end() :], others[0], others[1]
    return "", before, after


def _outlet(before: list[str], after: list[str], known: Collection[str]) -> tuple[str, list[str]]:
    """Which part names the newspaper: one that is known, else the one nearest to the date."""
    parts = [*before, *after]
    nearest = [*reversed(before), *after]
    named = [part for part in parts if _key(part) in known] or [
        part for part in nearest if _may_be_a_name(part)
    ]
    if not named:
        return "", [part for part in parts if not _words().speech.search(fold_in_place(part))]
    outlet = named[0]
    return outlet, [part for part in parts if part is not outlet]


def _may_be_a_name(part: str) -> bool:
    """Whether a part may be the name of a newspaper: short, no sentence, not addressed to us."""
    short = len(part) <= _MAX_NAME and len(part.split()) <= _MAX_NAME_WORDS
    sentence = part.endswith(("!", "?")) or _words().speech.search(fold_in_place(part))
    return short and not sentence and any(letter.isalpha() for letter in part)


def _plain(text: str) -> str:
    """A value in one line, without the marks around it."""
    return " ".join(text.split()).strip(_EDGES)


def _unquoted(text: str) -> str:
    match = _QUOTED.fullmatch(text.strip(_EDGES))
    return next((part for part in match.groups() if part), "") if match else text


def _key(name: str) -> str:
    return _plain(fold_in_place(name))


# --- words --------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _words() -> _CaptionPatterns:
    listed = data.load("reading/sharing.toml")
    caption, labels = listed["caption"], listed["labels"]
    fields = {label: name for name, spelt in labels.items() for label in spelt}
    label = any_of(fields).replace(r"\ ", r"\s+")
    return _CaptionPatterns(
        re.compile(rf"(?:^|[\n,;|/·•—–-])[^\w\n]{{0,4}}(?P<label>{label})\s?[:=]"),
        fields,
        _dates(),
        re.compile(rf"(?<!\w)(?:{any_of(caption['joins'])})$"),
        re.compile(rf"(?<!\w)(?:{any_of(caption['places'])})\s?[.°º]?\s?\d+\W{{0,3}}$"),
        re.compile(rf"(?:{any_of(caption['bylines'])})\s+"),
        re.compile(rf"\b(?:{any_of(caption['speech'])})\b"),
    )


def _dates() -> re.Pattern[str]:
    """A date as people write it; a year alone counts where nothing stands beside it."""
    month, weekday = any_of(MONTHS), any_of(WEEKDAYS)
    day = r"\d{1,2}(?:er|re|st|nd|rd|th)?"
    return re.compile(
        rf"(?<!\w)(?:(?:{weekday}),?\s)?"
        rf"(?:{day}\s(?:of\s)?(?:{month})\.?,?\s\d{{4}}"
        rf"|(?:{month})\.?\s{day},?\s\d{{4}}"
        rf"|(?:{month})\.?\s\d{{4}}"
        r"|\d{4}-\d{1,2}(?:-\d{1,2})?|\d{4}[/.]\d{1,2}[/.]\d{1,2}"
        r"|\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})"
        r"|(?<![^\n,;|(])\s?(?:1[6-9]|20)\d\d(?=\s*(?:$|[\n,;|)]))"
        r"|(?<=[—–|·-]\s)(?:1[6-9]|20)\d\d(?=\s*(?:$|[\n,;|)—–·-])))(?!\w)"
    )
