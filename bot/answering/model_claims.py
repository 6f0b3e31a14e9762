"""Parses what a model writes into claims: statements with the quotes that prove them.

The form that is asked for is ``[number] «words» => sentence``, a line a statement. Models of
all sizes nearly keep to it, so it is read tolerantly: marks of lists and emphasis, the
sentence before its proof, other arrows and quotation marks or none, a proof on the line
before, JSON objects. Pure. Lengths are bounded: a line that does not end is cut.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from config import data
from retrieval.text.analysis import fold

_LINE_CHARS = 4_000
_PROOFS = 6
_WORDS = data.load("words/writing.toml")
_DECLINED = re.compile("|".join(_WORDS["declined"]))
_NOTHING = re.compile(_WORDS["nothing"], re.S)
_MARK = re.compile(r"[\[【]\s*(\d{1,3})(?:\s*[,;]\s*\d{1,3}){0,5}\s*[\]】]")
_ARROW = re.compile(r"\s*(?:=+>|-+>|→|⇒|⟶)\s*")
_DECORATION = re.compile(r"^\s*(?:[-–—*•]\s+|\d{1,2}[.)]\s+|#{1,6}\s+|>\s+)+|\*\*|__|`+")
_CLOSED_BY = {"«": "»", "“": '”"', '"': '"”', "„": "“”", "‹": "›", "‘": "’", "'": "'’"}
_OPENING, _CLOSING = "".join(_CLOSED_BY), "»”\"“›’'"
_FENCE = "```"
_QUOTED = re.compile(rf"^\s*[:,–-]?\s*(?P<mark>[{_OPENING}])\s*")
_ORPHAN = re.compile(r"^[»”›:.,;\s]+|^([^«“]*?)\s*[»”](?=[.!?]?$)")


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of a claim: the number of a passage, and the quote ("" when none is given)."""

    number: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the model, not yet verified, with its proofs."""

    text: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class DeclinedAnswer:
    """The model says that the passages hold no answer, and why."""

    why: str = ""


class ClaimStream:
    """Takes the model's text in pieces and gives each claim as soon as it is complete."""

    def __init__(self) -> None:
        self._line = ""
        self._object = ""
        self._proofs: tuple[Proof, ...] = ()

    def feed(self, piece: str) -> list[Claim | DeclinedAnswer]:
        """Add a piece of text; return the claims that it completes."""
        *lines, self._line = (self._line + piece).split("\n")
        if len(self._line) > _LINE_CHARS:
            lines, self._line = [*lines, self._line[:_LINE_CHARS]], ""
        return [claim for line in lines for claim in self._read(line[:_LINE_CHARS])]

    def finish(self) -> list[Claim | DeclinedAnswer]:
        """Return the claims of the last line."""
        line, self._line = self._line, ""
        found = self._read(line)
        if self._object:
            found += _from_json(self._object + "}")
        return found

    def _read(self, line: str) -> list[Claim | DeclinedAnswer]:
        line = line.strip()
        if line.startswith(_FENCE):
            return []
        if self._object or line.startswith(("{", "[{")):
            return self._of_object(line)
        text = _DECORATION.sub("", line).strip()
        if not any(character.isalnum() for character in text):
            return []
        declined = declination(text)
        if declined is not None:
            return [declined]
        claim = parse_claim(text)
        proofs, self._proofs = (*self._proofs, *claim.proofs)[:_PROOFS], ()
        if not any(character.isalpha() for character in claim.text):
            self._proofs = proofs  # the sentence is on the next line
            return []
        return [Claim(claim.text, proofs)]

    def _of_object(self, line: str) -> list[Claim | DeclinedAnswer]:
        """Parse a line of JSON, or a part of an object that spans several lines."""
        self._object = (self._object + line)[:_LINE_CHARS]
        whole = self._object.strip().strip(",").removeprefix("[").removesuffix("]").strip(", ")
        if whole.count("{") > whole.count("}") and len(self._object) < _LINE_CHARS:
            return []
        self._object = ""
        return _from_json(whole)


def declination(text: str) -> DeclinedAnswer | None:
    """Detect that a line says there is no answer, in the requested form or in free words."""
    match = _NOTHING.match(text)
    if match:
        return DeclinedAnswer(match["why"].strip(' .«»"')[:300])
    if _MARK.search(text) and _ARROW.search(text):
        return None  # a statement with its proof, whatever it says
    folded = fold(text[:400].replace("’", "'"))
    return DeclinedAnswer(text[:300]) if _DECLINED.search(folded) else None


