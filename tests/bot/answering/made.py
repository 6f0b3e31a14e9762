"""Questions understood, and evidence made of a sentence or two, for rules that need no archive."""

from __future__ import annotations

from bot.answering.candidates import Candidate
from bot.answering.relevance import FEATURES, Ground, names_in
from bot.answering.understanding import Asked, understand
from retrieval.analysis import analyse
from retrieval.vocabulary import Article, Evidence, Passage, PublicationDate, Span, Turn, Window
from tests.sample_home import TODAY


def asked(text: str, *earlier: str) -> Asked:
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


def ground(sentence: str, rest: str = "", title: str = "") -> Ground:
    """The terms of a sentence, in a passage that is its whole article."""
    whole = frozenset(analyse(f"{sentence} {rest}"))
    return Ground(frozenset(analyse(sentence)), whole, frozenset(analyse(title)), whole)


def names_of(text: str) -> frozenset[str]:
    """What an archive of one text writes as names."""
    return names_in(text, "fr")


def candidate(
    sentence: str,
    probability: float,
    *,
    of: Article | None = None,
    contradicts: bool = False,
) -> Candidate:
    """A sentence with the probability that it was given, in an article of its own or another."""
    place = of or article(sentence)
    start = place.text.index(sentence)
    return Candidate(
        evidence(place),
        Span(start, start + len(sentence)),
        sentence,
        frozenset(analyse(sentence)),
        (0.0,) * len(FEATURES),
        probability,
        contradicts,
    )
