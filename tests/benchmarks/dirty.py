"""Measure cleaning on a dirty export: what is left of the page, and what is lost of the text.

    python -m tests.benchmarks.dirty

An export as newsrooms have them is made of the sample articles: line ends became two spaces or
tags, forms and menus stand between paragraphs, credits and links stick to sentences. It is read
as any export is, and cut into passages. The making is deterministic; the words of the page are
ours, after what French sites say.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.data import path as data_path
from retrieval.reading import load_rules, read
from retrieval.segmentation import segment
from retrieval.vocabulary import Draft
from tests.benchmarks.common import Setup

TITLE = "A dirty export"
ARTICLES = Path(__file__).parents[1] / "data" / "articles"
_LIMIT_BYTES = 50_000_000
_TODAY = date(2026, 1, 1)
_COPIES = 40  # of each article, each dirty in another way
_SEED = 11
_WORD = re.compile(r"\w+")

# Own lines of a page: forms, menus, links, buttons. {t} is a title, {n} a name, {c} a town.
FURNITURE = (
    "Votre adresse email n'est pas valide",
    "Votre adresse e-mail",
    "Votre adresse e-mail ne sera pas publiée.",
    "Adresse e-mail *",
    "Mot de passe oublié ?",
    "* Champs obligatoires",
    "En cliquant sur s'inscrire, vous acceptez de recevoir les lettres de notre journal.",
    "En vous inscrivant, vous acceptez nos conditions générales d'utilisation.",
    "Vous pouvez vous désinscrire à tout moment.",
    "Merci pour votre inscription !",
    "Veuillez saisir une adresse e-mail valide.",
    "Nous utilisons des cookies pour améliorer votre expérience.",
    "Inscrivez-vous à notre newsletter",
    "Recevez chaque matin les nouvelles de {c} dans notre newsletter",
    "S'inscrire",
    "S'abonner",
    "Se connecter",
    "Déjà abonné ? Connectez-vous",
    "Article réservé aux abonnés",
    "Il vous reste 75% de cet article à lire.",
    "Accueil",
    "Accueil > Politique > {c}",
    "Accueil / Culture",
    "Aller au contenu principal",
    "Menu",
    "Rechercher",
    "Mon compte",
    "Mentions légales",
    "Partager sur Facebook",
    "Partager sur WhatsApp",
    "Partager",
    "Copier le lien",
    "Imprimer l'article",
    "Offrir cet article",
    "Temps de lecture : 3 min",
    "12 commentaires",
    "Laisser un commentaire",
    "Publicité",
    "La suite après cette publicité",
    "À lire aussi : {t}",
    "Lire aussi {t}",
    "À LIRE AUSSI",
    "Lire aussi : {t}",
    "Sur le même sujet",
    "Les plus lus",
    "Photo : {n}",
    "Photo {n}, Le Veilleur",
    "© {n} / Le Veilleur",
    "© Le Veilleur",
    "Crédit photo : {n}",
    "Photo d'illustration",
    "Tous droits réservés",
)
# What sticks to the end of a paragraph.
TAILS = (
    " © {n}",
    "© Le Veilleur",
    " (Photo {n})",
    " (photo : {n} / Le Veilleur)",
    " Crédit photo : {n}",
    " Photo : {n}",
    " Lire aussi : {t}",
    " (Lire aussi : {t})",
    " À lire également : {t}",
)
# Sentences of articles in the words of a page: none may be lost.
INNOCENTS = (
    "Photos : le musée de {c} expose trois cents clichés.",
    "Votre adresse en dit long, selon le maire de {c}.",
    "Partager le pouvoir : {n} y croit.",
    "Inscrivez-vous pour la course du 3 mai, demande la mairie de {c}.",
    "La publicité sera interdite à {c}.",
    "En cliquant sur la photo, le voleur s'est trahi.",
    "Le crédit photovoltaïque a doublé à {c}.",
    "Lire aussi Proust, voilà le conseil de {n}.",
    "Le menu de la cantine de {c} change lundi.",
)
_TOWNS = ("Royec", "Brévenne", "Montcornet", "Lestiac", "Fresnoy")
_NAMES = ("Odile Marchandeau", "Yann Le Goazec", "Thomas Delcourt", "Ève Morin", "A. Roussel")
_TITLES = (
    "Le bac de Fresnoy est en panne",
    "La halle aux grains ferme dix-huit mois",
    "« Nous tiendrons », promet la maire de Royec",
    "Pourquoi le canal déborde",
)
_ENDS = ("  ", "  ", "   ", "</p><p>", "<br />", "\u00a0 ", "\n", "<p>")


@dataclass(frozen=True, slots=True)
class Dirty:
    """A dirty article: its text, what of it is the page's, and what is the article's."""

    title: str
    text: str
    page: tuple[str, ...]
    article: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading left.

    Args:
        passages: of all articles.
        soiled: of these hold something of the page.
        words: of the articles.
        lost: of these are in no text that was read.
        left: what of the page was left, the most frequent first.
    """

    passages: int
    soiled: int
    words: int
    lost: int
    left: tuple[tuple[str, int], ...]


