"""What a person sees: the right words at any width, nothing obeyed, nothing lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from bot.cli.index import render_report
from bot.cli.output import Bars, harmless
from bot.cli.render import prose, render_answer, render_article, render_articles, render_search
from bot.messages.catalogue import Catalogue
from retrieval.change.report import Item, Kind, Report
from retrieval.vocabulary import Notice, Period, Statement, Status, Unreadable
from tests.bot.samples import (
    ANSWERED,
    ARTICLE,
    ENTRIES,
    EVIDENCE,
    NEAR,
    QUOTE,
    REFUSED,
    citation,
)

FRENCH, ENGLISH = Catalogue("fr"), Catalogue("en")
REPORT = Report(
    added=2,
    unchanged=3,
    removed=1,
    unreadable=(Unreadable("b.txt", "encoding", "0xff"), Unreadable("c.txt", "newly_found")),
    items=(
        Item(Kind.ADDED, "a1", "a.txt", "A", ("credit: (Photo : X)",)),
        Item(Kind.REMOVED, "z1", "z.txt", "Z"),
    ),
    passages=1200,
    windows=5000,
    took_ms=1234,
)


def shown(renderable: RenderableType, width: int = 80, *, colour: bool = False) -> str:
    """What a terminal of that width shows."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        emoji=False,
    )
    console.print(renderable)
    return out.getvalue()


def flowed(text: str) -> str:
    """A text without its line ends and indents."""
    return " ".join(text.split())


def test_answer_then_sources() -> None:
    """The answer carries its numbers; each source has outlet, date, and the quote in place."""
    text = shown(render_answer(ANSWERED, FRENCH), 200)
    assert "traversé à pied. [1] Les travaux ont duré. [1][2]" in text
    assert "[1] Le pont de Brume rouvre — Le Courrier de Brume, 18 février 2021" in text
    assert f"Après deux ans de travaux, {QUOTE} La mairie" in text
    assert "https://example.org/pont" in text
    assert "[2] Deux ans de travaux — journal inconnu, mai 2020 (corrigé depuis)" in text


def test_quote_is_bold_in_its_passage() -> None:
    """The quote, and only it, stands out in its passage."""
    text = shown(render_answer(ANSWERED, FRENCH), 200, colour=True)
    assert f"\x1b[1m{QUOTE}\x1b[0m" in text


def test_words_that_answer_are_bold() -> None:
    """They, and only they, stand out: in the quote, and in the sentence that is the quote."""
    (found, _) = NEAR.passages
    answer = replace(ANSWERED, status=Status.EXTRACTIVE, statements=(Statement(QUOTE, (found,)),))
    text = shown(render_answer(answer, FRENCH), 200, colour=True)
    assert text.count("\x1b[1m4.000 personnes\x1b[0m l'ont traversé à pied.") == 2
    assert "\x1b[2mAprès deux ans de travaux, \x1b[0m\x1b[1m4.000" in text
    dated = shown(render_answer(replace(answer, evolution=True), FRENCH), 200, colour=True)
    assert "18 février 2021\u00a0: \x1b[1m4.000 personnes\x1b[0m l'ont" in dated


def test_no_colour_away_from_a_terminal() -> None:
    """What is written to a file or a pipe has no escape sequence."""
    for renderable in (render_answer(ANSWERED, FRENCH), render_articles(ENTRIES, FRENCH)):
        assert "\x1b" not in shown(renderable)


def test_brackets_of_an_article_are_text() -> None:
    """``[succès]`` in an article, or ``[bold]``, is shown and is no markup."""
    found = citation(1, "La mairie parle d'un [succès] « inespéré ».")
    answer = replace(ANSWERED, statements=(Statement("Un [bold]succès[/bold].", (found,)),))
    text = shown(render_answer(answer, FRENCH), 300)
    assert "[succès]" in text
    assert "[bold]succès[/bold]" in text


def test_article_commands_nothing() -> None:
    """Escape sequences of an article never reach the terminal."""
    wicked = replace(ARTICLE, title="A\x1b]0;owned\x07B", text="x\x9b2Jy\r\n")
    text = shown(render_article(wicked, FRENCH))
    assert not {"\x1b", "\x07", "\x9b", "\r"} & set(text)
    assert harmless("a\tb\nc") == "a\tb\nc"


