"""A source as its viewer shows it, and an answer as its messages do: what is marked, and how."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.values import StoredSource
from bot.messages.answers import answer_text
from bot.messages.catalogue import Catalogue
from bot.telegram.answer import answer_blocks
from bot.telegram.post import Content
from bot.telegram.rich import LIMIT, clean, messages, units
from bot.telegram.view import SourceView, quote_to_copy, viewed
from retrieval.vocabulary import Answer, Article, Passage, Span, State, Statement, Status
from tests.bot.samples import ANSWERED, ARTICLE, NEAR, OTHER, QUOTE, REFUSED, citation
from tests.fake_telegram.html import parsed, utf16

FR = Catalogue("fr")
WORDS = "4.000 personnes"
MARKED = citation(1, QUOTE, answer=WORDS)
EXTRACTIVE = replace(
    ANSWERED,
    status=Status.EXTRACTIVE,
    statements=(
        Statement(QUOTE, (MARKED,)),
        Statement(
            "Les travaux du pont durent", (citation(2, "Les travaux du pont durent", OTHER),)
        ),
    ),
)
BROKEN = replace(ARTICLE, text="Le pont\n a   coûté\ncher, dit-on.")
ANSWERS = (
    ANSWERED,
    EXTRACTIVE,
    replace(EXTRACTIVE, evolution=True),
    NEAR,
    replace(NEAR, passages=(citation(1, BROKEN.text, BROKEN, "a   coûté\ncher"),)),
    REFUSED,
    replace(REFUSED, passages=NEAR.passages),
)


def marked(html: str, kind: str) -> list[str]:
    """What Telegram shows in bold, in italics or as a quote."""
    text, entities = parsed(html)
    raw = text.encode("utf-16-le")
    return [
        raw[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
        for e in entities
        if e["type"] == kind
    ]


def seen(
    article: Article, source: StoredSource, at: int | None = None, size: int = 10**6
) -> Content:
    """The viewer of a source; its article is cut into passages of so many characters."""
    starts = range(0, len(article.text), size)
    passages = [
        Passage(n, article.id, n, a, min(a + size, len(article.text)), article.text[a : a + size])
        for n, a in enumerate(starts)
    ]
    return viewed(SourceView(1, source, [1], article, passages, at=at), FR)


def cited(text: str, quote: Span, words: Span | None) -> StoredSource:
    """A source that quotes a text."""
    shown = text[quote.start : quote.end]
    return StoredSource(1, "a1", quote.start, quote.end, shown, "Titre", None, None, None, words)


AT = ARTICLE.text.index(QUOTE)
SOURCE = cited(ARTICLE.text, Span(AT, AT + len(QUOTE)), Span(AT, AT + len(WORDS)))


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_telegram_says_what_every_front_says(answer: Answer, language: str) -> None:
    """Whatever is marked, a message begins with the words of an answer that every front shows."""
    texts = Catalogue(language)
    (message,) = messages(list(answer_blocks(answer, texts)))
    said = " ".join(answer_text(texts, answer).split())
    assert " ".join(message.plain.split()).startswith(said)
    assert parsed(message.html)[0] == message.plain


def test_the_words_that_answer_are_in_bold() -> None:
    """In a sentence of an article, dated or not: them and its number, and nothing else of it."""
    for answer in (EXTRACTIVE, replace(EXTRACTIVE, evolution=True)):
        (message,) = messages(list(answer_blocks(answer, FR)))
        assert marked(message.html, "bold")[:3] == [WORDS, "[1]", "[2]"]


def test_the_viewer_says_a_title_once() -> None:
    """Also where the passage that came near begins with it; a title quoted alone is marked."""
    title, text = "Le pont rouvre", "Le pont rouvre\n\n4.000 personnes l'ont traversé."
    article = replace(ARTICLE, title=title, text=text)
    words = Span(text.index("4.000"), text.index(" l'ont"))
    near = seen(article, cited(text, Span(0, len(text)), words)).shown
    assert near.plain.count(title) == 1
    assert marked(near.html, "bold")[1:] == [WORDS]
    alone = seen(article, cited(text, Span(0, len(title)), None)).shown
    assert marked(alone.html, "bold")[1:] == [title]


def test_what_comes_near_is_no_answer() -> None:
    """It says first that nothing is sure; each passage has its number, its outlet and its date."""
    (message,) = messages(list(answer_blocks(NEAR, FR)))
    first, *_ = message.plain.split("\n\n")
    assert first == FR.text("passages.lead")
    assert marked(message.html, "bold") == ["[1]", WORDS, "[2]"]
    assert "Le Courrier de Brume, 18 février 2021" in message.plain
    assert FR.text("answer.sources") not in message.plain
    (refusal,) = messages(list(answer_blocks(replace(REFUSED, passages=NEAR.passages), FR)))
    assert refusal.plain.startswith("Aucun article de l’archive ne répond pour cette période")
    assert marked(refusal.html, "bold") == marked(message.html, "bold")


def test_a_quote_and_the_words_in_it() -> None:
    """Words that answer are bold, the rest of the quote is in italics; without them it is bold."""
    html = seen(ARTICLE, SOURCE).shown.html
    assert marked(html, "bold")[1:] == [WORDS]
    assert marked(html, "italic") == [QUOTE.removeprefix(WORDS)]
    html = seen(ARTICLE, replace(SOURCE, answer=None)).shown.html
    assert (marked(html, "bold")[1:], marked(html, "italic")) == ([QUOTE], [])


def copied(content: Content) -> list[str]:
    """What the buttons of a viewer copy."""
    return [button.copied for row in content.rows for button in row if button.copied]


def test_a_quote_is_copied_with_its_source() -> None:
    """As it stands, with outlet, date and address; not once the article says it no more."""
    marks = FR.text("quote.marks", text=QUOTE)
    (words,) = copied(seen(ARTICLE, SOURCE))
    assert words == (f"{marks} (Le Courrier de Brume, 18 février 2021) https://example.org/pont")
    (words,) = copied(seen(replace(ARTICLE, outlet=None, published=None, url=None), SOURCE))
    assert words == f"{marks} (journal inconnu, date inconnue)"
    assert copied(seen(replace(ARTICLE, text="Autre chose."), SOURCE)) == []
    assert copied(seen(replace(ARTICLE, state=State.WITHDRAWN), SOURCE)) == []


@given(st.text(min_size=1, max_size=700), st.text(max_size=200), st.booleans())
def test_what_is_copied_fits_and_keeps_its_source(quote: str, outlet: str, linked: bool) -> None:
    """Whatever the length: the date stays, the address goes first, then the end of the quote."""
    url = "https://example.org/" + "a" * 150 if linked else None
    article = replace(ARTICLE, text=quote, outlet=outlet, url=url)
    words = quote_to_copy(article, Span(0, len(quote)), FR)
    assert 0 < utf16(words) <= 256
    assert words.count("18 février 2021)") == 1
    whole = " ".join(clean(quote).split())
    shown = words[2:].rpartition(" (")[0][:-2]
    assert shown == whole or whole.startswith(shown.removesuffix(" […]"))


def test_a_quote_that_stands_elsewhere_now() -> None:
    """Its words are marked where they stand today; of a quote that is gone, nothing is marked."""
    moved = replace(ARTICLE, text=f"Une phrase de plus. {ARTICLE.text}")
    assert marked(seen(moved, SOURCE).shown.html, "bold")[1:] == [WORDS]
    changed = replace(ARTICLE, text=ARTICLE.text.replace("4.000", "5.000"))
    view = seen(changed, SOURCE).shown
    assert marked(view.html, "bold")[1:] == []
    assert marked(view.html, "italic")[0].endswith(
        f"\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\xa0{QUOTE}\xa0»"
    )
    assert "5.000 personnes" in view.plain


def test_other_pages_have_no_mark() -> None:
    """A page without the quote is shown whole, before and after the one that has it."""
    pages = [marked(seen(ARTICLE, SOURCE, at, size=AT).shown.html, "bold")[1:] for at in range(4)]
    assert pages == [[], [WORDS], [], []]


@given(
    st.text(alphabet="ab.é \n<&>🙂", min_size=1, max_size=40),
    st.integers(1, 400),
    st.lists(st.integers(0, 16_000), min_size=4, max_size=4),
)
def test_any_passage_fits_and_is_read(piece: str, times: int, places: list[int]) -> None:
    """Whatever its length and marks, a viewer fits a message, and its tags are closed."""
    text = piece * times
    start, a, b, end = sorted(min(place, len(text)) for place in places)
    if start == end:
        return
    source = cited(text, Span(start, end), Span(a, b) if a < b else None)
    view = seen(replace(ARTICLE, text=text), source).shown
    assert units(view.plain) <= LIMIT
    assert parsed(view.html)[0].rstrip() == view.plain.strip().rstrip()
    assert utf16(view.plain) == units(view.plain)
