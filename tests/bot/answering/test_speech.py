"""Who says it: sentences that we wrote, and every sentence of the sample articles."""

from __future__ import annotations

import pytest

from bot.answering.speech import Speaker, attributed, said_by, speaker_of
from bot.app import Kiosque
from retrieval.segmentation import sentences


def speaker(text: str, sentence: str) -> str | None:
    """Who says the sentence of a text that begins so."""
    start = text.index(sentence)
    span = next(one for one in sentences(text) if one.start <= start < one.end)
    found = speaker_of(text, span)
    return found.name if found else None


ALONE = [
    # after the words
    ("« Le pont tiendra », a déclaré Ana Lys.", "Ana Lys"),
    ("«Le pont tiendra», a aussi assuré mardi la ministre Ana Lys.", "Ana Lys"),
    ("Le pont tiendra, a de son côté promis le maire, Jo Marec.", "Jo Marec"),
    ('"Le pont tiendra", assure le maire de Brume, Jo Marec, devant la presse.', "Jo Marec"),
    ("Le pont tiendra, a précisé la préfecture.", "la préfecture"),
    ("Le pont tiendra, a indiqué l'AFP.", "l'AFP"),
    ("« Le pont tiendra ! » s'est exclamée Ana Lys.", "Ana Lys"),
    ("Le pont tiendra, selon une source proche du dossier.", "une source proche du dossier"),
    ("Le pont tiendra, d'après Ana Lys.", "Ana Lys"),
    ('"The bridge will hold," said Ana Lys, an engineer.', "Ana Lys"),
    ("The bridge will hold, according to Ana Lys.", "Ana Lys"),
    # before them
    ("Ana Lys a assuré mardi, devant les élus, que le pont tiendrait.", "Ana Lys"),
    ("Ana Lys, maire de Brume, a ainsi rappelé qu'il tiendrait.", "Ana Lys"),
    ("La maire de Brume, Ana Lys, fait valoir que le pont tient.", "Ana Lys"),
    ("Selon Ana Lys, le pont tiendra.", "Ana Lys"),
    ("Pour l'ingénieure Ana Lys, le pont tiendra.", "Ana Lys"),
    ("Le parquet a annoncé une enquête.", "le parquet"),
    ("Ana Lys explique : « Le pont tiendra. »", "Ana Lys"),
    ("Jo Marec rassure les riverains, le pont est «inébranlable».", "Jo Marec"),
    ("Le devis est jugé «absurde» par Jo Marec.", "Jo Marec"),
    ("Ana Lys said the bridge would hold.", "Ana Lys"),
    # without a name
    (
        "Interrogé hier, un responsable de la région a assuré sous couvert d'anonymat que non.",
        "un responsable de la région",
    ),
    # the article itself
    ("Le pont a rouvert lundi.", None),
    ("Les bateaux passent sous le «Grand Pont».", None),
    ("Ana Lys, qui avait dit que le pont tiendrait, est partie.", None),
    ("Ana Lys n'a pas dit que le pont tiendrait.", None),
    ("Nous avons écrit que le pont avait tenu.", None),
    ("La mairie devrait annoncer la fin des travaux.", None),
    ("C'est la demande que la région a reçue.", None),
    ("Le pont tiendra selon les cas.", None),
    ("«Menaces sur le pont»", None),
]


@pytest.mark.parametrize(("sentence", "name"), ALONE, ids=[row[0] for row in ALONE])
def test_who_a_sentence_says_is_speaking(sentence: str, name: str | None) -> None:
    """A verb of saying, "selon" or a quotation names who speaks; without them nobody does."""
    assert speaker(sentence, sentence[:10]) == name


TOGETHER = [
    ("Ana Lys a assuré que le pont tiendrait.\n\n« Il tiendra », a-t-elle ajouté.", "« Il"),
    ("Ana Lys arrive la première. « Il tiendra », dit-elle.", "« Il"),
    ("Ana Lys arrive. Le pont dort. Il rouvre à midi. « Il tiendra », glisse-t-elle.", "« Il"),
    ("« Il tient. Il tiendra. Et nous aussi, longtemps », a dit Ana Lys.", "« Il tient."),
    ("Ana Lys raconte : « Il tient. Il tiendra longtemps. »", "« Il tient."),
    ("« Il tient bon, a dit Ana Lys.\n\nIl tiendra encore dix ans. »", "Il tiendra"),
    ("« Le pont de Brume tiendra encore dix ans. »\nAna Lys\nIngénieure en chef", "« Le"),
    ("« Le pont de Brume tiendra encore dix ans. »\n— Ana Lys, ingénieure", "« Le"),
    ("Ana Lys a tout vu. Mme Lys assure que le pont tiendra.", "Mme"),
    (
        "Le maire, Ana Lys, est venue. Jo dort. Le maire a assuré que le pont tiendrait.",
        "Le maire a",
    ),
    ("« Il tient », a dit Ana Lys. « Il tiendra encore dix ans au moins. »", "« Il tiendra"),
]


