"""Evidence made of a sentence or two, for rules that need no archive."""

from __future__ import annotations

from bot.answering.grounding import GivenPassage
from bot.answering.understanding import UnderstoodQuestion, understand
from retrieval.vocabulary import (
    Article,
    Evidence,
    Hit,
    Passage,
    PublicationDate,
    Span,
    Turn,
    Window,
)
from tests.sample_home import TODAY


def asked(text: str, *earlier: str) -> UnderstoodQuestion:
    """A question understood, after others of the same user."""
    return understand(text, TODAY, tuple(Turn("user", one) for one in earlier))


def article(text: str, title: str = "", day: PublicationDate | None = None) -> Article:
    """An article of a text; its id is how the text begins."""
    return Article(
        id=text[:40],
        title=title,
        text=text,
        published=day or PublicationDate(2019, 3),
        outlet=None,
        author=None,
        url=None,
        language="fr",
        source="article.txt",
        digest="",
    )


def evidence(of: Article, start: int = 0, end: int | None = None, score: float = 1.0) -> Evidence:
    """A passage of an article, by default all of it."""
    stop = len(of.text) if end is None else end
    text = of.text[start:stop]
    window = Window(1, start, stop, text)
    return Evidence(of, Passage(1, of.id, 0, start, stop, text), window, 0.85, 5.0, score)


def hit(of: Article, sentence: str, probability: float, answer: str = "") -> Hit:
    """A window that holds a sentence, read with a probability, and the words that answer."""
    start = of.text.index(sentence)
    at = of.text.index(answer) if answer else 0
    window = Window(start, start, start + len(sentence), sentence)
    return Hit(evidence(of), window, probability, Span(at, at + len(answer)) if answer else None)


def given(*texts: str, title: str = "") -> tuple[GivenPassage, ...]:
    """Passages as a model is given them, each an article of its own."""
    made = [evidence(article(text, title)) for text in texts]
    return tuple(
        GivenPassage(n, one, Span(0, len(one.article.text))) for n, one in enumerate(made, 1)
    )
