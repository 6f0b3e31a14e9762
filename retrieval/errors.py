"""The error tree: what can go wrong, as facts; the fronts choose the sentence.

KiosqueError
├── BadUse                 the caller asked for something that has no meaning (exit 2)
│   ├── BadSettings        a setting is unknown, missing or of the wrong kind
│   ├── BadQuestion        an empty or oversized question
│   └── NotFound           no such path, article or file
└── Failed                 the work could not be done (exit 1)
    ├── ArchiveBusy        another writer holds the archive
    ├── ArchiveDamaged     the archive or its indexes cannot be read
    ├── ModelMismatch      the index was made with another embedding model
    ├── ModelUnavailable   the embedding model or endpoint cannot be used
    ├── WriterUnavailable  the chat model cannot be used
    │   └── AnswerFailed   it can, but one answer was late, cut, endless or no text
    └── StorageFull        no room, or no right, to write, or a disk that fails

Each carries a catalogue ``key`` and the ``facts`` that fill its sentence in
(``error.<key>`` says what happened, ``error.<key>.do`` what to do).
One bad article is never an error: it is an `Unreadable` in the report.
"""

from __future__ import annotations


class KiosqueError(Exception):
    """The root: everything that Kiosque raises on purpose.

    Args:
        key: names the sentence in the message catalogue.
        facts: values that the sentence shows.
    """

    exit_code = 1

    def __init__(self, key: str, **facts: object) -> None:
        self.key = key
        self.facts = facts
        shown = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{key}: {shown}" if shown else key)


class BadUse(KiosqueError):
    """The caller asked for something that has no meaning."""

    exit_code = 2


class BadSettings(BadUse):
    """A setting is unknown, missing or of the wrong kind."""


class BadQuestion(BadUse):
    """A question that is empty or too long."""


class NotFound(BadUse):
    """No such path, article or file."""


class Failed(KiosqueError):
    """The work could not be done."""


class ArchiveBusy(Failed):
    """Another writer holds the archive."""


class ArchiveDamaged(Failed):
    """The archive or one of its indexes cannot be read."""


class ModelMismatch(Failed):
    """The index was made with another embedding model."""


class ModelUnavailable(Failed):
    """The embedding model, or the endpoint that serves it, cannot be used."""


class WriterUnavailable(Failed):
    """The chat model cannot be used: answers are made without one."""


class AnswerFailed(WriterUnavailable):
    """The chat model is there, and one answer of it was late, cut, endless or no text."""


class StorageFull(Failed):
    """There is no room, or no right, to write, or the disk fails."""
