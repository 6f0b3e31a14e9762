"""What can be wrong with the settings, as a key of the message catalogue and its facts."""

from __future__ import annotations


class SettingsError(ValueError):
    """A setting is unknown, missing or of the wrong kind.

    This package knows no other, so it cannot raise the project's own errors: the front that
    reads the settings turns this into `retrieval.errors.BadSettings`, once.

    Args:
        key: names the sentence in the message catalogue.
        facts: values that the sentence shows; never a secret.
    """

    def __init__(self, key: str, **facts: str) -> None:
        self.key = key
        self.facts = facts
        super().__init__(": ".join([key, *facts.values()]))
