"""A script that needs no model: it writes and proves the first sentence of the first article."""

from __future__ import annotations

import re

from tests.fake_llm.asked import Asked
from tests.fake_llm.replies import Reply, says

_FIRST_ARTICLE = re.compile(r'<article n="1"[^>]*>\s*(.*?)\s*</article>', re.DOTALL)
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*")
_CHECKS = re.compile("Phrase à vérifier|Sentence to check")


def echo(asked: Asked) -> Reply:
    """Copy that sentence, with itself as its proof; to a sentence to verify, say yes."""
    if _CHECKS.search(asked.prompt):
        return says("oui")
    found = _FIRST_ARTICLE.search(asked.prompt)
    if found is None:
        return says("RIEN : il n'y a pas d'article.")
    sentence = _SENTENCE.match(found[1])
    text = sentence[0].strip() if sentence else ""
    return says(f"[1] « {text} » => {text}.", delay=0.01)