@pytest.mark.parametrize(("text", "sentence"), TOGETHER, ids=[row[0] for row in TOGETHER])
def test_who_speaks_is_read_from_what_stands_around(text: str, sentence: str) -> None:
    """Pronouns, offices, long quotations and signatures lead to the name that is near."""
    assert speaker(text, sentence) == "Ana Lys"


def test_a_pronoun_agrees_with_who_it_stands_for() -> None:
    """ "dit-il" is not the prefecture that spoke in between."""
    text = (
        "« La sirène a sonné », s'indigne le maire, Jo Marec. La préfecture reconnaît «une panne». "
        "Un voisin, dit-il, a frappé aux portes."
    )
    assert speaker(text, "Un voisin") == "Jo Marec"


def test_he_is_not_the_paper_that_quotes_him() -> None:
    """A paper reports, a person speaks; and an office of the other gender is somebody else."""
    text = (
        "Le maire de Brume, Jo Marec, a vu le pont. Il tient, rapporte Le Courrier. "
        "« Il tiendra », assure-t-il. Une enquête est ouverte, a précisé la procureure."
    )
    assert speaker(text, "« Il tiendra") == "Jo Marec"
    assert speaker(text, "Une enquête") == "la procureure"


def test_who_is_not_named_is_anonymous() -> None:
    """A source, somebody "sous couvert d'anonymat": their role stands for a name."""
    text = "Le pont tiendra, selon une source diplomatique. «Et le tunnel aussi», a-t-elle dit."
    for span in sentences(text):
        assert speaker_of(text, span) == Speaker("une source diplomatique", anonymous=True)


IN_THE_SAMPLES = {
    "aviron-huit-mirvolle.txt": {
        "« Je leur ai": "Zoé Tanguy",
        "« Là-bas": "Yann Fabreguettes",
    },
    "chu-nouvelle-directrice.txt": {
        "« C'est là": "Nadège Oriol",
        "Un nouveau bâtiment": "Nadège Oriol",
        "« J'ai trop": "Nadège Oriol",
        "« Elle nous": "Lucas Berthomé",
        "M. Tessandier, lui": "Marc Tessandier",
    },
    "chu-urgences-hiver.txt": {
        "« Quatre heures": "Marc Tessandier",
        "Faux, rétorque": "le syndicat Santé solidaire",
        "Une infirmière": "une infirmière",
        "Selon une source": "une source proche de la direction",
        "En attendant, la direction": "la direction",
    },
    "crue-mirvolle.txt": {
        "La rivière est": "la préfecture",
        "«La sirène": "Jean-Baptiste Orsel",
        "La préfecture reconnaît": "la préfecture",
        "Un voisin": "Jean-Baptiste Orsel",
        "«On a six mois": "Mireille Cazenave",
        "Le gouvernement": "une source préfectorale",
        "Pour l'hydrologue": "Farid Messaoudi",
    },
    "exercice-grand-ressac.txt": {
        "Quelque 3.200": "Ingrid Solbakken",
        "«Le jour où": "Ingrid Solbakken",
        "«Le plus dur": "Malo",
        "L'indemnité": "Ronan Kervarec",
        "Un officier": "un officier français",
    },
    "faussaire-cartes-marines.md": {
        "« Les azurants": "Agathe Lemarrec",
        "« Je voulais que les gens rêvent »": "Armand Quillivic",
        "« Je voulais que les gens rêvent. Mes": "Armand Quillivic",
        "Le procureur": "Thibault Maurin",
        "L’avocate du condamné": "Solène Guerrand",
    },
    "ferry-ballycarrick.txt": {
        '"Hauliers': "Fiona Delahunt",
        "Freight fills": "Fiona Delahunt",
        "The association": "Rade Propre",
        "Ponant Lines replies": "Ponant Lines",
    },
    "festival-marionnettes.txt": {
        "Le festival a": "les organisateurs",
        "« Après deux": "Paulin Achard",
        "« Nous couperons": "Paulin Achard",
    },
    "festival-rectificatif.txt": {
        "L’erreur vient": "Bénédicte Hourcade",
        "« Un informaticien": "Bénédicte Hourcade",
        "L’association assure": "l’association",
    },
    "fonderie-marceau-scop.txt": {
        "« Nous n’avons": "Aïcha Benameur",
        "« J’ai 59": "Gérard Pons",
    },
    "lichen-murets-aurel.txt": {
        "« Nous avons d’abord": "Inès Maldonnat",
        "L’historien Pascal": "Pascal Thévenin",
        "L’objection est": "Inès Maldonnat",
        "« Vieux ou": "l’un d’eux",
    },
    "mediatheque-livre-rendu.txt": {
        "Le carnet de prêt": "le carnet de prêt",
        "« Les pénalités": "Théo Vasseur",
        "« J’ai voté": "Bruno Delteil",
        "Hugo a demandé": "Hugo",
    },
    "tramway-t2-retard.html": {
        "La métropole": "la métropole de Vaubrelles",
        "« On n'a pas": "Rachid Ouali",
        "« Qui paiera": "Bruno Delteil",
        "« Un retard": "Hélène Castagnet",
        "Pour Bruno": "Bruno Delteil",
        "« En 2016": "Bruno Delteil",
    },
    "tramway-t2-vote.txt": {
        "« Une ville": "Hélène Castagnet",
        "« On nous": "Bruno Delteil",
        "« Mon père": "Odile Garrec",
    },
}


