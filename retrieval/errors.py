"""The error tree. A class says what happened and is what code decides by; a key names a sentence.

KiosqueError
├── BadUse                 the caller asked for something that has no meaning (exit 2)
│   ├── BadSettings        a setting is unknown, missing or of the wrong kind
│   ├── BadQuestion        an empty or oversized question
│   │   └── QuestionTooLong  one that is longer than may be asked
│   └── NotFound           no such path, article, feed or file
│       └── ArchiveMissing there is no archive yet, or it is empty
└── Failed                 the work could not be done (exit 1)
    ├── ArchiveBusy        another writer holds the archive
    ├── WatcherBusy        another process follows the feeds and folders of this home
    ├── ArchiveDamaged     the archive cannot be read
    │   ├── ArchiveInconsistent  its file is whole, its rows disagree
    │   └── IndexDamaged   an index is missing or damaged; it can be rebuilt from the archive
    │       └── GraphLossy it answers, and finds too few of its own entries
    ├── ForeignFile        a file in the place of ours is of another program, or of a later Kiosque
    ├── ServerUnreachable  the Chroma server does not answer
    │   └── ServerRefuses  it does, and refuses
    ├── ModelMismatch      the index was made with another embedding model
    ├── ModelUnavailable   the embedding model or endpoint cannot be used
    ├── WriterUnavailable  the chat model cannot be used
    │   ├── AnswerFailed   it can, but one answer was late, cut, endless or no text
    │   └── ModelUnknown   the endpoint has no model of that name
    ├── TranscriberUnavailable  speech cannot be put into words
    ├── StorageFull        no room, or no right, to write, or a disk that fails
    ├── Paused             indexing was stopped at the moment that was set
    └── PlanChanged        what a confirmed plan would do is no longer what it said

Each carries a ``key`` and the ``facts`` that fill in its sentence: ``error.<key>`` of the message
catalogue says what happened, ``error.<key>_do`` what to do (`bot.messages.errors.explained`).
An error keeps its class when it is pickled. All classes are here, but for `PlanChanged`, which
carries a report and is in `retrieval.change.report`.

Three errors of single packages are no part of the tree, and end where they are translated:
``config`` raises `SettingsError`, which becomes `BadSettings` where a front loads the settings;
``retrieval.reading`` raises `Refused` and ``retrieval.web`` `FetchFailed`: one bad article is
never an error but an `Unreadable` of the report, one bad feed a `Failed` of the command.
"""

from __future__ import annotations


class KiosqueError(Exception):
    """The root: everything that Kiosque raises on purpose.

    Args:
        key: names the sentence in the message catalogue; no code decides by it.
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


class QuestionTooLong(BadQuestion):
    """A question of more characters than are admitted: perhaps a text to be checked."""


class NotFound(BadUse):
    """No such path, article, feed or file."""


class ArchiveMissing(NotFound):
    """There is no archive yet, or there is nothing in it."""


class Failed(KiosqueError):
    """The work could not be done."""


class ArchiveBusy(Failed):
    """Another writer holds the archive."""


class WatcherBusy(Failed):
    """Another process follows the feeds and folders of this home."""


class ArchiveDamaged(Failed):
    """The archive cannot be read."""


class ArchiveInconsistent(ArchiveDamaged):
    """The archive's file is whole, but its rows disagree with each other."""


class IndexDamaged(ArchiveDamaged):
    """An index is missing or damaged; it can be rebuilt from the archive."""


class GraphLossy(IndexDamaged):
    """An index answers, and finds too few of its own entries."""


class ForeignFile(Failed):
    """A file in the place of ours was written by another program, or by a later Kiosque."""


class ServerUnreachable(Failed):
    """The Chroma server does not answer; what it holds may well be sound."""


class ServerRefuses(ServerUnreachable):
    """The Chroma server answers, and refuses: to wait is of no use."""


class ModelMismatch(Failed):
    """The index was made with another embedding model."""


class ModelUnavailable(Failed):
    """The embedding model, or the endpoint that serves it, cannot be used."""


class WriterUnavailable(Failed):
    """The chat model cannot be used: answers are made without one."""


class AnswerFailed(WriterUnavailable):
    """The chat model is there, and one answer of it was late, cut, endless or no text."""


class ModelUnknown(WriterUnavailable):
    """The endpoint has no chat model of that name."""


class TranscriberUnavailable(Failed):
    """Speech cannot be put into words: the endpoint is away, refuses or fails."""


class StorageFull(Failed):
    """There is no room, or no right, to write, or the disk fails."""


class Paused(Failed):
    """Indexing was stopped at the moment that was set; nothing of the change is live yet."""
