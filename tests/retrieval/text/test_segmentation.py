"""Passages and windows: exact offsets, nothing lost, nothing twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.data import path as data_path
from retrieval.reading import find_sources, load_rules, read
from retrieval.text.line_breaks import TAG
from retrieval.text.segmentation import MAX_SENTENCES, embedded_text, segment, sentences
from retrieval.vocabulary import Draft
from tests.bounds import bounded
from tests.sample_home import ARTICLES

PROSE = st.lists(
    st.sampled_from(
        "Le maire M. Durand Mme J. Petit a dit : « Non ! » Pourquoi ? 4.000 3,5 % etc. … l'État "
        "U.S.A. av. J.-C. oui. NON. \n \n\n - \u00a0 \u2028 \r\n \t ; (bis) ... ?! É <p> </p><br/> "
        "ruralesLe Il La".split(" ")
    )
    | st.text(max_size=12),
    max_size=120,
).map(" ".join)
SIZES = st.tuples(st.integers(200, 1500), st.integers(80, 400))


def _readable(gap: str) -> str:
    """What there is to read between two windows: tags and blanks are nothing."""
    return TAG.sub("", gap).strip()


def _texts() -> list[str]:
    rules = load_rules(data_path("reading/cleaning.toml"))
    read_ = (
        draft
        for source in find_sources([ARTICLES])
        if isinstance(source, Path)
        for draft in read(source, str(source), rules, 50_000_000)
    )
    return [draft.text for draft in read_ if isinstance(draft, Draft)]


@settings(deadline=None, max_examples=150)
@given(PROSE, SIZES)
@example("", (1200, 280))
@example("\n \n", (1200, 280))
@example("a" * 5000, (1200, 280))
@example("Une phrase. " * 500, (1200, 280))
@example("Un titre\n" * 300, (200, 80))
def test_passages_and_windows_of_any_text(text: str, sizes: tuple[int, int]) -> None:
    """Passages do not overlap; their windows are theirs, in order, and leave out only gaps."""
    end = 0
    for passage in segment(text, *sizes):
        assert end <= passage.start < passage.end <= len(text)
        assert _readable(text[end : passage.start]) == ""
        assert passage.windows[0].start == passage.start
        assert passage.windows[-1].end == passage.end
        for one, other in pairwise(passage.windows):
            assert one.end <= other.start
            assert _readable(text[one.end : other.start]) == ""
        end = passage.end
    assert _readable(text[end:]) == ""


@settings(deadline=None, max_examples=150)
@given(PROSE, SIZES)
def test_every_sentence_is_in_one_window(text: str, sizes: tuple[int, int]) -> None:
    """A sentence is never cut in two, and a window has at most three."""
    windows = [window for passage in segment(text, *sizes) for window in passage.windows]
    for sentence in sentences(text):
        holders = [w for w in windows if w.start <= sentence.start and sentence.end <= w.end]
        assert len(holders) == 1
    for window in windows:
        inside = [s for s in sentences(text) if window.start <= s.start < window.end]
        assert 1 <= len(inside) <= MAX_SENTENCES


@settings(deadline=None, max_examples=150)
@given(PROSE, st.integers(0, 500))
def test_sentences_are_trimmed_spans(text: str, offset: int) -> None:
    """A sentence begins and ends with something to read, and offsets only shift."""
    found = sentences(text)
    for span in found:
        piece = text[span.start : span.end]
        assert piece == piece.strip() != ""
        assert "\n" not in piece
    shifted = [(span.start - offset, span.end - offset) for span in sentences(text, offset)]
    assert shifted == [(span.start, span.end) for span in found]


def test_sizes_hold_on_real_articles() -> None:
    """On articles, passages and windows stay near their sizes, and only long sentences exceed."""
    for text in _texts():
        for passage in segment(text):
            assert passage.end - passage.start <= 1600
            for window in passage.windows:
                inside = sentences(text[window.start : window.end])
                assert window.end - window.start <= 280 or len(inside) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("M. Durand a vu Mme Petit. Il est parti.", 2),
        ("Le Dr. Martin et J. Petit sont venus. Bien !", 2),
        ("Il a dit : « Non ! » Puis il est parti.", 2),
        ("Le prix est de 4.000 euros. C'est cher.", 2),
        ("Cela vaut 3.5 millions.", 1),
        ("Les États-Unis (U.S.A.) ont dit non.", 1),
        ("Première ligne\nDeuxième ligne", 2),
        ("Pourquoi ? Parce que.", 2),
        ("Il habite av. de la Gare. Elle aussi.", 2),
    ],
)
def test_where_french_sentences_end(text: str, count: int) -> None:
    """Titles, initials, abbreviations and decimals end no sentence; a line end always does."""
    assert len(sentences(text)) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Menaces hybrides  Le maire a dit non.", ["Menaces hybrides", "Le maire a dit non."]),
        ("Menaces hybrides\u00a0 Paul a dit non.", ["Menaces hybrides", "Paul a dit non."]),
        (
            "Le maire ferme le pont Les habitants protestent.",
            ["Le maire ferme le pont", "Les habitants protestent."],
        ),
        ("Menaces hybridesLe maire a dit non.", ["Menaces hybrides", "Le maire a dit non."]),
        ("UN PONT FERMÉLe maire a dit non.", ["UN PONT FERMÉ", "Le maire a dit non."]),
        ("« Un affront »  Le maire a dit non.", ["« Un affront »", "Le maire a dit non."]),
        (
            "Il est parti.Selon Mme Petit, il revient.",
            ["Il est parti.", "Selon Mme Petit, il revient."],
        ),
        (
            "Fini. Un grand plan Les élus disent non.",
            ["Fini.", "Un grand plan", "Les élus disent non."],
        ),
        ("<p>Il part.</p><p>Elle reste<br>là</p>", ["Il part.", "Elle reste", "là"]),
    ],
)
def test_lost_line_ends_end_sentences(text: str, found: list[str]) -> None:
    """Runs of spaces, tags, and an opener after a heading stand for line ends that were lost."""
    assert [text[span.start : span.end] for span in sentences(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Le prix est de 10\u00a0000 euros, selon «\u00a0Le Quai\u00a0» et La Poste.",
        "Le maire  a rencontré  Paul  Durand.",
        "Il a vu M.  Durand.",
        "Elle habite à  Paris.",
        "Il a dit :  Non.",
        "Le film La grande porte est sorti.",
        "On le lit dans Le petit journal.",
        "Marine Le Pen est à La Rochelle.",
        "StopCovid et WhatsApp sont à De La Soul.",
        "Une mesure < 3 et > 2 suffit.",
        "AUJOURD'HUI, DÉJÀ VU.",
    ],
)
def test_what_only_resembles_a_lost_line_end_ends_nothing(text: str) -> None:
    """Names, numbers, doubled spaces within a sentence and prepositions before a name."""
    assert len(sentences(text)) == 1


def test_no_window_holds_a_tag() -> None:
    """A tag that was left in the text stands between windows, never inside one."""
    text = "<p>Un pont.</p><p>Il ferme.</p> <p>Elle part.</p>"
    windows = [window for passage in segment(text) for window in passage.windows]
    assert [text[one.start : one.end] for one in windows] == ["Un pont.", "Il ferme.", "Elle part."]


def test_heading_goes_with_what_follows() -> None:
    """A short line without a full stop opens a window of its own rather than closing another."""
    text = "Une première phrase bien finie.\nLe mystère de la forêt\nOn y trouve des arbres."
    (passage,) = segment(text)
    starts = [text[window.start :].split("\n")[0] for window in passage.windows]
    assert "Le mystère de la forêt" in starts


def test_the_title_is_embedded_with_the_window() -> None:
    """A title says what its window is about; without one the window stands alone."""
    assert embedded_text("Le port", "Il ferme.") == "Le port. Il ferme."
    assert embedded_text("", "Il ferme.") == "Il ferme."


def test_a_line_without_end_is_read_in_pieces() -> None:
    """However long a line is, all of it is read, in time that grows with its length."""
    text = "Une phrase de plus. " * 20_000
    with bounded():
        found = sentences(text)
    assert len(found) == 20_000
    assert "".join(text[one.start : one.end] for one in found) == text.replace(". ", ".").strip()
