"""From an error to its sentences: total, in both languages, for each front."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from bot.messages.catalogue import LANGUAGES, Catalogue, sentences
from bot.messages.errors import explained, unexplained
from retrieval import errors
from retrieval.errors import BadUse, IndexDamaged, KiosqueError, StorageFull
from tests.source import syntax_trees

CLASSES = {n for n, k in vars(errors).items() if isinstance(k, type)}
MADE_BY = CLASSES | {"SettingsError", "self._failed"}
COMPUTED = {
    "config/loading.py": "setting_",
    "retrieval/embedding/endpoint.py": "embedding_",
    "retrieval/change/repair.py": "of the query",
    "bot/answering/model/endpoint.py": "llm_",
    "bot/answering/model/reading.py": "llm_",
    "bot/answering/model/transcription.py": "transcription_",
    "bot/cli/translated.py": "unknown_",
    "bot/cli/invocation.py": "of a SettingsError",
}
"""Modules that choose among keys at run time, and how these begin."""
OWN = {"what", "do", "unexpected", "unlisted"}
"""Sentences that are no error's, or that of any."""


def constants(node: ast.AST) -> set[str]:
    """The texts in a piece of code."""
    parts = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {part for part in parts if isinstance(part, str)}


def chosen(module: ast.Module, key: ast.expr) -> set[str]:
    """What a key may be: a text, one of two, or what the module assigns to a name."""
    match key:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return chosen(module, one) | chosen(module, other)
        case ast.Name(id=name):
            assigned = (n for n in ast.walk(module) if isinstance(n, ast.Assign))
            of_name = (n.value for n in assigned if ast.unparse(n.targets[0]) == name)
            return set().union(*(chosen(module, value) for value in of_name))
    return set()


@cache
def raised() -> tuple[tuple[str, set[str]], ...]:
    """Each place where an error is made, and the keys that it may have there; none if computed."""
    return tuple(
        (f"{path}:{call.lineno}", chosen(module, call.args[0]))
        for path, module in syntax_trees().items()
        for call in ast.walk(module)
        if isinstance(call, ast.Call)
        and call.args
        and ast.unparse(call.func).removeprefix("errors.") in MADE_BY
    )


def known_keys() -> set[str]:
    """Every key that is raised: written where it is raised, or beginning as its module says."""
    found = set().union(*(keys for _, keys in raised()))
    for path, module in syntax_trees().items():
        if path in COMPUTED:
            found |= {text for text in constants(module) if text.startswith(COMPUTED[path])}
    return found - {"llm_", "embedding_"}


def test_computed_keys_are_listed() -> None:
    """Where a key is chosen at run time, the list above says how to find its values."""
    unknown = {where for where, keys in raised() if not keys}
    assert {where.partition(":")[0] for where in unknown} <= COMPUTED.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_raised_has_its_sentences(language: str) -> None:
    """Each key of an error has what happened and what to do, in both languages."""
    texts = sentences(language)
    both = {f"error.{key}{end}" for key in known_keys() for end in ("", "_do")}
    assert both - texts.keys() == set()


def test_every_sentence_is_raised() -> None:
    """A sentence for an error that nothing raises any more is taken away."""
    written = set().union(*(constants(module) for module in syntax_trees().values()))
    written |= {f"{text}_near" for text in written}
    of_errors = {key[6:] for key in sentences("en") if key.startswith("error.")}
    assert {key for key in of_errors if not key.endswith("_do")} - written - OWN == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_class_is_explained(name: str, language: str) -> None:
    """Whatever its class and key, an error has both sentences; they show an unlisted one whole."""
    failure = explained(getattr(errors, name)("of_no_catalogue", path="p"), Catalogue(language))
    assert "of_no_catalogue: path=p" in failure.message
    assert failure.do
    assert failure.key == "of_no_catalogue"


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_other_error_has_a_reference(language: str) -> None:
    """A fault of ours names its reference and the log."""
    failure = unexplained(Catalogue(language), "abcd1234", Path("kiosque.log"))
    assert "abcd1234" in failure.message
    assert "kiosque.log" in failure.do


@pytest.mark.parametrize(
    "error",
    [
        StorageFull("storage_denied", path="/home/ana/kiosque data/archive.db"),
        IndexDamaged("index_damaged", path=Path("/srv/a/archive.db"), detail="at /srv/a/b/x.bin"),
        IndexDamaged("not listed", path="C:\\Users\\ana\\archive.db"),
        BadUse("article_withdrawn", title="Un titre", id="archive.db"),
    ],
    ids=lambda error: error.key,
)
def test_the_public_sees_no_folder(error: KiosqueError) -> None:
    """In a chat, a path is shown by its last part."""
    failure = explained(error, Catalogue("fr"), public=True)
    assert not any(part in failure.message for part in ("ana", "srv", "home", "kiosque data"))
    assert "archive.db" in failure.message
