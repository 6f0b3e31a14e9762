"""What is sent to a chat model: messages, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model.

    Args:
        role: ``system``, ``user`` or ``assistant``.
        text: what it says.
    """

    role: str
    text: str
