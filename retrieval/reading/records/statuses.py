"""Statuses: whether a record or a front matter is published, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from retrieval.reading.claims import is_zero, plain_value
from retrieval.reading.records.columns import candidates, folded, known_names, word_set

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
    """The reason why a record or a header is not published; None when it is.

    Args:
        record: by name, as the export writes the names.
    """
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
    if words in word_set("status.flags", "yes"):
        return True
    return False if words in word_set("status.flags", "no") else None


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


@cache
def _reasons(table: str) -> dict[str, str]:
    """The values of a table of ``[status]``, each with the reason that it stands for."""
    values = known_names()["status"][table]
    return {value: reason for reason, known in values.items() for value in known}


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