def test_every_sentence_of_the_sample_articles_has_its_speaker(app: Kiosque) -> None:
    """What is reported has the speaker that a reader finds; the rest is the article's own."""
    wrong = []
    for entry in app.reader.entries():
        article = app.reader.article(entry.id)
        expected = IN_THE_SAMPLES[article.source.rpartition("/")[2]]
        for span in sentences(article.text):
            text = article.text[span.start : span.end].replace("\u00a0", " ").replace("\u202f", " ")
            wanted = next((name for head, name in expected.items() if text.startswith(head)), None)
            found = speaker_of(article.text, span)
            if (found.name if found else None) != wanted:
                wrong.append((text, wanted, found))
    assert wrong == []


def test_only_a_speaker_that_is_not_named_is_said() -> None:
    """A sentence that names its speaker is shown as it is; a pronoun or an office names nobody."""
    text = (
        "« Le pont tiendra », a dit Ana Lys. « Le tunnel aussi », a-t-elle ajouté. Le pont a "
        "rouvert."
    )
    named, pronoun, own = sentences(text)
    assert said_by(text, named) is None
    assert said_by(text, pronoun) == Speaker("Ana Lys")
    assert said_by(text, own) is None


LYS = Speaker("Ana Lys")
SOURCE = Speaker("une source diplomatique", anonymous=True)
ATTRIBUTED = [
    ("Le pont tiendra.", LYS, "fr", "Selon Ana Lys, le pont tiendra."),
    ("L'OTAN reste.", LYS, "fr", "Selon Ana Lys, l'OTAN reste."),
    ("OTAN et UE restent.", LYS, "fr", "Selon Ana Lys, OTAN et UE restent."),
    ("Brume reste.", LYS, "fr", "Selon Ana Lys, Brume reste."),
    ("Le pont tiendra.", SOURCE, "fr", "Selon une source diplomatique, le pont tiendra."),
    ("The bridge will hold.", LYS, "en", "According to Ana Lys, the bridge will hold."),
    ("Mme Lys dit que le pont tiendra.", LYS, "fr", None),
    ("Le pont tiendra, selon elle.", LYS, "fr", None),
    ("Le pont tiendra, a assuré la maire.", LYS, "fr", None),
    ("Le pont tiendra, selon une source.", SOURCE, "fr", None),
]


@pytest.mark.parametrize(("statement", "who", "language", "said"), ATTRIBUTED)
def test_a_statement_says_who_said_it(
    statement: str, who: Speaker, language: str, said: str | None
) -> None:
    """Once, and with a capital only where a name begins; one that says so already is unchanged."""
    assert attributed(statement, who, language) == (said or statement)


def test_speaker_of_a_letter_or_of_none() -> None:
    """A name of one letter is looked for as it is; one without letters is never missed."""
    assert attributed("L'usine ferme.", Speaker("X"), "fr") == "Selon X, l'usine ferme."
    assert attributed("L'usine ferme, selon X.", Speaker("X"), "fr") == "L'usine ferme, selon X."
    assert attributed("L'usine ferme.", Speaker("…"), "fr") == "L'usine ferme."
