"""Measure cleaning on a dirty export: what is left of the page, and what is lost of the text.

    python -m tests.benchmarks.dirty

An export as newsrooms have them is made of the sample articles: line ends became two spaces or
tags, forms and menus stand between paragraphs, credits and links stick to sentences. It is read
as any export is, and cut into passages. The making is deterministic; the words of the page are
ours, after what French sites say.

The built-in rules were written with the first wording in view. The second was written after them;
two faults that it showed were mended (particles in names, full stops of abbreviations), and no
words were taken from it: it shows what they do for a newspaper that they do not know, and what
``kiosque boilerplate`` adds when somebody accepts those proposals that are of the page.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.data import path as data_path
from retrieval.reading import CleaningRules, clean, load_rules, read
from retrieval.reading.text.boilerplate import Boilerplate, BoilerplateLimits, Proposal
from retrieval.reading.text.cleaning import rules_from
from retrieval.text.segmentation import segment
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
# The same of another newspaper, in words that no rule was written for.
_OTHER_FURNITURE = (
    "Vos coordonnées restent confidentielles.",
    "Indiquez ici votre courriel",
    "Le format du courriel saisi est incorrect",
    "Choisissez un mot secret d'au moins huit signes",
    "Renseignez les cases suivies d'une étoile",
    "Je reçois la lettre du matin",
    "La lettre de la Vigie, chaque dimanche chez vous",
    "Cessez de la recevoir quand bon vous semble.",
    "Ce portail dépose des traceurs sur votre appareil.",
    "Tout refuser sauf l'essentiel",
    "Une",
    "Pays de {c}",
    "Sorties et loisirs",
    "Avis de décès",
    "Petites annonces",
    "La Vigie en ligne",
    "Retour au sommaire",
    "Archives et numéros anciens",
    "Qui sommes-nous ?",
    "Faites suivre à un ami",
    "Grossir le texte",
    "Écouter la lecture audio de ce papier",
    "Ajouter à mes lectures",
    "Lecteurs : 12 ont donné leur avis",
    "Donnez votre avis, il sera relu avant mise en ligne",
    "La réclame finance notre travail",
    "Texte réservé à nos souscripteurs",
    "Dès 2 euros la semaine, lisez tout",
    "Dans le même rayon : {t}",
    "On en parlait déjà : {t}",
    "Pour aller plus loin, {t}",
    "Cliché de {n}",
    "Vue prise par {n}",
    "Reportage photographique La Vigie / {n}",
    "Reproduction interdite sans accord de la Vigie",
    "Entretien conduit par {n}",
)
_OTHER_TAILS = (
    " Cliché La Vigie / {n}",
    " Cliché La Vigie – {n}",
    " Vue prise par {n}",
    " Doc. La Vigie",
    " [Image transmise par {n}]",
    " Photo La Vigie / {n}",
    " Ph. {n}",
    " On en parlait déjà : {t}",
    " Entretien conduit par {n}.",
    " LV/{n}",
)
_OTHER_INNOCENTS = (
    "Un cliché de {n} orne la mairie de {c}.",
    "La vue prise par {n} en 1950 sera vendue.",
    "Petites annonces : le tableau de la halle de {c} affiche complet.",
    "Pays de {c} : la fusion est votée.",
    "La Vigie, un bateau de {c}, a coulé.",
    "L'entretien conduit par {n} devant les élèves a duré deux heures.",
    "Une lettre du matin est partie de {c}.",
    "Photo de classe à {c} : {n} s'est reconnu.",
    "{n} avait donné son avis.",
)
_GIVEN = ("Rose", "Ewen", "Lucien", "Fanny", "Jean-Marc", "Inès", "Paul", "Zoé")
_FAMILY = ("Daubray", "Le Corvec", "Maillard", "de Brosse", "Kerloc'h", "TISSIER", "Aubin-Roy")
_TOWNS = ("Royec", "Brévenne", "Montcornet", "Lestiac", "Fresnoy")
_NAMES = ("Odile Marchandeau", "Yann Le Goazec", "Thomas Delcourt", "Ève Morin", "A. Roussel")
_TITLES = (
    "Le bac de Fresnoy est en panne",
    "La halle aux grains ferme dix-huit mois",
    "« Nous tiendrons », promet la maire de Royec",
    "Pourquoi le canal déborde",
)
_NAME_LISTS = (_NAMES, tuple(f"{one} {other}" for one in _GIVEN for other in _FAMILY))
_ENDS = ("  ", "  ", "   ", "</p><p>", "<br />", "\u00a0 ", "\n", "<p>")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a newspaper says what is not news.

    Args:
        outlet: the newspaper; ``None`` when the export does not say.
        furniture: lines of their own.
        tails: what sticks to paragraphs.
        innocents: sentences of articles in such words.
        names: of the people of credits.
    """

    outlet: str | None
    furniture: tuple[str, ...]
    tails: tuple[str, ...]
    innocents: tuple[str, ...]
    names: tuple[str, ...]

    def fill(self, template: str, rng: random.Random) -> str:
        """A template with a title, a name and a town."""
        return template.format(
            t=rng.choice(_TITLES), n=rng.choice(self.names), c=rng.choice(_TOWNS)
        )