def parse_claim(text: str) -> Claim:
    """Parse a line as a claim: proofs are read before or after the arrow, else anywhere."""
    arrow = _ARROW.search(text)
    if arrow is None:
        return _without_arrow(text)
    left, right = text[: arrow.start()], text[arrow.end() :]
    if _MARK.search(left) or _QUOTED.match(left):
        proofs, said = _proofs(left, bare=True), right
    else:
        proofs, said = _proofs(right, bare=True), left
    late = [Proof(number) for number in _numbers(said)] if not proofs else []
    return Claim(_sentence(said), (*proofs, *late)[:_PROOFS])


def _without_arrow(text: str) -> Claim:
    proofs = _proofs(text, bare=False)
    rest = text
    for proof in proofs:
        if proof.quote:
            at = rest.find(proof.quote)
            rest = rest[:at].rstrip(_OPENING + " \u00a0") + " " + rest[at + len(proof.quote) + 1 :]
    rest = _sentence(rest).lstrip(_CLOSING + ":.,;–- \u00a0")
    return Claim(rest, proofs[:_PROOFS])


def _proofs(text: str, *, bare: bool) -> tuple[Proof, ...]:
    """The passage numbers in a text, each with the words quoted after it (or before the first).

    Args:
        text: the part of a line that proves.
        bare: whether words without quotation marks are a quote too.
    """
    marks = list(_MARK.finditer(text))
    if not marks:
        quote = _unquoted(text, bare=bare)
        return (Proof(0, quote),) if quote else ()
    before = _unquoted(text[: marks[0].start()], bare=False)
    found = []
    for at, mark in enumerate(marks):
        end = marks[at + 1].start() if at + 1 < len(marks) else len(text)
        quote = _unquoted(text[mark.end() : end], bare=bare)
        first, *others = (int(number) for number in re.findall(r"\d{1,3}", mark[0]))
        found += [Proof(first, quote or (before if at == 0 else ""))]
        found += [Proof(other) for other in others]
    return tuple(found)


def _unquoted(text: str, *, bare: bool) -> str:
    """The words between the first and the last quotation mark of a text."""
    opened = _QUOTED.match(text)
    if not opened:
        return text.strip(" \u00a0:,;–-") if bare else ""
    inside, mark = text[opened.end() :], opened["mark"]
    last = max(inside.rfind(closing) for closing in _CLOSED_BY[mark])
    return (inside[:last] if last > 0 else inside).strip()


def _numbers(text: str) -> list[int]:
    return [int(number) for mark in _MARK.finditer(text) for number in re.findall(r"\d+", mark[0])]


def _sentence(text: str) -> str:
    """A sentence without citation marks, on one line, with a final full stop."""
    said = " ".join(_MARK.sub("", text).split())
    said = _ORPHAN.sub(r"\1", re.sub(r"\s+([.,])", r"\1", said)).strip()
    if said[:1] in _OPENING and said[-1:] in _CLOSING:
        said = said[1:-1].strip()
    bare = said.rstrip(" ,;:–—-")
    return bare if not bare or bare.endswith((".", "!", "?", "…", "»", '"', "”")) else f"{bare}."


def _from_json(text: str) -> list[Claim | DeclinedAnswer]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return []
    rows = row if isinstance(row, list) else [row]
    return [claim for one in rows[:20] if isinstance(one, dict) for claim in _of_row(one)]


def _of_row(row: dict[str, Any]) -> list[Claim | DeclinedAnswer]:
    """Parse a JSON object as a claim, under any of the usual field names."""
    text = str(_value(row, "text") or "")
    if not any(character.isalpha() for character in text):
        return [DeclinedAnswer(text)] if row.get("answerable") is False else []
    declined = declination(text)
    if declined is not None:
        return [declined]
    quotes, numbers = _listed(_value(row, "quote")), _listed(_value(row, "number"))
    known = [int(found[0]) for one in numbers if (found := re.findall(r"\d{1,3}", one))] or [0]
    proofs = [Proof(known[min(at, len(known) - 1)], quote) for at, quote in enumerate(quotes)]
    return [Claim(_sentence(text), tuple(proofs or [Proof(n) for n in known if n])[:_PROOFS])]


def _value(row: dict[str, Any], name: str) -> object:
    return next((row[key] for key in _WORDS["fields"][name] if key in row), None)


def _listed(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one)[:_LINE_CHARS] for one in values[:_PROOFS] if one is not None]