def test_a_dated_list_hangs_from_its_dashes() -> None:
    """The lines of an item begin under its first word, not under its dash."""
    found = citation(1, QUOTE)
    answer = replace(ANSWERED, statements=(Statement(QUOTE, (found,)),) * 2, evolution=True)
    lines = [line.rstrip() for line in shown(render_answer(answer, FRENCH), 40).splitlines()]
    dashes = [index for index, line in enumerate(lines) if line.startswith("– 18 février 2021")]
    assert len(dashes) == 2
    assert all(lines[index + 1].startswith("  ") for index in dashes)


def test_sources_of_a_dated_list_are_a_line_an_article() -> None:
    """Their quotes are the list: each article comes once, with its numbers, outlet and date."""
    quotes = [citation(1, QUOTE), citation(2, "Le tramway suivra en mars.")]
    statements = tuple(Statement(one.quote, (one,)) for one in quotes)
    answer = replace(ANSWERED, statements=statements, evolution=True)
    text = flowed(shown(render_answer(answer, FRENCH), 200))
    assert text.count(QUOTE) == 1
    _, _, sources = text.partition("Sources ")
    assert sources.startswith("[1][2] Le pont de Brume rouvre — Le Courrier de Brume, 18 février")
    assert sources.count("Le pont de Brume rouvre") == 1


def test_what_comes_nearest_is_shown_as_such() -> None:
    """Under the sentence that it is no answer: number, article, outlet, date, words in place."""
    text = flowed(shown(render_answer(NEAR, FRENCH), 200))
    assert text.startswith("Pas de réponse sûre. Voici ce qui s’en approche le plus : [1] Le pont")
    assert "Le Courrier de Brume, 18 février 2021 Après deux ans de travaux, 4.000" in text
    assert "[2] Deux ans de travaux — journal inconnu, mai 2020" in text
    assert "Sources" not in text
    assert "programme" not in text


def test_what_comes_near_stands_under_a_refusal() -> None:
    """The reason, the coverage, then each passage with its source, without more around it."""
    near = replace(REFUSED, passages=NEAR.passages)
    text = flowed(shown(render_answer(near, ENGLISH), 200))
    reason, _, rest = text.partition("The archive holds")
    assert reason.startswith("No article of the archive")
    assert "What comes nearest: [1] Le pont de Brume rouvre — Le Courrier" in rest
    assert f"18 February 2021 {QUOTE} https://example.org/pont [2]" in rest


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_everything_fits(width: int) -> None:
    """Nothing is wider than the terminal, and no word of an answer is lost."""
    for renderable in (
        render_answer(ANSWERED, FRENCH),
        render_answer(NEAR, FRENCH),
        render_answer(REFUSED, ENGLISH),
        render_search(None, [EVIDENCE], 12.0, FRENCH),
        render_articles(ENTRIES, FRENCH),
        render_article(ARTICLE, FRENCH),
        render_report(REPORT, FRENCH, explain=True),
    ):
        assert max(map(len, shown(renderable, width).splitlines())) <= width
    assert QUOTE in flowed(shown(render_answer(ANSWERED, FRENCH), width))


HELD = (
    "La mairie l’a dit : « Ce pont\u00a0! »\u00a0; la presse\u202f: "
    "«\u00a0Déjà\u00a0\u202f?\u00a0» En somme 4\u202f000 pas"
)


@pytest.mark.parametrize("width", [20, 30, 60, 61, 62, 63, 80])
def test_french_spaces_hold(width: int) -> None:
    """No line begins with a mark that closes, nor ends with one that opens, and nothing changes."""
    told = replace(ARTICLE, title=HELD, text=" ".join([HELD] * 9))
    found = citation(1, HELD, told)
    answer = replace(ANSWERED, statements=(Statement(HELD, (found,)),))
    refused = replace(REFUSED, passages=(found,))
    for renderable in (
        render_answer(answer, FRENCH),
        render_answer(refused, FRENCH),
        render_article(told, FRENCH),
    ):
        lines = [line.strip() for line in shown(renderable, width).splitlines()]
        assert not [line for line in lines if line.startswith((":", ";", "?", "!", "»", "000"))]
        assert not [line for line in lines if line.endswith("«")]
    assert HELD in shown(prose(HELD), 200)


def test_passages_hang_from_their_numbers() -> None:
    """The second line of what comes near stands under the first, past its number."""
    long = replace(ARTICLE, title="Un titre " + "très " * 20 + "long")
    refused = replace(REFUSED, passages=(citation(1, QUOTE, long),))
    lines = shown(render_answer(refused, FRENCH), 60).splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("[1] "))
    assert all(line.startswith("    ") for line in lines[first + 1 :])
    assert len(lines) > first + 2


