"""Parser of JSON files: a list of records, an object that holds one, or one article.

They are recognised by their values, whatever their keys are called: JSON Feed, ninjs, JSON-LD,
answers of a content system or a search engine, exports of Telegram. The file is read twice, and
never held whole: once for its outline, once for its records.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO, cast

from retrieval.reading.claims import (
    candidates,
    claims_from,
    folded,
    has_text,
    known_names,
    one_line,
    places,
    word_set,
)
from retrieval.reading.pieces import Claims, Piece, Refused
from retrieval.reading.records.record import named_pieces, names_of, raw_json, record_piece
from retrieval.reading.text.decoding import decode, encoding_of

_SAMPLE_BYTES = 65_536
_WHOLE_BYTES = 30_000_000  # of a file that may be mended in memory
_SCALARS = ("string", "number", "boolean")
_MAX_KEYS = 500
_MAX_SHAPES = 2_000
_FEED = "jsonfeed.org/version"
_KEYED = "*"
_ARTICLE_CHARS = 200  # a description of a program or a site is shorter


@dataclass(slots=True)
class JsonOutline:
    """The structure of a file, without its records.

    Args:
        values: how many values follow each other; a proper file has one.
        head: its scalars, and those one level down, by their path.
        shapes: the keys of the objects at each path; a list adds ``item`` to the path.
        error: why it could not be read to its end.
    """

    values: int = 0
    head: dict[str, object] = field(default_factory=dict)
    shapes: dict[str, dict[str, None]] = field(default_factory=dict)
    error: str = ""


def parse_json(file: BinaryIO) -> Iterator[Piece]:
    """Parse a JSON file: one piece an article.

    Raises:
        Refused: it is no JSON (also in the midst of the pieces), or no articles are in it.
    """
    open_again = _in_utf8(file)
    outline = outlined(open_again())
    if outline.error and (whole := _mended(file)):
        open_again = lambda: io.BytesIO(whole)  # noqa: E731 - the same bytes, once more
        outline = outlined(open_again())
    if not outline.shapes:
        raise Refused("bad_json" if outline.error else "no_records", outline.error)
    if _is_telegram(outline.head, outline.shapes):
        yield from _posts(open_again, outline.head, outline.shapes)
    else:
        yield from named_pieces(_pieces(open_again, outline))
    if outline.error:
        raise Refused("bad_json", outline.error)


def outlined(file: BinaryIO) -> JsonOutline:
    """The outline of a JSON file in UTF-8; an error ends it."""
    import ijson

    outline = JsonOutline()
    try:
        for path, event, value in ijson.parse(file, multiple_values=True, use_float=True):
            _note(outline, path, event, value)
    except (ijson.JSONError, ValueError, OverflowError) as error:
        outline.error = " ".join(str(error).split())[:200]
    return outline


def records_at(file: BinaryIO, path: str) -> Iterator[object]:
    """The values at a path, one by one; a file that breaks off ends them."""
    import ijson

    with suppress(ijson.JSONError, ValueError, OverflowError):  # the outline knows it
        yield from ijson.items(file, path, multiple_values=True, use_float=True)


def _note(outline: JsonOutline, path: str, event: str, value: object) -> None:
    if not path and event in ("start_map", "start_array"):
        outline.values += 1
    if event == "start_map" and len(outline.shapes) < _MAX_SHAPES:
        outline.shapes.setdefault(path, {})
    elif event == "map_key" and path in outline.shapes:
        if len(outline.shapes[path]) < _MAX_KEYS:
            outline.shapes[path][str(value)] = None
    elif event in _SCALARS and _is_of_head(path) and len(outline.head) < _MAX_KEYS:
        outline.head.setdefault(path, value if event != "string" else str(value)[:1000])


def _is_of_head(path: str) -> bool:
    return path.count(".") <= 1 and "item" not in path.split(".")


def _in_utf8(file: BinaryIO) -> Callable[[], BinaryIO]:
    """Opens the file again, in UTF-8 without a mark; big files in other encodings are recoded."""
    encoding = encoding_of(file.read(_SAMPLE_BYTES))

    def again() -> BinaryIO:
        file.seek(0)
        if encoding == "utf-8":
            return file
        return cast("BinaryIO", codecs.EncodedFile(file, "utf-8", encoding, "replace"))

    return again


def _mended(file: BinaryIO) -> bytes:
    """A small file that Python can read though it is not quite JSON: NaN, half an emoji."""
    file.seek(0)
    raw = file.read(_WHOLE_BYTES + 1)
    if len(raw) > _WHOLE_BYTES:
        return b""
    try:
        value = json.loads(decode(raw), parse_constant=lambda _: None)
        return json.dumps(value, ensure_ascii=False).encode(errors="replace")
    except (ValueError, RecursionError):
        return b""


def _pieces(open_again: Callable[[], BinaryIO], outline: JsonOutline) -> Iterator[Piece]:
    path = _path_of_records(outline)
    if path is None:
        if outline.error:  # what was to come is not known
            raise Refused("bad_json", outline.error)
        raise Refused("unknown_json", names_of(outline.shapes.get("", {})))
    about = _about(outline.head) if path else None
    if path == _KEYED:
        yield from _keyed(open_again())
        return
    for record in records_at(open_again(), path):
        if isinstance(record, Mapping):
            yield from _record_pieces(record, about)
        else:
            yield Piece("", Claims("record"), problem="bad_json", detail="no object")


def _path_of_records(outline: JsonOutline) -> str | None:
    """The path of the articles; ``""`` when the whole is one, `_KEYED` when keys name them."""
    top = tuple(outline.shapes.get("", {}))
    if outline.values > 1:
        return ""
    if places(top)["text"] and not _is_list_of(outline, top):
        return ""
    lists = [path for path in outline.shapes if path == "item" or path.endswith(".item")]
    best = min(lists, key=lambda path: _rank(path, outline), default=None)
    if best is not None and _rank(best, outline)[0] < 2:
        return best
    if _is_described_article(outline, top):
        return ""
    keyed = [path for path in outline.shapes if path and "." not in path and path != "item"]
    if any(places(tuple(outline.shapes[path]))["text"] for path in keyed):
        return _KEYED
    return best if best == "item" else None


def _is_described_article(outline: JsonOutline, top: tuple[str, ...]) -> bool:
    """Whether a lone object with but a description or a standfirst is an article.

    So are the settings of programs and sites, which have a name or an address, and no date.
    """
    found = places(top)
    weak = (*found["standfirst"], *found["last_text"])
    longest = max((len(str(outline.head.get(key, ""))) for key in weak), default=0)
    dated = found["published"] and longest
    return bool(found["title"] and (dated or (found["url"] and longest >= _ARTICLE_CHARS)))


def _is_list_of(outline: JsonOutline, top: tuple[str, ...]) -> bool:
    """Whether the text of the outermost object is but a list of records with titles."""
    texts = places(top)["text"]
    return any(
        places(tuple(outline.shapes.get(f"{key}.item", {})))["title"]
        and folded(key) in _list_names()
        for key in texts[:1]
    )


def _list_names() -> frozenset[str]:
    return frozenset(map(folded, known_names()["json"]["lists"]))


def _rank(path: str, outline: JsonOutline) -> tuple[int, int]:
    """The rank of a list as that of the articles: 0 by name and keys, 1 by its keys, 2 not."""
    parts = path.split(".")
    keys = tuple(outline.shapes[path])
    wrapped = [key for key in keys if key in known_names()["shape"]["wrapper"]]
    inner = [key for name in wrapped for key in outline.shapes.get(f"{path}.{name}", {})]
    found = places((*keys, *inner))
    named = len(parts) < 2 or folded(parts[-2]) in _list_names()
    titled = bool(found["title"])
    # A description without a title is that of a shortcut, a package or a setting.
    texts = has_text((*keys, *inner)) and bool(named or titled or found["text"])
    nested = parts.count("item") > 1 and not named
    rank = 0 if named and texts else 1 if (texts or (named and titled)) and not nested else 2
    return rank, len(parts)


def _about(head: Mapping[str, object]) -> Claims:
    """The claims of the file about all its articles: newspaper and language."""
    outer = {path: value for path, value in head.items() if "." not in path}
    claims = claims_from(outer, "record")
    is_feed = _FEED in str(outer.get("version", "")) or "home_page_url" in outer
    outlet = str(outer.get("title", "")) if is_feed else claims.outlet
    outlet = outlet or str(head.get("feed.title", ""))
    return Claims("record", outlet=outlet, language=claims.language)


def _keyed(file: BinaryIO) -> Iterator[Piece]:
    """Records under keys that name them, as Firebase and many scripts write them."""
    import ijson

    with suppress(ijson.JSONError, ValueError, OverflowError):
        for key, record in ijson.kvitems(file, "", use_float=True):
            if isinstance(record, Mapping):
                yield from _record_pieces({"id": key, **record}, None)


def _record_pieces(record: Mapping[str, object], about: Claims | None) -> Iterator[Piece]:
    """The article of a record, or the articles of a graph of JSON-LD."""
    graph = record.get("@graph")
    if isinstance(graph, list) and not candidates(record, "text"):
        for node in graph:
            if isinstance(node, Mapping):
                yield from _record_pieces(node, about)
        return
    try:
        raw = raw_json(record)
        piece = record_piece(record, about)
    except RecursionError:
        yield Piece("", Claims("record"), problem="too_complex")
    except Refused as error:
        yield Piece("", Claims("record"), problem=error.reason, detail=error.detail)
    else:
        yield replace(piece, raw=raw)


# --- exports of Telegram ---------------------------------------------------------------------
# Telegram Desktop exports the posts of a channel as JSON. A channel is a publication: it is the
# outlet of its posts. Chats between people are private, and left out. Service messages, and
# pictures without words, are no articles.

_MAX_MESSAGE_CHARS = 4096  # characters of a message: what is longer goes on in the next one
_NEARLY_MAX_CHARS = 3500
_TOGETHER_S = 5

Json = Mapping[str, object]


def _is_telegram(head: Json, shapes: Mapping[str, Json]) -> bool:
    if "chats.list.item" in shapes and "chats.list.item.messages.item" in shapes:
        return True
    if "messages.item" not in shapes or "type" not in head or "id" not in head:
        return False
    chats = word_set("json", "channels") | word_set("json", "chats")
    return "date_unixtime" in shapes["messages.item"] or str(head["type"]) in chats


def _posts(open_again: Callable[[], BinaryIO], head: Json, shapes: Json) -> Iterator[Piece]:
    if "messages.item" in shapes:
        messages = records_at(open_again(), "messages.item")
        yield from _of_chat(head, (m for m in messages if isinstance(m, Mapping)))
        return
    for chat in records_at(open_again(), "chats.list.item"):
        if isinstance(chat, Mapping) and isinstance(chat.get("messages"), list):
            yield from _of_chat(chat, (m for m in chat["messages"] if isinstance(m, Mapping)))


def _of_chat(chat: Json, messages: Iterator[Json]) -> Iterator[Piece]:
    chat_id, kind = one_line(chat.get("id")), one_line(chat.get("type"))
    claims = Claims("record", outlet=one_line(chat.get("name")))
    if kind not in word_set("json", "channels"):
        yield Piece("", claims, f"chat-{chat_id}", left_out="private")
        return
    for group in _groups(messages):
        yield _piece(group, claims, f"{chat_id}-{one_line(group[0].get('id'))}")


def _groups(messages: Iterator[Json]) -> Iterator[list[Json]]:
    """The messages, those together that are one text in several parts."""
    group: list[Json] = []
    for message in messages:
        if group and _goes_on(group[-1], message):
            group.append(message)
            continue
        if group:
            yield group
        group = [message]
    if group:
        yield group


def _goes_on(before: Json, message: Json) -> bool:
    """Whether a message goes on with the text of the one before, which was too long for one."""
    text = message_text(before)
    if not _NEARLY_MAX_CHARS <= len(text) <= _MAX_MESSAGE_CHARS or not message_text(message):
        return False
    if before.get("forwarded_from") != message.get("forwarded_from"):
        return False
    first, second = _unix(before), _unix(message)
    return first is not None and second is not None and 0 <= second - first <= _TOGETHER_S


def _piece(group: list[Json], chat: Claims, name: str) -> Piece:
    first = group[0]
    if first.get("type") != "message":
        return Piece("", chat, name, left_out="other_kind", detail="service")
    text = "\n\n".join(part for part in map(message_text, group) if part.strip())
    if not text.strip():
        return Piece("", chat, name, left_out="attachment")
    claims = Claims(
        "record",
        published=_date(first),
        outlet=chat.outlet,
        # A forwarded post has another author.
        author=one_line(first.get("forwarded_from")) or one_line(first.get("author")),
    )
    return Piece(text, claims, name, raw=raw_json(group if len(group) > 1 else first))


def message_text(message: Json) -> str:
    """The words of a message: a text, or a list of texts and of entities that hold one."""
    text = message.get("text")
    parts = text if isinstance(text, list) else [text]
    words = (part.get("text") if isinstance(part, Mapping) else part for part in parts)
    return "".join(word for word in words if isinstance(word, str))


def _date(message: Json) -> str:
    """The moment of a message by the clock of whoever exported it, else in UTC."""
    unix = _unix(message)
    local = one_line(message.get("date"))
    if local or unix is None:
        return local
    return datetime.fromtimestamp(unix, UTC).isoformat()


def _unix(message: Json) -> int | None:
    words = one_line(message.get("date_unixtime"))
    return int(words) if words.isdigit() and len(words) <= 11 else None