def make_dirty(title: str, paragraphs: Sequence[str], rng: random.Random) -> Dirty:
    """An article as a bad export has it.

    Args:
        title: it stands first, as a heading without a full stop.
        paragraphs: its clean text.
        rng: decides what is put where.
    """
    page: list[str] = []
    kept = [title, *paragraphs]
    parts = [title]
    for paragraph in paragraphs:
        text = paragraph
        if rng.random() < 0.3:
            innocent = _filled(rng.choice(INNOCENTS), rng)
            kept.append(innocent)
            text = f"{text} {innocent}"
        if rng.random() < 0.35 and text.endswith("."):
            tail = _filled(rng.choice(TAILS), rng)
            page.append(tail.strip())
            text += tail
        parts.append(text)
        while rng.random() < 0.5:
            page.append(_filled(rng.choice(FURNITURE), rng))
            parts.append(page[-1])
    text = parts[0] + "".join(rng.choice(_ENDS) + part for part in parts[1:])
    return Dirty(title, text, tuple(page), tuple(kept))


def measure(articles: Sequence[Dirty], folder: Path) -> Outcome:
    """Read dirty articles from an export in a folder, and look at the passages."""
    export = folder / "export.jsonl"
    rows = (
        {"id": str(at), "title": dirty.title, "text": dirty.text, "date": "2018-05-04"}
        for at, dirty in enumerate(articles)
    )
    export.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    rules = load_rules(data_path("cleaning.toml"))
    found = [
        draft
        for draft in read(export, export.name, rules, _LIMIT_BYTES, _TODAY)
        if isinstance(draft, Draft)
    ]
    if len(found) != len(articles):
        raise ValueError(f"{len(found)} of {len(articles)} articles were read")
    passages = soiled = words = lost = 0
    left: Counter[str] = Counter()
    for draft, dirty in zip(found, articles, strict=True):
        cut = [draft.text[span.start : span.end] for span in segment(draft.text)]
        seen = [set(_left_in(passage, dirty)) for passage in cut]
        passages, soiled = passages + len(cut), soiled + sum(map(bool, seen))
        left.update(piece for pieces in seen for piece in pieces)
        wanted = Counter(_WORD.findall(" ".join(dirty.article)))
        words += wanted.total()
        lost += (wanted - Counter(_WORD.findall(draft.text))).total()
    return Outcome(passages, soiled, words, lost, tuple(left.most_common(8)))


def dirty_articles(copies: int = _COPIES, seed: int = _SEED) -> list[Dirty]:
    """The sample articles, each so many times, each time dirty in another way."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret: the same export each time
    clean = list(_clean())
    return [
        make_dirty(title, paragraphs, rng) for _ in range(copies) for title, paragraphs in clean
    ]


def _clean() -> Iterator[tuple[str, list[str]]]:
    rules = load_rules(data_path("cleaning.toml"))
    for file in sorted(ARTICLES.glob("*.txt")):
        for draft in read(file, file.name, rules, _LIMIT_BYTES, _TODAY):
            if isinstance(draft, Draft):
                lines = [line for line in draft.text.split("\n") if line]
                yield draft.title, [line for line in lines if line != draft.title]


def _filled(template: str, rng: random.Random) -> str:
    return template.format(t=rng.choice(_TITLES), n=rng.choice(_NAMES), c=rng.choice(_TOWNS))


def _left_in(passage: str, dirty: Dirty) -> Iterator[str]:
    """What of the page a passage holds, as a line or behind a sentence of its own."""
    real = " ".join(dirty.article)
    return (piece for piece in dirty.page if piece in passage and piece not in real)


def report(setup: Setup | None = None) -> str:
    """The section of ``results.md``."""
    del setup  # the sample articles are in the repository
    articles = dirty_articles()
    with tempfile.TemporaryDirectory() as folder:
        outcome = measure(articles, Path(folder))
    left = "; ".join(f"{piece} ({count})" for piece, count in outcome.left) or "nothing"
    return (
        f"{len(articles)} dirty articles of {len(articles) // _COPIES} clean ones.\n\n"
        "| | |\n|---|---|\n"
        f"| passages that hold form labels, credits, menu text | "
        f"{outcome.soiled} of {outcome.passages} "
        f"({100 * outcome.soiled / outcome.passages:.2f} %) |\n"
        f"| words of the articles lost | {outcome.lost} of {outcome.words} "
        f"({100 * outcome.lost / outcome.words:.3f} %) |\n"
        f"| left most often | {left} |\n"
    )


if __name__ == "__main__":
    print(report())
