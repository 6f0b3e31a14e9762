"""Whether a sentence of a model says that the passages hold no answer."""

from __future__ import annotations

import re

from config import data
from retrieval.analysis import fold

_DECLINED = re.compile("|".join(data.load("writing.toml")["declined"]))
_READ = 400


def declines(sentence: str) -> bool:
    """Whether a sentence is "les articles ne le disent pas", in one of its many forms."""
    return bool(_DECLINED.search(fold(sentence[:_READ].replace("’", "'"))))