def test_title_is_read_once() -> None:
    """An article whose text begins with its title shows it once."""
    twice = replace(ARTICLE, title="Le pont", text="Le  pont\n\nIl rouvre.")
    text = shown(render_article(twice, FRENCH), 100)
    assert len(re.findall(r"Le +pont", text)) == 1
    assert "Il rouvre." in text
    alone = replace(ARTICLE, title="Le pont", text="Le pont")
    assert shown(render_article(alone, FRENCH), 100).count("Le pont") == 2


def test_long_sources_are_folded() -> None:
    """A path longer than the terminal is whole, over two lines."""
    path = "/archives/" + "dossier-" * 12 + "fin.txt"
    text = shown(render_article(replace(ARTICLE, source=path), FRENCH), 60)
    assert path in "".join(text.split())


def test_notices_are_said() -> None:
    """A notice stands between the answer and its sources."""
    text = shown(render_answer(replace(ANSWERED, notices=(Notice("brand_new"),)), FRENCH))
    assert text.index("brand_new") < text.index("Sources")


def test_refusal_has_no_sources() -> None:
    """A refusal without anything near is its reason and the coverage: nothing is announced."""
    text = flowed(shown(render_answer(REFUSED, ENGLISH)))
    assert "The archive holds 4,000 articles" in text
    assert "nearest" not in text
    assert "Sources" not in text


def test_written_answer_says_so() -> None:
    """What a program wrote is told from sentences of the articles, under the answer."""
    text = flowed(shown(render_answer(ANSWERED, FRENCH), 200))
    assert "[1][2] Réponse rédigée par un programme, à partir des articles cités. Sources" in text
    quoted = shown(render_answer(replace(ANSWERED, status=Status.EXTRACTIVE), FRENCH), 200)
    assert "programme" not in quoted


def test_search_shows_scores_and_window() -> None:
    """Each passage has its scores in the reader's numbers, and the period that was read."""
    period = Period(date(2021, 1, 1), None)
    text = flowed(shown(render_search(period, [EVIDENCE], 1234.5, FRENCH), 120))
    assert "score 0,99 · sens 0,88 · mots 12,3" in text
    assert "depuis le 1er janvier 2021" in text
    assert QUOTE in text
    assert "Aucun passage" in shown(render_search(None, [], 1.0, FRENCH))


def test_articles_keep_their_ids_whole() -> None:
    """On a narrow terminal the title gives way, never the id: it is typed again."""
    text = shown(render_articles(ENTRIES, FRENCH), 60)
    assert all(entry.id in text for entry in ENTRIES)
    assert "2 articles" in text
    assert "kiosque index" in shown(render_articles([], FRENCH))


def test_report_counts_and_explains() -> None:
    """The report says what was done, what is gone, what could not be read and why."""
    text = flowed(shown(render_report(REPORT, FRENCH), 200))
    assert "2 articles ajoutés 3 articles inchangés" in text
    assert "z.txt" in text
    assert "--prune" in text
    assert "b.txt : l’encodage n’est pas reconnu –" in text.replace("\xa0", " ")
    assert "newly_found" in text
    assert "credit" not in text
    assert "credit: (Photo : X)" in shown(render_report(REPORT, FRENCH, explain=True))


def test_pruned_report_says_removed() -> None:
    """With --prune, what is gone is counted as removed and not listed as left."""
    text = flowed(shown(render_report(replace(REPORT, pruned=True), FRENCH), 200))
    assert "1 article retiré" in text
    assert "--prune" not in text


def test_report_of_a_plan() -> None:
    """A plan says that it changed nothing; what was not counted is not said."""
    assert "article" not in shown(render_report(Report(), FRENCH))
    assert "Nothing was changed" in shown(render_report(Report(added=1, dry_run=True), ENGLISH))


def test_bars_draw_only_on_a_terminal() -> None:
    """Stages advance in either way of counting, and a pipe sees nothing of it."""
    for terminal in (True, False):
        out = StringIO()
        console = Console(file=out, force_terminal=terminal, width=80)
        with Bars(FRENCH, console) as bars:
            count = bars.counter("model")
            count(0, 4)
            count(4, 4)
            bars.stage("embed", 10)
            bars.advance(10)
        assert ("Vecteurs" in out.getvalue()) is terminal
        assert terminal or out.getvalue() == ""