KNOWN = Wording(None, FURNITURE, TAILS, INNOCENTS, _NAME_LISTS[0])
UNSEEN = Wording("La Vigie", _OTHER_FURNITURE, _OTHER_TAILS, _OTHER_INNOCENTS, _NAME_LISTS[1])


@dataclass(frozen=True, slots=True)
class Dirty:
    """A dirty article: its text, what of it is the page's, and what is the article's."""

    title: str
    text: str
    page: tuple[str, ...]
    article: tuple[str, ...]
    outlet: str | None = None


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


def make_dirty(
    title: str, paragraphs: Sequence[str], rng: random.Random, wording: Wording = KNOWN
) -> Dirty:
    """An article as a bad export has it.

    Args:
        title: it stands first, as a heading without a full stop.
        paragraphs: its clean text.
        rng: decides what is put where.
        wording: what is put there.
    """
    page: list[str] = []
    kept = [title, *paragraphs]
    parts = [title]
    for paragraph in paragraphs:
        text = paragraph
        if rng.random() < 0.3:
            innocent = wording.fill(rng.choice(wording.innocents), rng)
            kept.append(innocent)
            text = f"{text} {innocent}"
        if rng.random() < 0.35 and text.endswith("."):
            tail = wording.fill(rng.choice(wording.tails), rng)
            page.append(tail.strip())
            text += tail
        parts.append(text)
        while rng.random() < 0.5:
            page.append(wording.fill(rng.choice(wording.furniture), rng))
            parts.append(page[-1])
    text = parts[0] + "".join(rng.choice(_ENDS) + part for part in parts[1:])
    return Dirty(title, text, tuple(page), tuple(kept), wording.outlet)


def measure(articles: Sequence[Dirty], folder: Path, rules: CleaningRules | None = None) -> Outcome:
    """Read dirty articles from an export in a folder, and look at the passages.

    Args:
        articles: at least one.
        folder: for the export.
        rules: of cleaning; none: the built-in ones.
    """
    found = _read(articles, folder, rules or load_rules(data_path("reading/cleaning.toml")))
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


def _read(articles: Sequence[Dirty], folder: Path, rules: CleaningRules) -> list[Draft]:
    export = folder / "export.jsonl"
    rows = (
        {"id": str(at), "title": dirty.title, "text": dirty.text, "date": "2018-05-04"}
        | ({"outlet": dirty.outlet} if dirty.outlet else {})
        for at, dirty in enumerate(articles)
    )
    export.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    found = [
        draft
        for draft in read(export, export.name, rules, _LIMIT_BYTES, _TODAY)
        if isinstance(draft, Draft)
    ]
    if len(found) != len(articles):
        raise ValueError(f"{len(found)} of {len(articles)} articles were read")
    return found


