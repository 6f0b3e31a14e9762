"""A script that needs no model: the first sentence of the first article that it is given."""

from __future__ import annotations

import re

from tests.fake_llm.asked import Asked
from tests.fake_llm.replies import Reply, says

_FIRST_ARTICLE = re.compile(r'<article n="1"[^>]*>\s*(.*?)\s*</article>', re.DOTALL)
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*")


def echo(asked: Asked) -> Reply:
    """Copy that sentence with its number; to a yes or a no, say yes."""
    if asked.wants_odds:
        return says("oui", likely={"oui": 0.9, "non": 0.1})
    found = _FIRST_ARTICLE.search(asked.prompt)
    if found is None:
        return says("Les articles ne le disent pas.")
    sentence = _SENTENCE.match(found[1])
    return says(f"{sentence[0].strip() if sentence else ''} [1].", delay=0.01)
