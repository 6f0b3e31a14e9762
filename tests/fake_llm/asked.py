"""What the server was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Args:
        path: of its address.
        headers: their names in lower case.
        body: the JSON that it holds, or the fields of its form, each file as its ``name`` and
            its ``content``; empty for a ``GET``.
    """

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """Its last message."""
        return str(self.body["messages"][-1]["content"])

    @property
    def streamed(self) -> bool:
        """Whether the answer is wanted piece by piece."""
        return bool(self.body.get("stream"))