def accepted_rules(articles: Sequence[Dirty], folder: Path) -> tuple[CleaningRules, int]:
    """The built-in rules and those proposals that are of the page, and how many these are.

    Whoever accepts them knows the newspaper: a proposal is refused if it is not of the page, or if
    its rule takes something out of an article.
    """
    table = tomllib.loads(data_path("reading/cleaning.toml").read_text(encoding="utf-8"))
    counted = Boilerplate(BoilerplateLimits())
    for draft in _read(articles, folder, rules_from(table)):
        counted.add(draft)
    page = "\n".join({piece for dirty in articles for piece in dirty.page})
    parts = sorted({part for dirty in articles for part in dirty.article})
    taken = [
        rule
        for each in counted.proposals()
        if each.text.removesuffix(" …") in page and _spares(rule := _rule(each), parts)
    ]
    return rules_from({**table, "rule": [*taken, *table["rule"]]}), len(taken)


def _rule(proposal: Proposal) -> dict[str, str]:
    return {
        "name": proposal.text,
        "kind": proposal.kind,
        "pattern": proposal.pattern,
        "why": "accepted",
    }


def _spares(rule: dict[str, str], parts: Sequence[str]) -> bool:
    """Whether a rule takes nothing out of the paragraphs of articles."""
    rules = rules_from({"rule": [rule]})
    return not any(clean(part, "", rules).removed for part in parts)


def dirty_articles(
    copies: int = _COPIES, seed: int = _SEED, wording: Wording = KNOWN
) -> list[Dirty]:
    """The sample articles, each so many times, each time dirty in another way."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret: the same export each time
    clean = list(_clean())
    return [
        make_dirty(title, paragraphs, rng, wording)
        for _ in range(copies)
        for title, paragraphs in clean
    ]


def _clean() -> Iterator[tuple[str, list[str]]]:
    rules = load_rules(data_path("reading/cleaning.toml"))
    for file in sorted(ARTICLES.glob("*.txt")):
        for draft in read(file, file.name, rules, _LIMIT_BYTES, _TODAY):
            if isinstance(draft, Draft):
                lines = [line for line in draft.text.split("\n") if line]
                yield draft.title, [line for line in lines if line != draft.title]


def _left_in(passage: str, dirty: Dirty) -> Iterator[str]:
    """What of the page a passage holds, as a line or behind a sentence of its own."""
    real = " ".join(dirty.article)
    return (piece for piece in dirty.page if piece in passage and piece not in real)


def report(setup: Setup | None = None) -> str:
    """The section of ``results.md``."""
    del setup  # the sample articles are in the repository
    known, unseen = dirty_articles(), dirty_articles(wording=UNSEEN)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rules, count = accepted_rules(unseen, place)
        outcomes = (measure(known, place), measure(unseen, place), measure(unseen, place, rules))
    return (
        f"{len(known)} dirty articles of {len(known) // _COPIES} clean ones, in each wording. "
        f"{count} proposals of `kiosque boilerplate` were accepted.\n\n"
        "| | known wording | unseen wording | unseen, with the accepted proposals |\n"
        "|---|---|---|---|\n"
        f"| passages that hold form labels, credits, menu text | {_cells(outcomes, _soiled)} |\n"
        f"| words of the articles lost | {_cells(outcomes, _lost)} |\n"
        f"| left most often | {_cells(outcomes, _left)} |\n"
    )


def _cells(outcomes: Sequence[Outcome], cell: Callable[[Outcome], str]) -> str:
    return " | ".join(map(cell, outcomes))


def _soiled(outcome: Outcome) -> str:
    share = 100 * outcome.soiled / outcome.passages
    return f"{outcome.soiled} of {outcome.passages} ({share:.2f} %)"


def _lost(outcome: Outcome) -> str:
    return f"{outcome.lost} of {outcome.words} ({100 * outcome.lost / outcome.words:.3f} %)"


def _left(outcome: Outcome) -> str:
    return "; ".join(f"{piece} ({count})" for piece, count in outcome.left) or "nothing"


if __name__ == "__main__":
    print(report())
