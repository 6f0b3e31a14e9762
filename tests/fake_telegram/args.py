"""The arguments of a call, as they arrive: a form whose nested values are JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fake_telegram.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes


class Args:
    """Typed access to the form of a call."""

    def __init__(self, form: Mapping[str, str | Upload]) -> None:
        self.form = dict(form)

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self.form.get(name, default)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """An integer."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise bad_request(f'invalid parameter "{name}"') from None

    def flag(self, name: str) -> bool:
        """A boolean."""
        return self.text(name).lower() in {"true", "1"}

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """A nested value, or None."""
        text = self.text(name)
        if not text:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise bad_request(f"can't parse {name}: JSON") from None

    def file(self, name: str) -> Upload | None:
        """A file, if the call carries one under that name."""
        value = self.form.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.form.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None
