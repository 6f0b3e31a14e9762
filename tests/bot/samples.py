"""Small values to render: an archive of two articles, and what may be said of them."""

from __future__ import annotations

from datetime import date

from retrieval.archive.rows import Entry
from retrieval.vocabulary import (
    Answer,
    Article,
    Citation,
    Coverage,
    Evidence,
    Passage,
    Period,
    PublicationDate,
    Question,
    Reason,
    Refusal,
    Span,
    State,
    Statement,
    Status,
    Window,
)

TEXT = (
    "Le pont de Brume a rouvert lundi.\n"
    "Après deux ans de travaux, 4.000 personnes l'ont traversé à pied. "
    "La mairie parle d'un [succès] « inespéré ». Le tramway suivra en mars.\n"
    "Un dernier paragraphe."
)

ARTICLE = Article(
    id="a1b2c3",
    title="Le pont de Brume rouvre",
    text=TEXT,
    published=PublicationDate(2021, 2, 18),
    outlet="Le Courrier de Brume",
    author="Ana Lys",
    url="https://example.org/pont",
    language="fr",
    source="articles/pont.txt",
    digest="d1",
)

OTHER = Article(
    id="d4e5f6",
    title="Deux ans de travaux",
    text="Les travaux du pont durent depuis mai.",
    published=PublicationDate(2020, 5),
    outlet=None,
    author=None,
    url=None,
    language="fr",
    source="articles/travaux.txt",
    digest="d2",
    revision=2,
    state=State.CORRECTED,
)


def citation(
    number: int, quote: str, article: Article = ARTICLE, answer: str | None = None
) -> Citation:
    """A citation of the first place where the article says so, with the words that answer."""
    start = article.text.index(quote)
    words = None
    if answer is not None:
        at = article.text.index(answer, start)
        words = Span(at, at + len(answer))
    return Citation(number, article, quote, start, start + len(quote), words)


QUOTE = "4.000 personnes l'ont traversé à pied."

ANSWERED = Answer(
    question=Question("Combien de personnes ont traversé le pont ?"),
    status=Status.ANSWERED,
    statements=(
        Statement("4.000 personnes l'ont traversé à pied.", (citation(1, QUOTE),)),
        Statement(
            "Les travaux ont duré.",
            (citation(1, QUOTE), citation(2, "Les travaux du pont durent", OTHER)),
        ),
    ),
    as_of=PublicationDate(2021, 2, 18),
    timings_ms={"understand": 1.24, "search": 20.06, "answer": 3.0, "total": 24.3},
)

NEAR = Answer(
    question=Question("Combien le pont a-t-il coûté ?"),
    status=Status.PASSAGES,
    passages=(
        citation(1, QUOTE, answer="4.000 personnes"),
        citation(2, "Les travaux du pont durent depuis mai.", OTHER),
    ),
    timings_ms={"understand": 1.0, "search": 20.0, "read": 90.0, "answer": 1.0, "total": 112.0},
)

REFUSED = Answer(
    question=Question(
        "Qui a gagné en 2017 ?", period=Period(date(2017, 1, 1), date(2017, 12, 31), "en 2017")
    ),
    status=Status.REFUSED,
    refusal=Refusal(
        Reason.OUT_OF_PERIOD,
        Coverage(
            4000,
            PublicationDate(2020, 5),
            PublicationDate(2021, 2, 18),
            ("Le Courrier de Brume", "La Feuille", "L'Écho"),
        ),
        (ARTICLE, OTHER),
    ),
)

EVIDENCE = Evidence(
    article=ARTICLE,
    passage=Passage(7, ARTICLE.id, 1, 34, 34 + 66, TEXT[34 : 34 + 66]),
    window=Window(9, TEXT.index(QUOTE), TEXT.index(QUOTE) + len(QUOTE), QUOTE),
    dense=0.87654,
    lexical=12.3456,
    score=0.98765,
)

ENTRIES = (
    Entry(
        ARTICLE.id, ARTICLE.title, ARTICLE.outlet, ARTICLE.published, ARTICLE.source, State.LIVE, 3
    ),
    Entry(OTHER.id, OTHER.title, None, None, OTHER.source, State.WITHDRAWN, 1),
)
